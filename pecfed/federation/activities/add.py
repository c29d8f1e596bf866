"""Add: a hub puts a member into its directory, or a member something into its featured."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.gathering import keep_hinted
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import answers
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """About an actor of ours, it tells that we are a member; at a hub, it is a hint to fetch."""
    if node.uris.is_ours(received.object_uri):

        async def effect(session: Session) -> str:
            return await answers.added(session, received.actor_uri, received.object_uri)

        return effect
    return await keep_hinted(node, received)


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Add, by id, to the collection that the intent names."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
