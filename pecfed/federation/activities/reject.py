"""Reject: a Follow or a Join is refused, or what was granted is taken back."""

from __future__ import annotations

from pecfed.domain.text import clean
from pecfed.domain.uris import Uris
from pecfed.federation import envelope, html
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.services import answers
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def handle(_node: Node, received: Received) -> Effect | str:
    """Take the refusal from the one we asked, with its reason and message."""
    said = received.activity

    def words(name: str, limit: int) -> str:
        value = said.get(name)
        return clean(value, limit) if isinstance(value, str) else ""

    message = html.plain(words("summary", 4000), 2000)

    async def effect(session: Session) -> str:
        return await answers.rejected(
            session,
            received.actor_uri,
            received.object_uri,
            received.inner,
            state=words("membership", 20),
            reason=words("reason", 40),
            message=message,
        )

    return effect


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Reject, with what it refuses embedded, the reason code and the operator's words."""
    document = envelope.activity(activity, actor.uri, activity.intent["object"], kind="decision")
    for ours, wire in (("reason", "reason"), ("state", "membership")):
        if activity.intent.get(ours):
            document[wire] = activity.intent[ours]
    if activity.intent.get("message"):
        document["summary"] = html.paragraphs(activity.intent["message"])
    return document
