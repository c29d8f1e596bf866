"""The actors this node speaks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pecfed.domain.profile import Profile
from pecfed.store import keys
from pecfed.store.database import Row, Session
from pecfed.store.keys import OwnKey

MONTH = 30 * 86_400_000  # milliseconds
HALF_YEAR = 180 * 86_400_000
_KEY = ("uri", "kind", "public", "created_at", "retired_at", "expires_at")


@dataclass(frozen=True, slots=True)
class LocalActor:
    """One of our actors, with its keys that aren't revoked; times are milliseconds since 1970.

    `also_known_as` are the ids it also goes by (or came from), `moved_to` where it went;
    `declared_until` is the last day of its charter statement, "" where it has none.
    """

    id: int
    username: str
    card: str
    uri: str
    profile: Profile
    created_at: int
    updated_at: int
    keys: tuple[OwnKey, ...] = ()
    also_known_as: tuple[str, ...] = ()
    moved_to: str = ""
    deleted_at: int | None = None
    declared_until: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a node tells of its use (NodeInfo): actors that speak, those that published lately."""

    actors: int
    active_month: int
    active_half_year: int
    posts: int
    comments: int = 0


@lru_cache(64)
def _profile(text: str) -> Profile:
    """A profile as the column holds it; read with almost everything, and frozen."""
    return Profile.from_data(json.loads(text))


_SELECT = (
    "SELECT a.*, k.uri AS key_uri, k.kind AS key_kind, k.public AS key_public, "
    "k.created_at AS key_created_at, k.retired_at AS key_retired_at, "
    "k.expires_at AS key_expires_at FROM actors a "
    "JOIN keys k ON k.actor_id = a.id AND k.revoked_at IS NULL"
)


def _actors(rows: Sequence[Row]) -> list[LocalActor]:
    """Actors out of rows of `_SELECT`: one for each of an actor's keys, one after another."""
    found: dict[int, dict[str, Any]] = {}
    held: dict[int, list[OwnKey]] = {}
    for row in rows:
        values = dict(row)
        key = {name: values.pop(f"key_{name}") for name in _KEY}
        found[values["id"]] = values
        held.setdefault(values["id"], []).append(OwnKey(**key))
    for id_, values in found.items():
        values["profile"] = _profile(values["profile"])
        values["also_known_as"] = tuple(json.loads(values["also_known_as"]))
        values["keys"] = tuple(held[id_])
    return [LocalActor(**values) for values in found.values()]


def _first(rows: Sequence[Row]) -> LocalActor | None:
    return next(iter(_actors(rows)), None)


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
    """Keep a new actor with its first keys (SPKI PEM and Multikey)."""
    actor_id = await session.value(
        "INSERT INTO actors (username, card, uri, profile, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        username, card, uri, json.dumps(profile.to_data(), ensure_ascii=False), now, now,
    )  # fmt: skip
    await keys.add(session, actor_id, f"{uri}#main-key", "rsa", rsa_public, now)
    await keys.add(session, actor_id, f"{uri}#ed25519-key", "ed25519", ed25519_public, now)
    actor = await by_username(session, username)
    assert actor is not None
    return actor


async def by_username(session: Session, username: str) -> LocalActor | None:
    """The actor of that name (lower case), if we speak for it, or did once."""
    return _first(
        await session.all(f"{_SELECT} WHERE a.username = ? ORDER BY a.id, k.id", username)
    )


async def called(session: Session, name: str) -> LocalActor | None:
    """The actor that has that name, else the one that had it; deleted ones too."""
    found = await by_username(session, name)
    if found is None:
        actor_id = await session.value("SELECT actor_id FROM former_names WHERE username = ?", name)
        found = await by_id(session, actor_id) if actor_id is not None else None
    return found


async def at_uri(session: Session, uri: str) -> LocalActor | None:
    """The actor with that id, if we speak for it, or did once."""
    return _first(await session.all(f"{_SELECT} WHERE a.uri = ? ORDER BY a.id, k.id", uri))


async def by_uri(session: Session, uri: str) -> LocalActor | None:
    """The actor with that id, if we speak for it."""
    where = "a.uri = ? AND a.deleted_at IS NULL"
    return _first(await session.all(f"{_SELECT} WHERE {where} ORDER BY a.id, k.id", uri))


async def by_id(session: Session, actor_id: int, *, hold: bool = False) -> LocalActor:
    """The actor with that database key, which must exist.

    `hold` keeps others who hold it waiting until the transaction ends.
    """
    more = session.hold if hold else ""
    found = _first(
        await session.all(f"{_SELECT} WHERE a.id = ? ORDER BY a.id, k.id {more}", actor_id)
    )
    assert found is not None
    return found


async def hold_all(session: Session) -> None:
    """Keep others who hold an actor, or want to add one, waiting until the transaction ends."""
    await session.all(f"SELECT id FROM actors ORDER BY id {session.hold}")


async def everyone(session: Session) -> Sequence[LocalActor]:
    """Every actor of this node, the oldest first, the instance actor among them."""
    return _actors(await session.all(f"{_SELECT} WHERE a.deleted_at IS NULL ORDER BY a.id, k.id"))


async def set_aliases(
    session: Session, actor_id: int, uris: Sequence[str], moved_to: str, now: int
) -> None:
    """Which other ids an actor goes by, and where it went ("" where it stays)."""
    await session.run(
        "UPDATE actors SET also_known_as = ?, moved_to = ?, updated_at = ? WHERE id = ?",
        json.dumps(list(uris)), moved_to, now, actor_id,
    )  # fmt: skip


async def mark_deleted(session: Session, actor_id: int, now: int) -> None:
    """An actor of ours is no more; its row stays, since its id and its name never come back."""
    await session.run(
        "UPDATE actors SET deleted_at = ?, updated_at = ? WHERE id = ?", now, now, actor_id
    )


async def ended(session: Session, before: int) -> Sequence[LocalActor]:
    """Actors of ours that were deleted before that moment."""
    return _actors(
        await session.all(f"{_SELECT} WHERE a.deleted_at < ? ORDER BY a.id, k.id", before)
    )


async def set_profile(session: Session, actor_id: int, profile: Profile, now: int) -> None:
    """Replace an actor's profile."""
    await session.run(
        "UPDATE actors SET profile = ?, updated_at = ? WHERE id = ?",
        json.dumps(profile.to_data(), ensure_ascii=False), now, actor_id,
    )  # fmt: skip


async def rename(session: Session, actor: LocalActor, username: str, now: int) -> None:
    """Give an actor another name; the one it had still leads to it."""
    await session.run("DELETE FROM former_names WHERE username = ?", username)
    await session.run("UPDATE actors SET username = ? WHERE id = ?", username, actor.id)
    await session.run(
        "INSERT INTO former_names (username, actor_id, renamed_at) VALUES (?, ?, ?)",
        actor.username, actor.id, now,
    )  # fmt: skip


async def set_declared(session: Session, actor_id: int, until: str) -> None:
    """Note until which day an actor's charter statement is valid; "" when it has none."""
    await session.run("UPDATE actors SET declared_until = ? WHERE id = ?", until, actor_id)


async def usage(session: Session, actor_ids: Sequence[int], now: int) -> Usage:
    """How much these actors have published, and how many of them lately."""
    mine = f"actor_id IN ({', '.join('?' * len(actor_ids))})" if actor_ids else "actor_id IS NULL"
    public = f"{mine} AND is_public = 1 AND type IN ('Create', 'Update', 'Announce')"
    active = f"SELECT count(DISTINCT actor_id) FROM activities WHERE {public} AND published_at > ?"
    return Usage(
        actors=len(actor_ids),
        active_month=int(await session.value(active, *actor_ids, now - MONTH)),
        active_half_year=int(await session.value(active, *actor_ids, now - HALF_YEAR)),
        posts=await count_posts(session),
    )


async def count_posts(session: Session) -> int:
    """How many objects our actors have published and not withdrawn."""
    return int(
        await session.value(
            "SELECT count(*) FROM objects WHERE actor_id IS NOT NULL AND deleted_at IS NULL"
        )
    )
