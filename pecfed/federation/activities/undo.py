"""Undo: a Follow, a Join, a like or a boost is taken back."""

from __future__ import annotations

from pecfed.domain.conversation import REACTIONS
from pecfed.domain.uris import Uris, same_origin
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri, type_of
from pecfed.services import conversation, follow, membership, setup
from pecfed.settings import Settings
from pecfed.store import actors, members, remotes
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """Undo what its own sender did: by pair where the Follow is embedded, else by its id.

    Mastodon may name another id than that of the Follow it sent, so the pair counts.
    """
    inner = received.inner
    kind = type_of(inner) if inner else ""
    if kind not in {"", "Follow", "Join", *REACTIONS}:
        return f"Undo of {kind} has no effect here"
    if inner and as_uri(inner.get("actor")) != received.actor_uri:
        return "not its sender's to undo"
    uri = received.object_uri if same_origin(received.object_uri, received.actor_uri) else ""

    async def effect(session: Session) -> str:
        if kind in {"", *REACTIONS} and await conversation.unreacted(
            session,
            received.actor_uri,
            kind=REACTIONS.get(kind, ""),
            object_uri=as_uri(inner.get("object")),
            activity_uri=uri,
        ):
            return "no longer"
        if kind in REACTIONS:
            return "was none"
        if kind != "Follow" and await _left(node, received, uri, session):
            return "left"
        if kind == "Join":
            return "no member"
        actor = await actors.by_uri(session, as_uri(inner.get("object"))) if inner else None
        await follow.undone(session, received.actor_uri, follow_uri=uri, actor=actor)
        return "unfollowed"

    return effect


async def _left(node: Node, received: Received, join_uri: str, session: Session) -> bool:
    """Whether it was the Join of a member (or applicant) of this hub, who is none from now on."""
    if not node.settings.is_hub:
        return False
    hub = await setup.the_hub(session)
    if received.inner:
        ours = as_uri(received.inner.get("object")) == hub.uri
    else:
        entry = await members.by_uri(session, received.actor_uri)
        ours = entry is not None and join_uri != "" and entry.join_uri == join_uri
    remote = await remotes.get(session, received.actor_uri)
    return ours and remote is not None and await membership.left(session, node.uris, hub, remote)


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Undo, with what it undoes embedded."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
