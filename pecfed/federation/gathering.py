"""What Create, Update, Announce, Add and reconciling share: keeping a member's object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.content import from_data
from pecfed.errors import RefusedError
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS, read
from pecfed.federation.received import Effect
from pecfed.language.wire import Document
from pecfed.services import gather, setup
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


def keep_effect(
    node: Node, document: Mapping[str, Any], actor_uri: str, *, announce: bool = True
) -> Effect | str:
    """The effect that keeps an object of that member, or why there is none."""
    try:
        found = read(document, actor_uri)
    except RefusedError as error:
        return error.message
    if found is None:
        return "no kind that we keep"

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
            announce=announce,
        )

    return effect


def written(activity: Activity, actor: LocalActor, settings: Settings) -> tuple[str, Document]:
    """The kind and the wire form of the object in a Create or Update intent of ours."""
    intent = activity.intent
    kind = intent["kind"]
    document = KINDS[kind].to_wire(
        from_data(kind, intent["data"]),
        activity.object_uri,
        actor.uri,
        intent["published"],
        intent["updated"],
        settings.language,
    )
    return kind, envelope.inner(document)
