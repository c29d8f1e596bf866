"""Follow: somebody wants to hear from an actor of ours, or ours from somebody."""

from __future__ import annotations

from pecfed.domain.uris import Uris, same_origin
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri
from pecfed.services import follow
from pecfed.settings import Settings
from pecfed.store import actors
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """Keep the follower and send Accept; a repeated Follow gets its Accept again."""
    if not node.uris.is_ours(received.object_uri):
        return "not our actor"
    follower = await node.remotes.actor(received.actor_uri)
    follow_uri = as_uri(received.activity.get("id"))
    document = {
        "type": "Follow",
        "actor": received.actor_uri,
        "object": received.object_uri,
    }
    if same_origin(follow_uri, received.actor_uri):
        document = {"id": follow_uri} | document

    async def effect(session: Session) -> str:
        actor = await actors.by_uri(session, received.object_uri)
        if actor is None:
            return "no such actor"
        kept = await follow.accept(session, node.uris, actor, follower, document)
        return "followed" if kept else "undone before"

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Follow of somebody."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
