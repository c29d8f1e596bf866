"""Undo: a Follow or a Join is taken back."""

from __future__ import annotations

from pecfed.domain.uris import Uris, same_origin
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri, type_of
from pecfed.services import follow, membership, setup
from pecfed.settings import Settings
from pecfed.store import actors
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """Undo what its own sender did: by pair where the Follow is embedded, else by its id.

    Mastodon may name another id than that of the Follow it sent, so the pair counts.
    """
    inner = received.inner
    kind = type_of(inner) if inner else ""
    if kind not in {"", "Follow", "Join"}:
        return f"Undo of {kind} has no effect here"
    if inner and as_uri(inner.get("actor")) != received.actor_uri:
        return "not its sender's to undo"
    if kind == "Join":
        if not node.settings.is_hub or as_uri(inner.get("object")) == "":
            return "no hub"
        remote = await node.remotes.actor(received.actor_uri)

        async def leave(session: Session) -> str:
            hub = await setup.the_hub(session)
            return "left" if await membership.left(session, node.uris, hub, remote) else "no member"

        return leave

    follow_uri = received.object_uri
    if not same_origin(follow_uri, received.actor_uri):
        follow_uri = ""

    async def unfollow(session: Session) -> str:
        actor = await actors.by_uri(session, as_uri(inner.get("object"))) if inner else None
        await follow.undone(session, received.actor_uri, follow_uri=follow_uri, actor=actor)
        return "unfollowed"

    return unfollow


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Undo, with what it undoes embedded."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
