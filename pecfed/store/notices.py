"""Notices, and who has read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from pecfed.domain.notice import Notice
from pecfed.store.database import Row, Session

COLUMNS = "n.id, n.kind, n.subject, n.ref, n.to_whom, n.facts, n.at"


def notice_of(row: Row) -> Notice:
    """A row of `COLUMNS`, of the table as `n`, as a notice."""
    return Notice(
        row["id"],
        row["kind"],
        row["subject"],
        row["ref"],
        row["to_whom"],
        json.loads(row["facts"]),
        row["at"],
    )


async def add(
    session: Session,
    *,
    kind: str,
    subject: str,
    ref: str,
    to: str,
    facts: Mapping[str, str],
    now: int,
) -> int | None:
    """Keep a notice; its number, or None where the same was told before (by its `ref`)."""
    number: int | None = await session.value(
        "INSERT INTO notices (kind, subject, ref, to_whom, facts, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (kind, subject, ref, to_whom) WHERE ref <> '' DO NOTHING RETURNING id",
        kind, subject, ref, to, json.dumps(dict(facts), ensure_ascii=False), now,
    )  # fmt: skip
    return number


async def listing(
    session: Session, to: Sequence[str], limit: int, *, before: int = 0
) -> Sequence[Notice]:
    """The newest notices for any of `to`, those with a smaller number than `before`."""
    if not to:
        return []
    rows = await session.all(
        f"SELECT {COLUMNS} FROM notices n WHERE n.to_whom IN ({', '.join('?' * len(to))}) "
        "AND (n.id < ? OR CAST(? AS BIGINT) = 0) ORDER BY n.id DESC LIMIT ?",
        *to, before, before, limit,
    )  # fmt: skip
    return [notice_of(row) for row in rows]


async def read_by(session: Session, account: str, numbers: Sequence[int]) -> frozenset[int]:
    """Which of these notices that account has read."""
    if not numbers:
        return frozenset()
    rows = await session.all(
        "SELECT notice_id FROM notice_reads WHERE account = ? "
        f"AND notice_id IN ({', '.join('?' * len(numbers))})",
        account, *numbers,
    )  # fmt: skip
    return frozenset(row["notice_id"] for row in rows)


async def count_unread(session: Session, account: str, to: Sequence[str], most: int) -> int:
    """How many notices for any of `to` that account hasn't read; counted up to `most`."""
    if not to:
        return 0
    return int(
        await session.value(
            "SELECT count(*) FROM (SELECT 1 FROM notices n "
            f"WHERE n.to_whom IN ({', '.join('?' * len(to))}) AND NOT EXISTS (SELECT 1 "
            "FROM notice_reads r WHERE r.notice_id = n.id AND r.account = ?) LIMIT ?) AS unread",
            *to, account, most,
        )
    )  # fmt: skip


async def read(session: Session, account: str, numbers: Iterable[int], now: int) -> int:
    """An account has read these; how many of them were new to it. Unknown ones are passed over."""
    found = 0
    for number in numbers:
        found += await session.run(
            "INSERT INTO notice_reads (notice_id, account, read_at) "
            "SELECT id, CAST(? AS TEXT), CAST(? AS BIGINT) FROM notices WHERE id = ? "
            "ON CONFLICT (notice_id, account) DO NOTHING",
            account, now, number,
        )  # fmt: skip
    return found


async def prune(session: Session, before: int) -> None:
    """Forget notices from before, with who read them, unless a mail with them still waits."""
    old = (
        "(SELECT id FROM notices WHERE at < ? AND NOT EXISTS (SELECT 1 FROM mailed d "
        "JOIN mails m ON m.id = d.mail_id WHERE d.notice_id = notices.id AND m.state = 'waiting'))"
    )
    await session.run(f"DELETE FROM mailed WHERE notice_id IN {old}", before)
    await session.run(f"DELETE FROM notice_reads WHERE notice_id IN {old}", before)
    await session.run(
        "DELETE FROM notices WHERE at < ? "
        "AND NOT EXISTS (SELECT 1 FROM mailed d WHERE d.notice_id = notices.id)",
        before,
    )
