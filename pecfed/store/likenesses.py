"""What entries look like, which were found to be different, and which became part of another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecfed.domain.membership import State
from pecfed.store import members
from pecfed.store.database import Session
from pecfed.store.members import Member

MOST = 20
"""Entries that look like one entry, of one kind, that anybody is told of."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Another entry with the same `key` of that `kind`; `written` is what it is in fact."""

    kind: str
    key: str
    written: str
    member: Member


async def note(session: Session, member_id: int, looks: Mapping[str, tuple[str, str]]) -> bool:
    """Keep what an entry looks like, (key, what it is in fact) by kind; False where known."""
    rows = await session.all(
        "SELECT kind, key, written FROM likenesses WHERE member_id = ?", member_id
    )
    if {row["kind"]: (row["key"], row["written"]) for row in rows} == dict(looks):
        return False
    await session.run("DELETE FROM likenesses WHERE member_id = ?", member_id)
    for kind, (key, written) in looks.items():
        await session.run(
            "INSERT INTO likenesses (member_id, kind, key, written) VALUES (?, ?, ?, ?)",
            member_id, kind, key, written,
        )  # fmt: skip
    return True


async def alike(session: Session, member_id: int) -> list[Alike]:
    """The entries that are, were or ask to be listed and share a look with that one.

    Entries that became part of it, or it of them, and those found to be different are left
    out; so is who left or was refused.
    """
    rows = await session.all(
        f"SELECT o.kind, o.key AS look, o.written, {members.COLUMNS} FROM likenesses l "
        "JOIN likenesses o ON o.kind = l.kind AND o.key = l.key AND o.member_id <> l.member_id "
        "JOIN members m ON m.id = o.member_id "
        "WHERE l.member_id = ? AND m.state NOT IN ('left', 'refused') "
        "AND NOT EXISTS (SELECT 1 FROM apart a WHERE "
        "(a.one_id = l.member_id AND a.other_id = o.member_id) "
        "OR (a.one_id = o.member_id AND a.other_id = l.member_id)) "
        "ORDER BY m.id, o.kind LIMIT ?",
        member_id, MOST,
    )  # fmt: skip
    return [Alike(row["kind"], row["look"], row["written"], members.member(row)) for row in rows]


async def unseen(session: Session, limit: int) -> list[Member]:
    """Entries that nobody has noted the looks of: from before this program knew how."""
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM members m WHERE m.state NOT IN ('left', 'refused') "
        "AND NOT EXISTS (SELECT 1 FROM likenesses l WHERE l.member_id = m.id) "
        "ORDER BY m.id LIMIT ?",
        limit,
    )
    return [members.member(row) for row in rows]


async def keep_apart(session: Session, one_id: int, other_id: int) -> None:
    """Somebody found that these are two organisations."""
    await session.run(
        "INSERT INTO apart (one_id, other_id) VALUES (?, ?) "
        "ON CONFLICT (one_id, other_id) DO NOTHING",
        min(one_id, other_id), max(one_id, other_id),
    )  # fmt: skip


async def are_apart(session: Session, one_id: int, other_id: int) -> bool:
    """Whether somebody found so."""
    return bool(
        await session.value(
            "SELECT 1 FROM apart WHERE one_id = ? AND other_id = ?",
            min(one_id, other_id), max(one_id, other_id),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Merge:
    """An entry that became part of another; `before` is the other's profile and sources then."""

    member_id: int
    into_id: int
    at: int
    state: State
    before: Mapping[str, Any]


async def merge(
    session: Session, entry: Member, into_id: int, now: int, before: Mapping[str, Any]
) -> None:
    """An entry is part of another from now on; what led to it leads on."""
    await session.run(
        "INSERT INTO merges (member_id, into_id, at, state, before) VALUES (?, ?, ?, ?, ?)",
        entry.id, into_id, now, entry.state, json.dumps(before, ensure_ascii=False),
    )  # fmt: skip


async def merged(session: Session, member_id: int) -> Merge | None:
    """What that entry became part of, if it did."""
    row = await session.one("SELECT * FROM merges WHERE member_id = ?", member_id)
    return Merge(**{**dict(row), "before": json.loads(row["before"])}) if row else None


async def parts(session: Session, into_id: int) -> list[Member]:
    """The entries that became part of that one, the first first."""
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM merges g JOIN members m ON m.id = g.member_id "
        "WHERE g.into_id = ? ORDER BY g.at, m.id",
        into_id,
    )
    return [members.member(row) for row in rows]


async def latest_part(session: Session, into_id: int) -> int | None:
    """The last entry that became part of that one."""
    found: int | None = await session.value(
        "SELECT member_id FROM merges WHERE into_id = ? ORDER BY at DESC, member_id DESC LIMIT 1",
        into_id,
    )
    return found


async def unmerge(session: Session, member_id: int) -> None:
    """An entry stands by itself again."""
    await session.run("DELETE FROM merges WHERE member_id = ?", member_id)
