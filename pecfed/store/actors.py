"""The actors this node speaks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pecfed.domain.profile import Profile
from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class LocalActor:
    """One of our actors; times are milliseconds since 1970, keys are the public halves."""

    id: int
    username: str
    card: str
    uri: str
    profile: Profile
    rsa_public: str
    ed25519_public: str
    created_at: int
    updated_at: int


@lru_cache(64)
def _profile(text: str) -> Profile:
    """A profile as the column holds it; read with almost everything, and frozen."""
    return Profile.from_data(json.loads(text))


def _actor(row: Row) -> LocalActor:
    values = dict(row)
    values["profile"] = _profile(values["profile"])
    return LocalActor(**values)


async def add(
    session: Session,
    *,
    username: str,
    card: str,
    uri: str,
    profile: Profile,
    rsa_public: str,
    ed25519_public: str,
    now: int,
) -> LocalActor:
    """Keep a new actor."""
    await session.run(
        "INSERT INTO actors (username, card, uri, profile, rsa_public, ed25519_public, "
        "created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        username, card, uri, json.dumps(profile.to_data(), ensure_ascii=False),
        rsa_public, ed25519_public, now, now,
    )  # fmt: skip
    actor = await by_username(session, username)
    assert actor is not None
    return actor


async def by_username(session: Session, username: str) -> LocalActor | None:
    """The actor of that name (lower case), if we speak for it."""
    row = await session.one("SELECT * FROM actors WHERE username = ?", username)
    return _actor(row) if row else None


async def by_uri(session: Session, uri: str) -> LocalActor | None:
    """The actor with that id, if we speak for it."""
    row = await session.one("SELECT * FROM actors WHERE uri = ?", uri)
    return _actor(row) if row else None


async def by_id(session: Session, actor_id: int, *, hold: bool = False) -> LocalActor:
    """The actor with that database key, which must exist.

    `hold` keeps others who hold it waiting until the transaction ends.
    """
    more = session.hold if hold else ""
    row = await session.one(f"SELECT * FROM actors WHERE id = ? {more}", actor_id)
    assert row is not None
    return _actor(row)


async def hold_all(session: Session) -> None:
    """Keep others who hold an actor, or want to add one, waiting until the transaction ends."""
    await session.all(f"SELECT id FROM actors ORDER BY id {session.hold}")


async def everyone(session: Session) -> Sequence[LocalActor]:
    """Every actor of this node, the oldest first, the instance actor among them."""
    return [_actor(row) for row in await session.all("SELECT * FROM actors ORDER BY id")]


async def set_profile(session: Session, actor_id: int, profile: Profile, now: int) -> None:
    """Replace an actor's profile."""
    await session.run(
        "UPDATE actors SET profile = ?, updated_at = ? WHERE id = ?",
        json.dumps(profile.to_data(), ensure_ascii=False), now, actor_id,
    )  # fmt: skip


async def count_posts(session: Session) -> int:
    """How many objects our actors have published and not withdrawn."""
    return int(
        await session.value(
            "SELECT count(*) FROM objects WHERE actor_id IS NOT NULL AND deleted_at IS NULL"
        )
    )
