"""Like, and EmojiReact, which is counted as one: somebody is glad of something of ours."""

from __future__ import annotations

from pecfed.federation.conversation import counted
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received


async def handle(_node: Node, received: Received) -> Effect | str:
    """Count it, once for each actor."""
    return counted(received, "like")
