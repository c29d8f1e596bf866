"""Like, and EmojiReact, which is counted as one: somebody is glad of something of ours."""

from __future__ import annotations

from pecfed.domain.uris import same_origin
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import as_uri
from pecfed.services import conversation
from pecfed.store.database import Session


async def handle(_node: Node, received: Received) -> Effect | str:
    """Count it, once for each actor."""
    uri = as_uri(received.activity.get("id"))
    activity_uri = uri if same_origin(uri, received.actor_uri) else ""

    async def effect(session: Session) -> str:
        return await conversation.reacted(
            session, "like", received.object_uri, received.actor_uri, activity_uri
        )

    return effect
