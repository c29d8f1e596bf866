"""Move: an actor goes elsewhere, and says where (FEP-7628)."""

from __future__ import annotations

from pecfed.domain.uris import Uris, origin
from pecfed.federation import envelope
from pecfed.federation.actor import profile_of
from pecfed.federation.actor_document import aliases
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri, parse
from pecfed.services import moved, setup, suspicion
from pecfed.settings import Settings
from pecfed.store import members
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """Go along once both sides say so: the old actor's `movedTo`, the new one's `alsoKnownAs`.

    Both documents are read from their origins now; what the Move itself says counts for
    nothing.
    """
    target_uri = as_uri(received.activity.get("target"))
    if received.object_uri != received.actor_uri:
        return "not its sender's to move"
    if not origin(target_uri) or target_uri == received.actor_uri:
        return "moved nowhere"
    if node.uris.is_ours(target_uri):
        return "moved to us"  # who follows it will ask to follow ours
    if await node.is_blocked(target_uri):
        return "moved to the blocked"
    new = await node.remotes.refresh(target_uri)
    old = await node.remotes.refresh(received.actor_uri)
    document = parse(new.document.encode())
    if await node.is_blocked(new.uri):
        return "moved to the blocked"
    if old.uri not in aliases(document):
        return await _unproven(node, received, new.uri, "its target doesn't say so")
    if as_uri(parse(old.document.encode()).get("movedTo")) != new.uri:
        return await _unproven(node, received, new.uri, "it doesn't say so itself")
    profile = profile_of(new)

    async def effect(session: Session) -> str:
        listed = False
        if node.settings.is_hub:
            if await moved.too_often(session, old.uri):
                return "moved too often today"
            hub = await setup.the_hub(session)
            listed = await moved.entry_goes_along(session, node.uris, hub, old, new, profile)
        followed = await moved.goes_along(session, node.uris, old, new)
        return "moved" if listed or followed else "nobody to us"

    return effect


async def _unproven(node: Node, received: Received, target_uri: str, why: str) -> Effect | str:
    """A member that moves where one side doesn't say so may be in other hands: its label hides."""
    sender = received.actor_uri
    if not node.settings.is_hub or (
        await node.database.read(lambda session: members.state_of(session, sender)) != "member"
    ):
        return why

    async def effect(session: Session) -> str:
        entry = await members.by_uri(session, sender, hold=True)
        if entry is not None and entry.state == "member":
            await suspicion.hide(session, entry, "moved-unproven", by="hub", detail=target_uri)
        return why

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Move, of the actor itself, to the target that the intent names."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
