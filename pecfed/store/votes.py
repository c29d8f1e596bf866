"""Polls of ours and who voted for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.store.database import Session

AT_ONCE = 20
"""Polls whose tally is told in one transaction, at the most."""


@dataclass(frozen=True, slots=True)
class Running:
    """A poll's row; times are milliseconds since 1970, `tell_at` None once the count is final."""

    question_uri: str
    actor_id: int
    ends_at: int
    tell_at: int | None
    voters: int


_COLUMNS = "question_uri, actor_id, ends_at, tell_at, voters"


async def open_poll(session: Session, question_uri: str, actor_id: int, ends_at: int) -> None:
    """Begin to count; of a poll that is known, its end may have moved."""
    await session.run(
        "INSERT INTO polls (question_uri, actor_id, ends_at, tell_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (question_uri) DO UPDATE SET ends_at = excluded.ends_at, "
        "tell_at = excluded.tell_at",
        question_uri, actor_id, ends_at, ends_at,
    )  # fmt: skip


async def running(session: Session, question_uri: str, *, hold: bool = False) -> Running | None:
    """A poll of ours; `hold` keeps others who hold it waiting until the transaction ends."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM polls WHERE question_uri = ? {session.hold if hold else ''}",
        question_uri,
    )
    return Running(**row) if row else None


async def choices(session: Session, question_uri: str, voter_uri: str) -> set[int]:
    """The options that a voter has chosen, by number."""
    rows = await session.all(
        "SELECT choice FROM votes WHERE question_uri = ? AND voter_uri = ?",
        question_uri, voter_uri,
    )  # fmt: skip
    return {row["choice"] for row in rows}


async def of_host(session: Session, question_uri: str, host: str) -> int:
    """How many votes on a poll came from that host."""
    return int(
        await session.value(
            "SELECT count(*) FROM votes WHERE question_uri = ? AND host = ?", question_uri, host
        )
    )


async def add(
    session: Session,
    poll: Running,
    voter_uri: str,
    host: str,
    choice: int,
    *,
    new: bool,
    now: int,
    tell: int,
) -> None:
    """Count a vote, of a `new` voter or not; its tally is told at `tell` if not before."""
    await session.run(
        "INSERT INTO votes (question_uri, voter_uri, host, choice, voted_at) "
        "VALUES (?, ?, ?, ?, ?)",
        poll.question_uri, voter_uri, host, choice, now,
    )  # fmt: skip
    due = tell if poll.tell_at is None else min(tell, poll.tell_at)
    await session.run(
        "UPDATE polls SET voters = voters + ?, tell_at = ? WHERE question_uri = ?",
        int(new), due, poll.question_uri,
    )  # fmt: skip


async def tally(session: Session, question_uri: str) -> dict[int, int]:
    """How often each option was chosen; options without a vote are not in it."""
    rows = await session.all(
        "SELECT choice, count(*) AS n FROM votes WHERE question_uri = ? GROUP BY choice",
        question_uri,
    )
    return {row["choice"]: int(row["n"]) for row in rows}


async def any_due(session: Session, now: int) -> bool:
    """Whether some tally is to be told."""
    return bool(await session.value("SELECT 1 FROM polls WHERE tell_at <= ? LIMIT 1", now))


async def claim_due(session: Session, now: int) -> Sequence[Running]:
    """Polls whose tally is to be told now; the next time is their end, after it none."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM polls WHERE tell_at <= ? ORDER BY tell_at, question_uri LIMIT ? "
        f"{session.skip_locked}",
        now, AT_ONCE,
    )  # fmt: skip
    found = [Running(**row) for row in rows]
    await session.many(
        "UPDATE polls SET tell_at = ? WHERE question_uri = ?",
        [(each.ends_at if each.ends_at > now else None, each.question_uri) for each in found],
    )
    return found


async def forget_votes(session: Session, question_uri: str) -> None:
    """Begin to count anew."""
    await session.run("DELETE FROM votes WHERE question_uri = ?", question_uri)
    await session.run("UPDATE polls SET voters = 0 WHERE question_uri = ?", question_uri)


async def forget(session: Session, question_uri: str) -> None:
    """A poll was withdrawn: its votes go with it."""
    await session.run("DELETE FROM votes WHERE question_uri = ?", question_uri)
    await session.run("DELETE FROM polls WHERE question_uri = ?", question_uri)
