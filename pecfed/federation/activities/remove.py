"""Remove: a hub takes a member off its directory, or a member something off its featured."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


async def handle(_node: Node, _received: Received) -> Effect | str:
    """Nothing follows: a Reject says what becomes of a membership, a Delete of an object."""
    return "heard"


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Remove, by id, from the collection that the intent names."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
