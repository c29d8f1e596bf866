"""What others say of what is ours: replies, mentions, likes, boosts."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed.store.database import Session


async def speakers(session: Session) -> Sequence[str]:
    """Everybody who has said or liked something."""
    rows = await session.all("SELECT actor_uri FROM messages UNION SELECT actor_uri FROM reactions")
    return [row["actor_uri"] for row in rows]


async def set_blocked(session: Session, actor_uris: Sequence[str], *, blocked: bool) -> int:
    """Hide what blocked actors said and liked, or show it again; how many messages that were.

    What the operator has hidden stays so.
    """
    was, becomes = ("", "block") if blocked else ("block", "")
    count = 0
    for uri in actor_uris:
        count += await session.run(
            "UPDATE messages SET hidden = ? WHERE actor_uri = ? AND hidden = ?", becomes, uri, was
        )
        await session.run("UPDATE reactions SET blocked = ? WHERE actor_uri = ?", int(blocked), uri)
    return count
