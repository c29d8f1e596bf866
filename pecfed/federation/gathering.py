"""What Create, Update, Announce, Add and reconciling share: keeping a member's object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.content import from_data
from pecfed.domain.uris import same_origin, site_of
from pecfed.errors import RefusedError
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS, read
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri
from pecfed.services import gather, setup
from pecfed.settings import Settings
from pecfed.store import members
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

UNKNOWN_KIND = "no kind that we keep"
"""What is said of an object that no directory lists; a working group may pass it on."""


def keep_effect(
    node: Node,
    document: Mapping[str, Any],
    actor_uri: str,
    *,
    announce: bool = True,
    created: bool = False,
) -> Effect | str:
    """The effect that keeps an object of that member, or why there is none."""
    try:
        found = read(document, actor_uri)
    except RefusedError as error:
        return error.message
    if found is None:
        return UNKNOWN_KIND

    async def effect(session: Session) -> str:
        hub = await setup.the_hub(session)
        return await gather.keep(
            session,
            node.uris,
            hub,
            uri=found.uri,
            actor_uri=found.actor_uri,
            content=found.content,
            url=found.url,
            published_at=found.published_at,
            updated_at=found.updated_at,
            policy=node.settings.announce,
            per_hour=node.settings.announce_per_hour,
            announce=announce,
            created=created,
        )

    return effect


async def keep_object(node: Node, received: Received) -> Effect | str:
    """Keep what a member created or corrected: as embedded, else as its origin serves it.

    Raises:
        FetchError: it is given by its id alone, and its origin can't be read.
    """
    if not node.settings.is_hub:
        return "no hub"
    if not same_origin(received.object_uri, received.actor_uri):
        return "not its sender's"
    document = received.inner or await node.fetcher.document(received.object_uri)
    return keep_effect(node, document, received.actor_uri, created=received.type == "Create")


async def keep_hinted(node: Node, received: Received) -> Effect | str:
    """Keep what somebody points at, as its origin serves it, if its author is a member.

    A copy that came along is not looked at.

    Raises:
        FetchError: its origin can't be read.
    """
    if not node.settings.is_hub:
        return "no hub"
    if node.uris.is_ours(received.object_uri):
        return "our own"
    # what no member can have written is not asked for: a member could send us to anybody
    host = f"{site_of(received.object_uri)}/"
    if not await node.database.read(lambda session: members.any_at(session, host)):
        return "not a member's"
    document = await node.fetcher.document(received.object_uri)
    return keep_effect(node, document, as_uri(document.get("attributedTo")), announce=False)


def main_language(actor: LocalActor, settings: Settings) -> str:
    """The language an actor writes in where it has the choice: its own first one, else the node's.

    An object that isn't written in it has another: what is announced is what was written.
    """
    return next(iter(actor.profile.languages), settings.language)


def written(activity: Activity, actor: LocalActor, settings: Settings) -> tuple[str, Document]:
    """The kind and the wire form of the object in a Create or Update intent of ours.

    A statement keeps its own `@context`: it gets a proof of its own, and stands by itself.
    """
    intent = activity.intent
    kind = intent["kind"]
    document = KINDS[kind].to_wire(
        from_data(kind, intent["data"]),
        activity.object_uri,
        actor.uri,
        intent["published"],
        intent["updated"],
        main_language(actor, settings),
    )
    alone = document if kind == "statement" else envelope.inner(document)
    return kind, envelope.address(alone, intent.get("groups", ()))
