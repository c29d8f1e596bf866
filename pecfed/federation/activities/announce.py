"""Announce: a member passes something on; a hub its members' news; others boost."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.conversation import counted
from pecfed.federation.gathering import keep_hinted
from pecfed.federation.groups import pointing_on
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


async def handle(node: Node, received: Received) -> Effect | str:
    """A boost of something of ours is counted, once for each actor.

    A hub asks the origin, whatever copy came along, and keeps it if its author is a member;
    its working groups announce what a member points them to.
    """
    if node.uris.is_ours(received.object_uri):
        return counted(received, "share")
    return pointing_on(node, received, await keep_hinted(node, received))


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Announce: by id, since content is always taken from its origin; a group's also whole."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
