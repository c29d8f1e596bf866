"""Add: a hub puts a member into its directory, or a member something into its featured."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.gathering import keep_effect
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri
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
    if not node.settings.is_hub:
        return "no hub"
    document = await node.fetcher.document(received.object_uri)
    return keep_effect(node, document, as_uri(document.get("attributedTo")), announce=False)


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Add, by id, to the collection that the intent names."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
