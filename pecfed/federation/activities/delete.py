"""Delete: something is withdrawn, or an actor is no more."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.uris import Uris, same_origin
from pecfed.federation import envelope
from pecfed.federation.conversation import deleted_name
from pecfed.federation.gathering import ask_origin
from pecfed.federation.groups import deleting
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import announcing, answers, conversation, gather, log, membership, setup
from pecfed.settings import Settings
from pecfed.store import conversations, follows, objects, remotes
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """Take the object off, or with an actor everything it had here; ids stay withdrawn for good."""
    uri = received.object_uri
    if uri == received.actor_uri:
        return _actor(node, uri)
    if not same_origin(uri, received.actor_uri):
        return "not its sender's to delete"

    known = await node.database.read(lambda session: objects.get(session, uri))
    if known is not None and known.actor_id is None and known.actor_uri != received.actor_uri:
        # somebody else of that server (a person of Mobilizon for a group): its origin is asked
        return await ask_origin(node, uri, known.actor_uri)

    async def effect(session: Session) -> str:
        if await conversation.taken_back(session, uri, received.actor_uri):
            await announcing.gone(session, node.uris, uri, received.actor_uri)
            return "taken back"
        # a message may still be on its way to us: in memory, since a follower may be anybody
        node.limits.deleted.add(deleted_name(received.actor_uri, uri))
        shown = await gather.withdraw(session, node.uris, uri, received.actor_uri)
        return "withdrawn" if shown else "not shown here"

    return deleting(node, received, effect)


def _actor(node: Node, uri: str) -> Effect:
    async def effect(session: Session) -> str:
        now = clock.now_ms()
        await follows.remove_follower(session, uri)
        known = await remotes.get(session, uri)
        if known is not None and node.settings.is_hub:
            await membership.left(session, node.uris, await setup.the_hub(session), known)
            await objects.forget_actor(session, uri, now)
            await log.declared(session, uri)
        await conversations.forget_actor(session, uri)
        await answers.gone(session, uri)
        await remotes.mark_gone(session, uri, now)
        node.remotes.forget(uri)
        return "actor gone"

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Delete, with a Tombstone for its object; an actor's own end names it by its id."""
    if activity.object_uri == actor.uri:
        return envelope.activity(activity, actor.uri, actor.uri)
    tombstone = {
        "id": activity.object_uri,
        "type": "Tombstone",
        "formerType": KINDS[activity.intent["kind"]].type,
    }
    return envelope.activity(activity, actor.uri, tombstone)
