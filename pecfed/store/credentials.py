"""The credentials that our actors issued, and their places in the status lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pecfed.domain.credential import Kind
from pecfed.domain.status_list import PLACES
from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential without its proof; times are milliseconds since 1970.

    `valid_until` is its last day (ISO, UTC); `list` and `place` say where its status stands.
    """

    uri: str
    actor_id: int
    kind: Kind
    subject_uri: str
    digest: str
    document: Mapping[str, Any]
    issued_at: int
    valid_until: str
    list: int
    place: int
    revoked_at: int | None = None
    revoked_for: str = ""


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list of one actor's; `changed_at` is when a credential in it last was revoked."""

    id: int
    actor_id: int
    used: int
    changed_at: int


_COLUMNS = (
    "uri, actor_id, kind, subject_uri, digest, document, issued_at, valid_until, list, place, "
    "revoked_at, revoked_for"
)


def _credential(row: Row) -> Credential:
    values = dict(row)
    return Credential(**values | {"document": json.loads(values["document"])})


async def take_place(session: Session, actor_id: int, now: int) -> tuple[int, int]:
    """The next free place of an actor, as (list, place); a list that is full gets a successor."""
    row = await session.one(
        "SELECT id, used FROM status_lists WHERE actor_id = ? ORDER BY id DESC LIMIT 1 "
        + session.hold,
        actor_id,
    )
    if row is None or row["used"] >= PLACES:
        number = await session.value(
            "INSERT INTO status_lists (actor_id, used, changed_at) VALUES (?, 1, ?) RETURNING id",
            actor_id, now,
        )  # fmt: skip
        return int(number), 0
    await session.run("UPDATE status_lists SET used = used + 1 WHERE id = ?", row["id"])
    return int(row["id"]), int(row["used"])


async def add(session: Session, new: Credential) -> None:
    """Keep a new credential."""
    await session.run(
        f"INSERT INTO credentials ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new.uri, new.actor_id, new.kind, new.subject_uri, new.digest,
        json.dumps(new.document, ensure_ascii=False), new.issued_at, new.valid_until,
        new.list, new.place, new.revoked_at, new.revoked_for,
    )  # fmt: skip


async def by_uri(session: Session, uri: str, *, hold: bool = False) -> Credential | None:
    """The credential with that id, revoked ones too."""
    more = session.hold if hold else ""
    row = await session.one(f"SELECT {_COLUMNS} FROM credentials WHERE uri = ? {more}", uri)
    return None if row is None else _credential(row)


async def of_subject(
    session: Session, subject_uri: str, kind: Kind, *, actor_id: int | None = None
) -> Sequence[Credential]:
    """What was issued about somebody, the newest first, revoked and ended ones too."""
    mine = "" if actor_id is None else "AND actor_id = ?"
    values = (subject_uri, kind) if actor_id is None else (subject_uri, kind, actor_id)
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM credentials WHERE subject_uri = ? AND kind = ? {mine} "
        "ORDER BY id DESC",
        *values,
    )
    return [_credential(row) for row in rows]


async def revoke(session: Session, of: Credential, now: int, reason: str) -> None:
    """Mark a credential revoked from now on, and its list as changed."""
    await session.run(
        "UPDATE credentials SET revoked_at = ?, revoked_for = ? WHERE uri = ?", now, reason, of.uri
    )
    await session.run("UPDATE status_lists SET changed_at = ? WHERE id = ?", now, of.list)


async def status_list(session: Session, number: int) -> StatusList | None:
    """The status list of that number."""
    row = await session.one(
        "SELECT id, actor_id, used, changed_at FROM status_lists WHERE id = ?", number
    )
    return None if row is None else StatusList(**dict(row))


async def withheld_places(session: Session, number: int) -> Sequence[int]:
    """The places of a list whose credentials don't count now.

    Those that are revoked; while its bearer is hidden or suspended a label, too, and while
    it is suspended an attestation: a copy that somebody keeps must not say more than we do.
    """
    rows = await session.all(
        "SELECT c.place FROM credentials c LEFT JOIN members m ON m.uri = c.subject_uri "
        "LEFT JOIN liveness l ON l.member_id = m.id WHERE c.list = ? AND ("
        "c.revoked_at IS NOT NULL "
        "OR (c.kind IN ('label', 'attestation') AND m.state = 'suspended') "
        "OR (c.kind = 'label' AND l.hidden_at IS NOT NULL)) ORDER BY c.place",
        number,
    )
    return [row["place"] for row in rows]
