"""From an acknowledged activity to its handler: the card decides whether we hear it at all."""

from __future__ import annotations

from pecfed.errors import FetchError
from pecfed.federation.activities import HANDLERS
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.cast import card


def heard(node: Node) -> frozenset[str]:
    """The activity types that this node's actors hear, by their cards."""
    return card("hub" if node.settings.is_hub else "member").hears | card("instance").hears


async def dispatch(node: Node, received: Received) -> Effect | str:
    """The effect of an activity, or why it has none.

    Raises:
        FetchError: its origin can't be read now, and a retry can help.
    """
    if await node.is_blocked(received.actor_uri):
        return "blocked meanwhile"
    handler = HANDLERS.get(received.type)
    if handler is None or received.type not in heard(node):
        return f"{received.type} is not heard here"
    try:
        return await handler(node, received)
    except FetchError as error:
        if error.retry:
            raise
        return error.message
