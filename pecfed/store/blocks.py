"""Whom this node blocks: actors and whole servers (their spelling: domain/blocking.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pecfed.domain import blocking
from pecfed.store.database import Session


@dataclass(frozen=True, slots=True)
class Block:
    """One blocked actor or server; `blocked_at` is milliseconds since 1970."""

    target: str
    reason: str
    note: str
    blocked_at: int


async def put(session: Session, target: str, reason: str, note: str, now: int) -> bool:
    """Block a target, or change the reason and note of a block; True when it is new."""
    known = await session.run(
        "UPDATE blocks SET reason = ?, note = ? WHERE target = ?", reason, note, target
    )
    if not known:
        await session.run(
            "INSERT INTO blocks (target, reason, note, blocked_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (target) DO NOTHING",
            target, reason, note, now,
        )  # fmt: skip
    await session.wake("deliveries")  # so that every process reads the list again
    return not known


async def remove(session: Session, target: str) -> bool:
    """End a block; False when there was none."""
    await session.wake("deliveries")
    return bool(await session.run("DELETE FROM blocks WHERE target = ?", target))


async def everything(session: Session) -> Sequence[Block]:
    """Every block, by target."""
    rows = await session.all("SELECT target, reason, note, blocked_at FROM blocks ORDER BY target")
    return [Block(**dict(row)) for row in rows]


async def targets(session: Session) -> frozenset[str]:
    """Every blocked target."""
    return frozenset(row["target"] for row in await session.all("SELECT target FROM blocks"))


async def blocked(session: Session, uris: Iterable[str]) -> set[str]:
    """Which of these addresses (of actors or inboxes) are blocked; few at a time."""
    asked = {uri: blocking.keys_of(uri) for uri in uris}
    keys = sorted({key for each in asked.values() for key in each})
    if not keys:
        return set()
    places = ", ".join("?" * len(keys))
    rows = await session.all(f"SELECT target FROM blocks WHERE target IN ({places})", *keys)
    found = {row["target"] for row in rows}
    return {uri for uri, each in asked.items() if found.intersection(each)}
