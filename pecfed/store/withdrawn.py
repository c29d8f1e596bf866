"""Ids that must not come (back): deleted before they arrived, undone before they were done."""

from __future__ import annotations

from pecfed.store.database import Session

FOR_GOOD = 2**62
"""An `until` that never comes: a deleted object's id is never used again."""


async def add(session: Session, uri: str, actor_uri: str, until: int) -> None:
    """Remember until `until` (milliseconds) that this actor took `uri` back."""
    await session.run(
        "INSERT INTO withdrawn (uri, actor_uri, until_at) VALUES (?, ?, ?) "
        "ON CONFLICT (uri, actor_uri) DO UPDATE SET until_at = excluded.until_at "
        "WHERE excluded.until_at > withdrawn.until_at",
        uri, actor_uri, until,
    )  # fmt: skip


async def holds(session: Session, uri: str, actor_uri: str, now: int) -> bool:
    """Whether that actor took `uri` back, as far as we remember."""
    return bool(
        await session.value(
            "SELECT 1 FROM withdrawn WHERE uri = ? AND actor_uri = ? AND until_at > ?",
            uri,
            actor_uri,
            now,
        )
    )


async def prune(session: Session, now: int) -> None:
    """Forget what no longer needs remembering."""
    await session.run("DELETE FROM withdrawn WHERE until_at <= ?", now)
