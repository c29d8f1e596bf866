"""Announce: a member passes something on; a hub passes on what its members publish."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.gathering import keep_hinted
from pecfed.federation.groups import pointing_on
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


async def handle(node: Node, received: Received) -> Effect | str:
    """A hub asks the origin, whatever copy came along, and keeps it if its author is a member.

    Its working groups announce what a member points them to.
    """
    return pointing_on(node, received, await keep_hinted(node, received))


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Announce: by id, since content is always taken from its origin; a group's also whole."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
