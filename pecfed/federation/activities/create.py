"""Create: a member publishes something, or somebody answers us."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import conversation, envelope, review, willing
from pecfed.federation.gathering import keep_object, written
from pecfed.federation.groups import passing_on
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


async def handle(node: Node, received: Received) -> Effect | str:
    """What answers or mentions us is kept for the operator; what a member publishes, by a hub.

    A clear answer to an invitation of the hub counts as such, and isn't kept beside it;
    a review is kept by itself, and an endorsement that we asked for settles the request.
    It is kept as embedded when it is its sender's own, else as its origin serves it.
    The hub's working groups pass on what is addressed to them.
    """
    answer = await willing.answered(node, received)
    if answer is not None:
        return answer
    said = await review.heard(node, received)
    if said is not None:
        return said
    about_us = await review.given(node, received, await conversation.said(node, received))
    kept = await keep_object(node, received) if about_us is None else about_us
    return await passing_on(node, received, kept)


def build(activity: Activity, actor: LocalActor, uris: Uris, settings: Settings) -> Document:
    """Our Create, with the object as it was then."""
    if "invitation" in activity.intent:
        note = willing.question(activity, actor, uris, settings.listen_hashtag)
        return envelope.activity(activity, actor.uri, envelope.inner(note), kind="note")
    kind, obj = written(activity, actor, settings)
    return envelope.activity(activity, actor.uri, obj, kind=kind)
