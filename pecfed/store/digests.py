"""Which weeks a hub has told of, and who became a member since."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed.store import members
from pecfed.store.database import Session
from pecfed.store.members import Member


async def claim(session: Session, week: str, now: int) -> bool:
    """Take a week (its Monday, an ISO date) to tell of; False where another process has it."""
    taken = await session.value(
        "INSERT INTO digests (week, at, note_uri) VALUES (?, ?, '') "
        "ON CONFLICT (week) DO NOTHING RETURNING week",
        week, now,
    )  # fmt: skip
    return taken is not None


async def told(session: Session, week: str) -> bool:
    """Whether a week was looked at."""
    return bool(await session.value("SELECT 1 FROM digests WHERE week = ?", week))


async def last(session: Session) -> int | None:
    """When a week was told of last, milliseconds since 1970."""
    found = await session.value("SELECT max(at) FROM digests")
    return None if found is None else int(found)


async def set_note(session: Session, week: str, note_uri: str) -> None:
    """The Note that tells of a week."""
    await session.run("UPDATE digests SET note_uri = ? WHERE week = ?", note_uri, week)


async def new_members(session: Session, since: int, limit: int) -> Sequence[Member]:
    """Those who became members since then and still are, the newest first."""
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM members m WHERE m.state = 'member' AND EXISTS "
        "(SELECT 1 FROM log_acts l WHERE l.member_id = m.id AND l.act = 'accept' "
        "AND l.at >= ?) ORDER BY m.changed_at DESC, m.id DESC LIMIT ?",
        since, limit,
    )  # fmt: skip
    return [members.member(row) for row in rows]
