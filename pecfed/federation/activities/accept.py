"""Accept: a Follow or a Join is granted."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import answers
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(_node: Node, received: Received) -> Effect | str:
    """Match it by the id of what we sent, else by who asked whom; from others it has no effect."""

    async def effect(session: Session) -> str:
        return await answers.accepted(
            session, received.actor_uri, received.object_uri, received.inner
        )

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Accept, with the whole Follow or Join embedded (Mastodon matches by it)."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
