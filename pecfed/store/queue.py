"""What waits for a reviewer, and each act on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pecfed.domain.queue import Act, Decision, Kind, State
from pecfed.store.database import Row, Session
from pecfed.store.paging import Page, Where, cursor, place


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, or waited; times are milliseconds since 1970.

    `decision` is what was decided last, by `by` and `seconded_by`; `due_at` when it takes
    effect, or when the item comes back. `version` grows with each act.
    """

    id: int
    kind: Kind
    subject: str
    ref: str
    facts: Mapping[str, Any]
    state: State
    version: int
    decision: Decision | None
    by: str
    seconded_by: str
    opened_at: int
    changed_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """One act on an item; `words` are the message to the member, or the note to reviewers.

    `note_uri` is the id of the review that told the member, "" where none went out.
    """

    id: int
    item_id: int
    at: int
    by: str
    act: str
    reason: str
    words: str
    decision: Decision | None
    note_uri: str


_COLUMNS = ", ".join(Item.__slots__)
_ACT_COLUMNS = ", ".join(Done.__slots__)


def _decided(text: str) -> Decision | None:
    return Decision.from_data(json.loads(text)) if text else None


def _written(decision: Decision | None) -> str:
    return json.dumps(decision.to_data(), ensure_ascii=False) if decision else ""


def _item(row: Row) -> Item:
    values = {**row, "facts": json.loads(row["facts"]), "decision": _decided(row["decision"])}
    return Item(**values)


def _done(row: Row) -> Done:
    return Done(**{**row, "decision": _decided(row["decision"])})


async def add(
    session: Session, kind: Kind, subject: str, ref: str, facts: Mapping[str, Any], now: int
) -> bool:
    """A new item; False where one of that kind about the same waits already."""
    return bool(
        await session.run(
            "INSERT INTO queue (kind, subject, ref, facts, state, version, decision, by, "
            "seconded_by, opened_at, changed_at) VALUES (?, ?, ?, ?, 'open', 1, '', '', '', ?, ?) "
            "ON CONFLICT (kind, subject, ref) WHERE state <> 'done' DO NOTHING",
            kind, subject, ref, json.dumps(dict(facts), ensure_ascii=False), now, now,
        )
    )  # fmt: skip


async def waiting(session: Session, kind: Kind, subject: str, ref: str) -> Item | None:
    """The item of that kind about that which isn't done, held until the transaction ends."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM queue WHERE kind = ? AND subject = ? AND ref = ? "
        f"AND state <> 'done' {session.hold}",
        kind, subject, ref,
    )  # fmt: skip
    return _item(row) if row else None


async def get(session: Session, item_id: int, *, hold: bool = False) -> Item | None:
    """The item with that number; `hold` keeps others who hold it waiting until we are done."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM queue WHERE id = ? {session.hold if hold else ''}", item_id
    )
    return _item(row) if row else None


async def put(
    session: Session,
    item: Item,
    state: State,
    now: int,
    *,
    decision: Decision | None,
    by: str = "",
    seconded_by: str = "",
    due_at: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Move an item to a state, with what was decided; its version grows."""
    await session.run(
        "UPDATE queue SET state = ?, decision = ?, by = ?, seconded_by = ?, due_at = ?, facts = ?, "
        "changed_at = ?, version = version + 1 WHERE id = ?",
        state, _written(decision), by, seconded_by, due_at,
        json.dumps(dict(item.facts if facts is None else facts), ensure_ascii=False), now, item.id,
    )  # fmt: skip


async def act(
    session: Session,
    item_id: int,
    now: int,
    *,
    by: str,
    act: str,
    reason: str = "",
    words: str = "",
    decision: Decision | None = None,
    note_uri: str = "",
    press: str = "",
) -> None:
    """Write down an act on an item."""
    await session.run(
        "INSERT INTO queue_acts (item_id, at, by, act, reason, words, decision, note_uri, press) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        item_id, now, by, act, reason, words, _written(decision), note_uri, press or None,
    )  # fmt: skip


async def told_by(session: Session, note_uri: str) -> int | None:
    """The item of which that review told the member."""
    found: int | None = await session.value(
        "SELECT item_id FROM queue_acts WHERE note_uri = ? AND note_uri <> ''", note_uri
    )
    return found


async def pressed(session: Session, press: str) -> int | None:
    """The item on which that press of a button has acted already."""
    found: int | None = await session.value("SELECT item_id FROM queue_acts WHERE press = ?", press)
    return found


async def acts(session: Session, item_id: int) -> Sequence[Done]:
    """The acts on an item, the oldest first."""
    rows = await session.all(
        f"SELECT {_ACT_COLUMNS} FROM queue_acts WHERE item_id = ? ORDER BY id", item_id
    )
    return [_done(row) for row in rows]


async def of_subject(session: Session, subject: str, limit: int = 50) -> Sequence[Item]:
    """What waited or waits about one subject, the newest first."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM queue WHERE subject = ? ORDER BY id DESC LIMIT ?", subject, limit
    )
    return [_item(row) for row in rows]


async def proposed_by(session: Session, names: Sequence[str]) -> Sequence[Item]:
    """What somebody of those names proposed, waiting for a second one; held."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM queue WHERE state = 'proposed' "
        f"AND by IN ({', '.join('?' * len(names))}) ORDER BY id {session.hold}",
        *names,
    )
    return [_item(row) for row in rows]


async def listing(
    session: Session,
    *,
    states: Sequence[State],
    kind: str = "",
    subject: str = "",
    limit: int,
    start: str = "",
) -> Page[Item]:
    """Items in those states, the oldest first (those that are done: the newest), page by page.

    Raises:
        UsageError: `start` is no cursor of ours.
    """
    where = Where()
    where.add(f"state IN ({', '.join('?' * len(states))})", *states)
    if kind:
        where.add("kind = ?", kind)
    if subject:
        where.add("subject = ?", subject)
    total = await session.value(f"SELECT count(*) FROM queue WHERE {where}", *where.values)
    newest = tuple(states) == ("done",)
    after = place(start, (int,))
    if after:
        where.add(f"id {'<' if newest else '>'} ?", *after)
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM queue WHERE {where} "
        f"ORDER BY id {'DESC' if newest else 'ASC'} LIMIT ?",
        *where.values, limit + 1,
    )  # fmt: skip
    items = [_item(row) for row in rows[:limit]]
    more = cursor(items[-1].id) if len(rows) > limit else None
    return Page(items, int(total), more)


async def prune(session: Session, done_before: int) -> None:
    """Forget items that were done before, with their acts; the log keeps its lines."""
    old = "SELECT id FROM queue WHERE state = 'done' AND changed_at < ?"
    await session.run(f"DELETE FROM queue_acts WHERE item_id IN ({old})", done_before)
    await session.run("DELETE FROM queue WHERE state = 'done' AND changed_at < ?", done_before)


async def counts(session: Session) -> Mapping[tuple[str, str], int]:
    """How many items there are of each kind in each state but `done`."""
    rows = await session.all(
        "SELECT kind, state, count(*) AS n FROM queue WHERE state <> 'done' GROUP BY kind, state"
    )
    return {(row["kind"], row["state"]): int(row["n"]) for row in rows}


async def due(session: Session, now: int) -> int | None:
    """The number of an item whose time has come: the earliest."""
    found: int | None = await session.value(
        "SELECT id FROM queue WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", now
    )
    return found


async def last(session: Session, kind: Kind, subject: str, ref: str, act: Act) -> Item | None:
    """The newest item about that which ended in `act`."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM queue WHERE kind = ? AND subject = ? AND ref = ? "
        "AND state = 'done' ORDER BY id DESC LIMIT 20",
        kind, subject, ref,
    )  # fmt: skip
    found = (_item(row) for row in rows)
    return next((item for item in found if item.decision and item.decision.act == act), None)
