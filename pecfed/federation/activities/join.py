"""Join: an actor asks a hub for membership."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.errors import RefusedError
from pecfed.federation import envelope, willing
from pecfed.federation.actor import profile_of
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received, identity
from pecfed.language.wire import Document
from pecfed.services import event, membership, setup
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """A hub keeps the request for its operator; the applicant's profile is read from its origin."""
    if node.uris.is_ours(received.object_uri) and "/objects/" in received.object_uri:
        return await _at_an_event(node, received)
    if not node.settings.is_hub:
        return "no hub"
    applicant = await node.remotes.refresh(received.actor_uri)
    profile = profile_of(applicant)
    join_uri = received.own_id
    invited = await willing.joined(node, applicant, join_uri)

    async def effect(session: Session) -> str:
        hub = await setup.the_hub(session)
        if received.object_uri != hub.uri:
            return "not our hub"
        if invited is not None:
            return await invited(session)
        try:
            entry = await membership.asked(session, applicant, profile, join_uri)
        except RefusedError as error:
            return error.message  # nothing was written, and trying again wouldn't help
        if entry.state == "member":
            # it doesn't know, or has forgotten (a database restored from a backup)
            await membership.confirm(session, node.uris, hub, applicant, join_uri)
        return entry.state

    return effect


async def _at_an_event(node: Node, received: Received) -> Effect:
    """Registrations are taken elsewhere: the answer of FEP-8a8e to that is Ignore."""
    asker = await node.remotes.actor(received.actor_uri)

    async def effect(session: Session) -> str:
        known = await event.ignore(
            session, node.uris, received.object_uri, asker, identity(received)
        )
        return "ignored" if known else "no event of ours"

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Join of a hub."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
