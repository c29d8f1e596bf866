"""Reviews: what hubs and members wrote to our actors in private, and what ours wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pecfed.domain.review import Review
from pecfed.store.database import Row, Session

State = Literal["open", "done"]


@dataclass(frozen=True, slots=True)
class Letter:
    """A review that was received or sent; `at` is milliseconds since 1970.

    `actor_id` is the database key of ours, `other_uri` the one who wrote it or got it.
    One that was received is `open` until ours have dealt with it, one that was sent until
    the other has.
    """

    id: int
    uri: str
    actor_id: int
    other_uri: str
    handle: str
    name: str
    is_sent: bool
    review: Review
    state: State
    at: int


COLUMNS = "id, uri, actor_id, other_uri, handle, name, sent, data, state, at"


def _letter(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        uri=row["uri"],
        actor_id=row["actor_id"],
        other_uri=row["other_uri"],
        handle=row["handle"],
        name=row["name"],
        is_sent=bool(row["sent"]),
        review=Review.from_data(json.loads(row["data"])),
        state=row["state"],
        at=row["at"],
    )


async def add(
    session: Session,
    *,
    uri: str,
    actor_id: int,
    other_uri: str,
    host: str,
    handle: str,
    name: str,
    is_sent: bool,
    review: Review,
    state: State,
    now: int,
) -> bool:
    """Keep a review once; False when it is here already."""
    return bool(
        await session.run(
            "INSERT INTO reviews (uri, actor_id, other_uri, host, handle, name, sent, act, "
            "about_uri, data, reply_to, state, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO NOTHING",
            uri, actor_id, other_uri, host, handle, name, int(is_sent), review.act, review.about,
            json.dumps(review.to_data(), ensure_ascii=False), review.reply_to, state, now,
        )
    )  # fmt: skip


async def get(session: Session, letter_id: int, *, hold: bool = False) -> Letter | None:
    """The review with that number; `hold` keeps others who hold it waiting."""
    row = await session.one(
        f"SELECT {COLUMNS} FROM reviews WHERE id = ? {session.hold if hold else ''}", letter_id
    )
    return _letter(row) if row else None


async def by_uri(session: Session, uri: str) -> Letter | None:
    """The review with that id."""
    row = await session.one(f"SELECT {COLUMNS} FROM reviews WHERE uri = ?", uri)
    return _letter(row) if row else None


async def of_actor(
    session: Session, actor_id: int, limit: int, *, acts: Sequence[str] = ()
) -> Sequence[Letter]:
    """What an actor of ours was sent and sent, the newest first; of these acts alone."""
    where = f" AND act IN ({', '.join('?' * len(acts))})" if acts else ""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM reviews WHERE actor_id = ?{where} ORDER BY id DESC LIMIT ?",
        actor_id, *acts, limit,
    )  # fmt: skip
    return [_letter(row) for row in rows]


async def prune(session: Session, before: int) -> None:
    """Forget those that came or went before."""
    await session.run("DELETE FROM reviews WHERE at < ?", before)


async def set_state(session: Session, letter_id: int, state: State) -> None:
    """A review was dealt with, or is open again."""
    await session.run("UPDATE reviews SET state = ? WHERE id = ?", state, letter_id)


async def count_open(session: Session, actor_id: int, acts: Sequence[str]) -> int:
    """How many received ones with these acts wait for an actor of ours."""
    return int(
        await session.value(
            "SELECT count(*) FROM reviews WHERE actor_id = ? AND sent = 0 AND state = 'open' "
            f"AND act IN ({', '.join('?' * len(acts))})",
            actor_id, *acts,
        )
    )  # fmt: skip


async def room(session: Session, other_uri: str, host: str, since: int) -> tuple[int, int]:
    """How many somebody, and everybody on its host, has sent us since then."""
    by_other = await session.value(
        "SELECT count(*) FROM reviews WHERE other_uri = ? AND sent = 0 AND at > ?",
        other_uri, since,
    )  # fmt: skip
    by_host = await session.value(
        "SELECT count(*) FROM reviews WHERE host = ? AND sent = 0 AND at > ?", host, since
    )
    return int(by_other), int(by_host)


async def is_asked(session: Session, actor_id: int, other_uri: str, act: str, digest: str) -> bool:
    """Whether an actor of ours sent somebody that very thing, and it is open."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM reviews WHERE actor_id = ? AND other_uri = ? AND act = ? "
        "AND sent = 1 AND state = 'open'",
        actor_id, other_uri, act,
    )  # fmt: skip
    return any(_letter(row).review.digest == digest for row in rows)
