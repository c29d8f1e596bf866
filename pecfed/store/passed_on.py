"""What our actors announce of others, each object once: shown, waiting, collected, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pecfed.store.database import Row, Session

State = Literal["shown", "waiting", "collected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Passed:
    """One object and one of our actors; `at` is milliseconds since 1970.

    `activity` is the JSON of the activity that was passed on whole, "" where there is none.
    """

    actor_id: int
    object_uri: str
    author_uri: str
    state: State
    at: int
    title: str
    url: str
    activity: str
    reason: str


COLUMNS = (
    "p.actor_id, p.object_uri, p.author_uri, p.state, p.at, p.title, p.url, p.activity, p.reason"
)


def passed(row: Row) -> Passed:
    """A row of `COLUMNS`."""
    return Passed(**dict(row))


async def add(
    session: Session,
    *,
    actor_id: int,
    object_uri: str,
    author_uri: str,
    state: State,
    now: int,
    title: str = "",
    url: str = "",
    activity: str = "",
) -> bool:
    """Keep it; False when it was there, and nothing changed."""
    added = await session.run(
        "INSERT INTO passed_on (actor_id, object_uri, author_uri, state, at, title, url, activity) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (actor_id, object_uri) DO NOTHING",
        actor_id, object_uri, author_uri, state, now, title, url, activity,
    )  # fmt: skip
    return bool(added)


async def get(session: Session, actor_id: int, object_uri: str) -> Passed | None:
    """What that actor did with that object."""
    row = await session.one(
        f"SELECT {COLUMNS} FROM passed_on p WHERE actor_id = ? AND object_uri = ?",
        actor_id,
        object_uri,
    )
    return passed(row) if row else None


async def of_object(session: Session, object_uri: str) -> Sequence[Passed]:
    """What each of our actors did with that object."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM passed_on p WHERE object_uri = ? ORDER BY actor_id", object_uri
    )
    return [passed(row) for row in rows]


async def set_state(
    session: Session, actor_id: int, object_uri: str, state: State, now: int, *, reason: str = ""
) -> None:
    """It is announced, told in a note, or withdrawn from now on."""
    await session.run(
        "UPDATE passed_on SET state = ?, at = ?, reason = ? WHERE actor_id = ? AND object_uri = ?",
        state, now, reason, actor_id, object_uri,
    )  # fmt: skip


async def forget_waiting(session: Session, object_uri: str) -> None:
    """What waited for its turn is gone."""
    await session.run(
        "DELETE FROM passed_on WHERE object_uri = ? AND state = 'waiting'", object_uri
    )


async def count_since(
    session: Session, actor_id: int, author_uri: str, since: int, *states: State
) -> int:
    """How many of an author's objects are in one of those states since then."""
    places = ", ".join("?" * len(states))
    return int(
        await session.value(
            "SELECT count(*) FROM passed_on WHERE actor_id = ? AND author_uri = ? AND at > ? "
            f"AND state IN ({places})",
            actor_id, author_uri, since, *states,
        )
    )  # fmt: skip


async def waiting(session: Session) -> Sequence[Row]:
    """actor_id, author_uri, oldest and newest moment of what waits, for each author."""
    return await session.all(
        "SELECT actor_id, author_uri, min(at) AS oldest, max(at) AS newest FROM passed_on "
        "WHERE state = 'waiting' GROUP BY actor_id, author_uri ORDER BY min(at)"
    )


async def waiting_of(session: Session, actor_id: int, author_uri: str) -> Sequence[Passed]:
    """What of an author waits, the oldest first."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM passed_on p WHERE actor_id = ? AND author_uri = ? "
        "AND state = 'waiting' ORDER BY at, object_uri",
        actor_id,
        author_uri,
    )
    return [passed(row) for row in rows]


async def listed(
    session: Session, actor_id: int, limit: int, *, states: Sequence[State] = ("shown",)
) -> Sequence[Row]:
    """What an actor announces of present members, the newest first, with the author's entry."""
    places = ", ".join("?" * len(states))
    return await session.all(
        f"SELECT {COLUMNS}, m.slug AS author_slug, m.name AS author_name FROM passed_on p "
        "JOIN members m ON m.uri = p.author_uri AND m.state = 'member' "
        f"WHERE p.actor_id = ? AND p.state IN ({places}) "
        "ORDER BY p.at DESC, p.object_uri LIMIT ?",
        actor_id, *states, limit,
    )  # fmt: skip


async def counts(session: Session, actor_id: int) -> dict[str, int]:
    """How many objects are in each state."""
    rows = await session.all(
        "SELECT state, count(*) AS number FROM passed_on WHERE actor_id = ? GROUP BY state",
        actor_id,
    )
    return {row["state"]: row["number"] for row in rows}
