"""Update: a member corrects something, or its own profile."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import conversation, envelope, review
from pecfed.federation.actor import document, profile_of
from pecfed.federation.gathering import keep_object, written
from pecfed.federation.groups import passing_on
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import membership, working_groups
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(node: Node, received: Received) -> Effect | str:
    """A profile is read anew from its origin; an object is kept as Create does, if it is newer."""
    if received.object_uri == received.actor_uri:
        actor = await node.remotes.refresh(received.actor_uri)
        profile = profile_of(actor)

        async def effect(session: Session) -> str:
            await working_groups.look_again(session, actor.uri)
            known = await membership.described(session, actor, profile)
            return "profile" if known else "no member"

        return effect
    said = await review.heard(node, received)
    if said is not None:
        return said
    about_us = await conversation.said(node, received)
    kept = await keep_object(node, received) if about_us is None else about_us
    return await passing_on(node, received, kept)


def build(activity: Activity, actor: LocalActor, uris: Uris, settings: Settings) -> Document:
    """Our Update, with the corrected object, or with the actor."""
    if "profile" in activity.intent:
        body = envelope.inner(document(actor, uris, settings))
        return envelope.activity(activity, actor.uri, body, kind="actor")
    kind, obj = written(activity, actor, settings)
    return envelope.activity(activity, actor.uri, obj, kind=kind)
