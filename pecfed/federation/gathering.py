"""What Create, Update, Announce, Add and reconciling share: keeping a member's object."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pecfed.domain.article import Article
from pecfed.domain.content import from_data
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.statement import Statement
from pecfed.domain.uris import same_origin, site_of
from pecfed.errors import FetchError, RefusedError
from pecfed.federation import endorsing, envelope, evidence
from pecfed.federation.foreign import authors, has_tag, plain_type
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS, article, read
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri, type_of
from pecfed.services import endorse, gather, setup
from pecfed.settings import Settings
from pecfed.store import members, objects, remotes
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

ALONE = frozenset({"statement", "endorsement", "attestation", "label"})
"""Kinds that are proved by themselves, inside an activity too."""
UNKNOWN_KIND = "no kind that we keep"
"""What is said of an object that no directory lists; a working group may pass it on."""


def keep_effect(
    node: Node,
    document: Mapping[str, Any],
    actor_uri: str,
    *,
    announce: bool = True,
    created: bool = False,
    group: bool = False,
) -> Effect | str:
    """The effect that keeps an object of that member, or why there is none.

    What is no longer for everybody, or lost the hashtag it was listed for, is taken off.
    """
    try:
        found = read(document, actor_uri, group=group)
    except RefusedError as error:
        if error.code == "not_public":
            return _taken_off(node, document, actor_uri, error.message)
        return error.message
    if found is None:
        return UNKNOWN_KIND
    content = found.content
    if isinstance(content, Article) and content.form == "note" and not _agreed(node, document):
        return _taken_off(node, document, actor_uri, UNKNOWN_KIND)

    async def effect(session: Session) -> str:
        hub = await setup.the_hub(session)
        try:
            proven_by = await evidence.check(session, document, found)
        except evidence.UnprovenError as error:
            return str(error)
        if isinstance(content, Endorsement) and (
            why := await endorsing.why_not(session, content, found.uri)
        ):
            return why
        is_new = await objects.get(session, found.uri) is None
        came = await gather.keep(
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
        if isinstance(content, Endorsement) and is_new and came == "kept":
            await endorse.heard(session, node.settings.endorsement_days, content, found.uri)
        if isinstance(content, Statement) and came in {"kept", "known"}:
            await evidence.keep(session, document, content, found.uri, proven_by)
        return came

    return effect


async def is_for_directory(node: Node, received: Received) -> bool:
    """Whether a hub lists what a Create or Update holds, if it lists its sender: no conversation.

    A text or a note of somebody else that names us is for the operator to read.
    """
    inner = received.inner
    if any(KINDS[name].recognises(inner) for name in ("statement", "resource", "event")):
        return True
    if node.settings.is_hub and KINDS["endorsement"].recognises(inner):
        return True
    form = article.FORMS.get(plain_type(inner), "")
    if not node.settings.is_hub or not form or (form == "note" and not _agreed(node, inner)):
        return False
    sender = received.actor_uri
    return await node.database.read(lambda s: members.state_of(s, sender)) == "member"


def _agreed(node: Node, document: Mapping[str, Any]) -> bool:
    """Whether a Note is meant for the directory: it has the hashtag, and begins a thread."""
    return has_tag(document, node.settings.listen_hashtag) and not document.get("inReplyTo")


def _taken_off(node: Node, document: Mapping[str, Any], actor_uri: str, why: str) -> Effect:
    uri = as_uri(document.get("id"))

    async def effect(session: Session) -> str:
        known = await gather.missing(session, node.uris, actor_uri, uri)
        return "taken off" if known else why

    return effect


async def keep_object(node: Node, received: Received) -> Effect | str:
    """Keep what a member created or corrected: as embedded, else as its origin serves it.

    Somebody of a member's own server may speak of what is the member's (a person of
    Mobilizon for a group, an account of PeerTube for a channel): the origin is asked.

    Raises:
        FetchError: it is given by its id alone, and its origin can't be read.
    """
    if not node.settings.is_hub:
        return "no hub"
    uri, sender, inner = received.object_uri, received.actor_uri, received.inner
    if not same_origin(uri, sender):
        return "not its sender's"
    created = received.type == "Create"
    listed = await node.database.read(lambda session: members.state_of(session, sender))
    if inner and listed and sender in authors(inner):
        if statement_uri := await endorsing.is_unknown(node, inner, sender):
            await _bring(node, statement_uri)
        return keep_effect(node, inner, sender, created=created)
    if inner and not await _of_a_member(node, inner):
        return "not its sender's"
    return await ask_origin(node, uri, sender, announce=True, created=created)


async def _bring(node: Node, uri: str) -> None:
    """Read a member's statement now: somebody speaks of it as it is at its origin."""
    effect = await ask_origin(node, uri)
    if not isinstance(effect, str):
        await node.database.write(effect)


async def _of_a_member(node: Node, document: Mapping[str, Any]) -> str:
    """The first of an object's authors who is a member, or ""."""
    for uri in authors(document):
        if await node.database.read(partial(members.state_of, uri=uri)) == "member":
            return uri
    return ""


async def ask_origin(
    node: Node,
    uri: str,
    actor_uri: str = "",
    *,
    announce: bool = False,
    created: bool = False,
    group: bool = False,
) -> Effect | str:
    """Keep an object as its origin serves it now, or take off what is gone there.

    `actor_uri` is whose it should be; where it isn't, the first author who is a member.

    Raises:
        FetchError: its origin can't be read at present.
    """
    if await node.is_blocked(uri):
        return "blocked"
    try:
        document = await node.fetcher.document(uri)
    except FetchError as error:
        if error.peer_status == 410:
            return _gone(node, uri)
        if error.gone:
            # 404 may be for us alone, so nobody else's word and that take it off; a reading may
            return "not shown here"
        raise
    if plain_type(document) == "Tombstone":
        return _gone(node, uri)
    whose = actor_uri
    if not group and actor_uri not in authors(document):
        whose = await _of_a_member(node, document)
    if not whose:
        return "not a member's"
    if await node.is_blocked(whose):
        return "blocked"
    return keep_effect(node, document, whose, announce=announce, created=created, group=group)


def _gone(node: Node, uri: str) -> Effect:
    """What its origin no longer has goes here too, whoever told us to ask."""

    async def effect(session: Session) -> str:
        known = await objects.get(session, uri)
        shown = known is not None and await gather.missing(session, node.uris, known.actor_uri, uri)
        return "gone" if shown else "not shown here"

    return effect


def hinted(received: Received) -> str:
    """The id of what somebody points at: Lemmy's groups announce the whole Create (FEP-1b12)."""
    if type_of(received.inner) in {"Create", "Update", "Delete"}:
        return as_uri(received.inner.get("object"))
    return received.object_uri


async def keep_hinted(node: Node, received: Received) -> Effect | str:
    """Keep what somebody points at, as its origin serves it, if its author is a member.

    A copy that came along is not looked at. A group that is a member may point at what
    somebody of its own server wrote for it, and tells of corrections and ends likewise
    (`Announce` of a `Create`, `Update` or `Delete`, as Lemmy does).

    Raises:
        FetchError: its origin can't be read.
    """
    if not node.settings.is_hub:
        return "no hub"
    uri = hinted(received)
    if node.uris.is_ours(uri):
        return "our own"
    # what no member can have written is not asked for: a member could send us to anybody
    host = f"{site_of(uri)}/"
    if not await node.database.read(lambda session: members.any_at(session, host)):
        return "not a member's"
    if same_origin(uri, received.actor_uri) and await is_group(node, received.actor_uri):
        return await ask_origin(node, uri, received.actor_uri, group=True)
    return await ask_origin(node, uri)


async def is_group(node: Node, uri: str) -> bool:
    """Whether that actor is a member, and a group."""

    async def work(session: Session) -> bool:
        known = await remotes.get(session, uri)
        state = await members.state_of(session, uri)
        return known is not None and known.type == "Group" and state == "member"

    return await node.database.read(work)


def main_language(actor: LocalActor, settings: Settings) -> str:
    """The language an actor writes in where it has the choice: its own first one, else the node's.

    An object that isn't written in it has another: what is announced is what was written.
    """
    return next(iter(actor.profile.languages), settings.language)


def written(activity: Activity, actor: LocalActor, settings: Settings) -> tuple[str, Document]:
    """The kind and the wire form of the object in a Create or Update intent of ours.

    A statement, and what carries a credential, keeps its own `@context`: it gets a proof of
    its own, and stands by itself.
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
    alone = document if kind in ALONE else envelope.inner(document)
    return kind, envelope.address(alone, intent.get("groups", ()))
