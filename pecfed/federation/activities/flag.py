"""Flag: somebody reports something of ours."""

from __future__ import annotations

from pecfed.federation import html
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received, identity
from pecfed.language.wire import text_by_language
from pecfed.services import admission, conversation
from pecfed.store.database import Session

MAX_WORDS = 2000  # characters


async def handle(node: Node, received: Received) -> Effect | str:
    """Keep it for the operator: what it is about, and its words; it is shown to nobody else."""
    about = admission.named(
        received.type, received.activity, node.uris, is_hub=node.settings.is_hub
    )
    words = next(iter(text_by_language(received.activity, "content").values()), "")

    async def effect(session: Session) -> str:
        return await conversation.reported(
            session,
            received.actor_uri,
            identity(received),
            about.objects,
            html.plain(words, MAX_WORDS),
        )

    return effect
