"""Create: a member publishes something."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.gathering import keep_object, written
from pecfed.federation.groups import passing_on
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


async def handle(node: Node, received: Received) -> Effect | str:
    """A hub keeps it: as embedded when it is its sender's own, else as its origin serves it.

    Its working groups pass on what is addressed to them.
    """
    return await passing_on(node, received, await keep_object(node, received))


def build(activity: Activity, actor: LocalActor, _uris: Uris, settings: Settings) -> Document:
    """Our Create, with the object as it was then."""
    kind, obj = written(activity, actor, settings)
    return envelope.activity(activity, actor.uri, obj, kind=kind)
