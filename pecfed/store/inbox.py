"""The inbox: what was verified and acknowledged, until it has had its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.store.database import Session

LEASE = 60_000  # milliseconds
BACK_OFF = (5_000, 30_000, 120_000, 600_000, 3_600_000)  # after which a letter is parked


@dataclass(frozen=True, slots=True)
class Letter:
    """One acknowledged activity; `body` is the JSON that was signed, `actor_uri` the signer."""

    id: int
    activity_uri: str
    actor_uri: str
    type: str
    body: str
    attempts: int


async def keep(
    session: Session,
    *,
    activity_uri: str,
    actor_uri: str,
    type: str,  # noqa: A002 - the activity's `type`
    body: str,
    now: int,
    again: bool = False,
) -> bool:
    """Keep an activity once; False when this one was already here.

    A Follow that its sender sent `again` is opened again: who asks twice, with one id,
    has lost our Accept, and is answered every time.
    """
    added = await session.run(
        "INSERT INTO inbox (activity_uri, actor_uri, type, body, state, due_at, received_at) "
        "VALUES (?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (actor_uri, activity_uri) DO UPDATE "
        "SET state = 'waiting', body = excluded.body, attempts = 0, due_at = excluded.due_at "
        "WHERE ? = 1 AND inbox.state = 'done' AND inbox.type = 'Follow'",
        activity_uri, actor_uri, type, body, now, now, int(again and type == "Follow"),
    )  # fmt: skip
    if added:
        await session.wake("inbox")
    return bool(added)


async def claim(
    session: Session,
    limit: int,
    now: int,
    busy: Sequence[str] = (),
    full: Sequence[str] = (),
) -> Sequence[Letter]:
    """Take what is due, oldest first; the attempt counts before it is made.

    Letters of the actors in `busy` wait for those before them, and those of the
    `full` hosts (each as it stands at the beginning of an id) for room.
    """
    others = f"AND actor_uri NOT IN ({', '.join('?' * len(busy))}) " if busy else ""
    starts = [f"{host}/" for host in full]
    others += "AND substr(actor_uri, 1, ?) <> ? " * len(starts)
    rows = await session.all(
        "SELECT id FROM inbox i WHERE state = 'waiting' AND due_at <= ? AND leased_until <= ? "
        f"{others}ORDER BY due_at, id LIMIT ? {session.skip_locked}",
        now, now, *busy, *(value for start in starts for value in (len(start), start)), limit,
    )  # fmt: skip
    if not rows:
        return []
    ids = sorted(row["id"] for row in rows)
    places = ", ".join("?" * len(ids))
    await session.run(
        f"UPDATE inbox SET attempts = attempts + 1, leased_until = ? WHERE id IN ({places})",
        now + LEASE, *ids,
    )  # fmt: skip
    found = await session.all(
        "SELECT id, activity_uri, actor_uri, type, body, attempts "
        f"FROM inbox WHERE id IN ({places}) ORDER BY id",
        *ids,
    )
    return [Letter(**dict(row)) for row in found]


async def done(session: Session, letter_id: int, note: str = "") -> None:
    """A letter has had its effect (or none, and `note` says why)."""
    await session.run(
        "UPDATE inbox SET state = 'done', body = '', leased_until = 0, error = ? WHERE id = ?",
        note[:300], letter_id,
    )  # fmt: skip


async def later(session: Session, letter: Letter, error: str, now: int) -> None:
    """A letter could not be dealt with: try again later, or park it after the last try."""
    if letter.attempts > len(BACK_OFF):
        await session.run(
            "UPDATE inbox SET state = 'parked', leased_until = 0, error = ? WHERE id = ?",
            error[:300], letter.id,
        )  # fmt: skip
        return
    await session.run(
        "UPDATE inbox SET due_at = ?, leased_until = 0, error = ? WHERE id = ?",
        now + BACK_OFF[letter.attempts - 1], error[:300], letter.id,
    )  # fmt: skip


async def put_back(session: Session, letters: Sequence[Letter]) -> None:
    """Letters that were taken but not dealt with: they are due again, and were not tried."""
    await session.many(
        "UPDATE inbox SET attempts = attempts - 1, leased_until = 0 "
        "WHERE id = ? AND state = 'waiting'",
        [(letter.id,) for letter in letters],
    )


async def release(session: Session) -> int:
    """At the start of a node's only process: the leases of the one before are free."""
    return await session.run(
        "UPDATE inbox SET leased_until = 0 WHERE state = 'waiting' AND leased_until > 0"
    )


async def counts(session: Session) -> dict[str, int]:
    """How many letters are waiting and parked."""
    rows = await session.all(
        "SELECT state, count(*) AS n FROM inbox WHERE state <> 'done' GROUP BY state"
    )
    found = {row["state"]: row["n"] for row in rows}
    return {"waiting": found.get("waiting", 0), "parked": found.get("parked", 0)}


async def retry_parked(session: Session, now: int) -> int:
    """Make parked letters due again; how many."""
    count = await session.run(
        "UPDATE inbox SET state = 'waiting', attempts = 0, due_at = ? WHERE state = 'parked'", now
    )
    await session.wake("inbox")
    return count


async def prune(session: Session, before: int, asked_before: int = 0) -> int:
    """Forget done letters received before `before`; repeats older than that fail by date.

    What anybody may send and what does no harm twice is forgotten when it came before
    `asked_before`: a signature is older by then than any that is taken.
    """
    return await session.run(
        "DELETE FROM inbox WHERE state = 'done' AND (received_at < ? "
        "OR (received_at < ? AND type IN "
        "('Follow', 'Undo', 'Like', 'EmojiReact', 'Announce', 'Flag')))",
        before, asked_before,
    )  # fmt: skip
