"""Leave: a member goes, or an applicant thinks again."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import membership, setup
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """A hub takes the member off its directory at once."""
    if not node.settings.is_hub:
        return "no hub"
    remote = await node.remotes.actor(received.actor_uri)

    async def effect(session: Session) -> str:
        hub = await setup.the_hub(session)
        if received.object_uri not in {hub.uri, node.uris.directory}:
            return "not our hub"
        return "left" if await membership.left(session, node.uris, hub, remote) else "no member"

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Leave of a hub."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
