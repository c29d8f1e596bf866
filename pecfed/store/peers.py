"""How other servers want to be spoken to, as we have learned it."""

from __future__ import annotations

from collections.abc import Mapping

from pecfed.store.database import Session

MAX_READ = 10_000


async def ways(session: Session) -> Mapping[str, str]:
    """The way to sign for each origin that doesn't take the usual one; the latest learned."""
    rows = await session.all(
        "SELECT origin, way FROM peers ORDER BY learned_at DESC LIMIT ?", MAX_READ
    )
    return {row["origin"]: row["way"] for row in rows}


async def learn(session: Session, origin: str, way: str, now: int) -> None:
    """Remember which way to sign worked for an origin."""
    await session.run(
        "INSERT INTO peers (origin, way, learned_at) VALUES (?, ?, ?) ON CONFLICT (origin) "
        "DO UPDATE SET way = excluded.way, learned_at = excluded.learned_at",
        origin, way, now,
    )  # fmt: skip


async def prune(session: Session, before: int) -> int:
    """Forget what was learned before `before`: servers change, and are asked again."""
    return await session.run("DELETE FROM peers WHERE learned_at < ?", before)
