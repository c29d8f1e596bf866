"""Sending something and hearing what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.cast import Peer
from tests.servers import Server


async def send(who: Peer, to: Server, activity: Any) -> str:
    """Send to the speaker's inbox; the note that says what came of it."""
    reply = await who.send(f"{to.actor_uri}/inbox", activity)
    assert reply.status == 202, reply
    return await to.note_of(activity["id"])


def arrived(who: Peer, kind: str, count: int = 1) -> Callable[[], Awaitable[bool]]:
    """Asks whether so many activities of that type have reached somebody."""

    async def check() -> bool:
        return len(who.posted(kind)) >= count

    return check
