"""The log as it is kept: lines are added, read, and never changed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pecfed import clock
from pecfed.domain import log
from pecfed.domain.log import BEGINNING, Act
from pecfed.store.database import Row, Session
from pecfed.store.paging import Where

NEWEST = 100_000
"""Lines that are looked through for figures."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the log with what the hub knows of it."""

    number: int
    act: Act


async def append(session: Session, act: Act, *, other: str, member_id: int | None) -> int:
    """Write the next line; its number. `other` is who endorsed, where that is the act.

    Raises:
        ValueError: the act can't be written down (see `domain/log.py: write`).
    """
    # all who write lines wait here for each other, so that there is one next line
    await session.run(
        "INSERT INTO log_head (one, lines, hash) VALUES (1, 0, ?) ON CONFLICT (one) DO NOTHING",
        BEGINNING,
    )
    head = await session.one(f"SELECT lines, hash FROM log_head WHERE one = 1 {session.hold}")
    assert head is not None
    number = int(head["lines"]) + 1
    at = clock.stamp(clock.from_ms(act.at))
    line = log.write(act, number, head["hash"], at, secrets.token_hex(log.SALT))
    await session.run(
        "INSERT INTO log (n, at, is_public, entry, hash) VALUES (?, ?, ?, ?, ?)",
        number, act.at, int(act.is_public), line.entry, line.hash,
    )  # fmt: skip
    await session.run(
        "INSERT INTO log_acts (n, at, act, subject, other, member_id, salt, content) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        number, act.at, act.act, act.subject, other, member_id, line.salt, line.content,
    )  # fmt: skip
    await session.run("UPDATE log_head SET lines = ?, hash = ? WHERE one = 1", number, line.hash)
    return number


_KEPT = "SELECT a.n, a.at, l.entry, a.content FROM log_acts a JOIN log l ON l.n = a.n"


def _kept(rows: Sequence[Row]) -> list[Kept]:
    """Rows of `_KEPT`; what was erased is left out."""
    found = []
    for row in rows:
        act = log.read(row["at"], row["entry"], row["content"])
        if act is not None:
            found.append(Kept(row["n"], act))
    return found


async def about(
    session: Session,
    subjects: Sequence[str],
    acts: Sequence[str] = (),
    *,
    without: Sequence[str] = (),
) -> list[Kept]:
    """The lines about any of those subjects, the oldest first.

    Only those `acts`, if any is named, and none of those to leave out.
    """
    where = f"a.subject IN ({', '.join('?' * len(subjects))})"
    if acts:
        where += f" AND a.act IN ({', '.join('?' * len(acts))})"
    if without:
        where += f" AND a.act NOT IN ({', '.join('?' * len(without))})"
    rows = await session.all(f"{_KEPT} WHERE {where} ORDER BY a.n", *subjects, *acts, *without)
    return _kept(rows)


async def back(
    session: Session, subject: str, acts: Sequence[str], before: int | None, limit: int
) -> tuple[list[Kept], int | None]:
    """Lines about a subject that are those acts, the newest first, and where to go on (or None)."""
    where, values = "", list[int]()
    if before is not None:
        where, values = " AND a.n < ?", [before]
    rows = await session.all(
        f"{_KEPT} WHERE a.subject = ? AND a.act IN ({', '.join('?' * len(acts))}){where} "
        "ORDER BY a.n DESC LIMIT ?",
        subject, *acts, *values, limit,
    )  # fmt: skip
    return _kept(rows), rows[-1]["n"] if len(rows) == limit else None


async def count_since(session: Session, subject: str, act: str, since: int) -> int:
    """How many such acts of that subject are written down since that moment (milliseconds)."""
    return int(
        await session.value(
            "SELECT count(*) FROM log_acts WHERE subject = ? AND act = ? AND at >= ?",
            subject, act, since,
        )
    )  # fmt: skip


async def of_member(session: Session, *member_ids: int) -> list[Kept]:
    """The lines about those entries, under whatever name they had, the oldest first."""
    where = f"a.member_id IN ({', '.join('?' * len(member_ids))})"
    return _kept(await session.all(f"{_KEPT} WHERE {where} ORDER BY a.n", *member_ids))


async def last(session: Session, subject: str, acts: Sequence[str]) -> Kept | None:
    """The newest line about a subject that is one of those acts."""
    rows = await session.all(
        f"{_KEPT} WHERE a.subject = ? AND a.act IN ({', '.join('?' * len(acts))}) "
        "ORDER BY a.n DESC LIMIT 1",
        subject, *acts,
    )  # fmt: skip
    found = _kept(rows)
    return found[0] if found else None


async def endorsers(session: Session, subject: str) -> list[str]:
    """Who ever endorsed that subject."""
    rows = await session.all(
        "SELECT DISTINCT other FROM log_acts WHERE subject = ? AND other <> '' ORDER BY other",
        subject,
    )
    return [row["other"] for row in rows]


async def endorsed_by(session: Session, endorser: str) -> list[str]:
    """Whom that actor ever endorsed."""
    rows = await session.all(
        "SELECT DISTINCT subject FROM log_acts WHERE other = ? ORDER BY subject", endorser
    )
    return [row["subject"] for row in rows]


async def endorsed_since(session: Session, endorser: str, since: int) -> int:
    """How many endorsements that actor's are written down since that moment (milliseconds)."""
    return int(
        await session.value(
            "SELECT count(*) FROM log_acts WHERE other = ? AND at >= ?", endorser, since
        )
    )


async def subjects(session: Session, act: str) -> list[str]:
    """Everybody about whom there is such an act."""
    rows = await session.all(
        "SELECT DISTINCT subject FROM log_acts WHERE act = ? ORDER BY subject", act
    )
    return [row["subject"] for row in rows]


async def asks(session: Session, acts: Sequence[str]) -> list[tuple[str, int, int]]:
    """Those acts about entries as (act, entry, at), the oldest first, of the newest lines."""
    rows = await session.all(
        f"SELECT act, member_id, at FROM log_acts WHERE act IN ({', '.join('?' * len(acts))}) "
        "AND member_id IS NOT NULL AND n > COALESCE((SELECT max(n) FROM log_acts), 0) - ? "
        "ORDER BY n",
        *acts, NEWEST,
    )  # fmt: skip
    return [(row["act"], row["member_id"], row["at"]) for row in rows]


async def head(session: Session) -> Row | None:
    """The last line: n, at and hash; None while the log is empty."""
    return await session.one("SELECT n, at, hash FROM log ORDER BY n DESC LIMIT 1")


async def lines(session: Session, after: int, limit: int) -> Sequence[Row]:
    """Lines as the public reads them (n, at, entry, hash), after that number."""
    return await session.all(
        "SELECT n, at, entry, hash FROM log WHERE n > ? ORDER BY n LIMIT ?", after, limit
    )


async def newest(
    session: Session, before: int | None, limit: int, *, act: str = "", subject: str = ""
) -> Sequence[Row]:
    """Public lines, the newest first, before that number; only those of an act or subject."""
    where = Where()
    if before is not None:
        where.add("l.n < ?", before)
    for column, wanted in (("act", act), ("subject", subject)):
        if wanted:  # a line that isn't public must not be found by what it is about
            where.add(f"a.{column} = ? AND l.is_public = 1", wanted)
    return await session.all(
        "SELECT l.n, l.at, l.entry, l.hash FROM log l JOIN log_acts a ON a.n = l.n "
        f"WHERE {where} ORDER BY l.n DESC LIMIT ?",
        *where.values, limit,
    )  # fmt: skip


async def erase(session: Session, number: int) -> None:
    """Forget what a line kept back from the public; the line itself and the chain stay.

    Of a line of which the public reads nothing, nobody can say any more what it was about.
    """
    if await session.value("SELECT is_public FROM log WHERE n = ?", number):
        await session.run("UPDATE log_acts SET salt = '', content = '' WHERE n = ?", number)
        return
    await session.run(
        "UPDATE log_acts SET act = '', subject = '', other = '', member_id = NULL, salt = '', "
        "content = '' WHERE n = ?",
        number,
    )
