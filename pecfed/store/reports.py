"""Reports about what is ours: for the operator alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Report:
    """One report; `about` are our ids, times are milliseconds since 1970."""

    id: int
    activity_uri: str
    actor_uri: str
    about: tuple[str, ...]
    content: str
    reported_at: int
    closed_at: int | None


_COLUMNS = ", ".join(Report.__slots__)


def _report(row: Row) -> Report:
    values = dict(row)
    values["about"] = tuple(json.loads(values["about"]))
    return Report(**values)


async def add(
    session: Session,
    *,
    activity_uri: str,
    actor_uri: str,
    host: str,
    about: Sequence[str],
    content: str,
    now: int,
) -> int | None:
    """Keep a report once; its number, or None when it is here already."""
    number: int | None = await session.value(
        "INSERT INTO reports (activity_uri, actor_uri, host, about, content, reported_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (actor_uri, activity_uri) DO NOTHING RETURNING id",
        activity_uri, actor_uri, host, json.dumps(list(about)), content, now,
    )  # fmt: skip
    return number


async def count_open(session: Session, host: str = "") -> int:
    """How many are open, of one host or in all."""
    return int(
        await session.value(
            "SELECT count(*) FROM reports WHERE closed_at IS NULL AND (? = '' OR host = ?)",
            host, host,
        )
    )  # fmt: skip


async def get(session: Session, report_id: int) -> Report | None:
    """The report with that number."""
    row = await session.one(f"SELECT {_COLUMNS} FROM reports WHERE id = ?", report_id)
    return _report(row) if row else None


async def listing(session: Session, limit: int, *, closed: bool = False) -> Sequence[Report]:
    """Reports, the newest first; with `closed` those that are dealt with, too."""
    where = "" if closed else "WHERE closed_at IS NULL "
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM reports {where}ORDER BY id DESC LIMIT ?", limit
    )
    return [_report(row) for row in rows]


async def close(session: Session, report_id: int, now: int) -> bool:
    """The operator has dealt with a report; False when it was closed before."""
    return bool(
        await session.run(
            "UPDATE reports SET closed_at = ? WHERE id = ? AND closed_at IS NULL", now, report_id
        )
    )


async def prune(session: Session, closed_before: int) -> None:
    """Forget reports that were closed before."""
    await session.run("DELETE FROM reports WHERE closed_at < ?", closed_before)
