"""A hub's entries: invited, asked, members and those who were; and the log of every change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pecfed.domain import text
from pecfed.domain.log import Act
from pecfed.domain.membership import State, is_public
from pecfed.domain.profile import Profile
from pecfed.errors import NotFoundError
from pecfed.store import log as log_lines
from pecfed.store import standings
from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Member:
    """One entry; `slug` is name@host (an id of the hub's own while invited), `uri` None then."""

    id: int
    slug: str
    uri: str | None
    state: State
    name: str
    profile: Profile
    source: tuple[str, ...]
    join_uri: str
    read_due_at: int | None
    changed_at: int


COLUMNS = (
    "m.id, m.slug, m.uri, m.state, m.name, m.profile, m.source, m.join_uri, m.read_due_at, "
    "m.changed_at"
)


def member(row: Row) -> Member:
    """A row of `COLUMNS` as an entry."""
    return Member(
        id=row["id"],
        slug=row["slug"],
        uri=row["uri"],
        state=row["state"],
        name=row["name"],
        profile=Profile.from_data(json.loads(row["profile"])),
        source=tuple(json.loads(row["source"])),
        join_uri=row["join_uri"],
        read_due_at=row["read_due_at"],
        changed_at=row["changed_at"],
    )


def _facets(profile: Profile) -> tuple[str, str, str, str, str]:
    """Sort key, legal form, sectors, country and search words, as the columns hold them."""
    return (
        text.fold([profile.name]),
        profile.legal_form,
        f" {' '.join(profile.sectors)} ",
        profile.place.country if profile.place else "",
        text.fold(profile.words()),
    )


async def add(
    session: Session,
    *,
    slug: str,
    uri: str | None,
    state: State,
    profile: Profile,
    source: Sequence[str],
    now: int,
) -> Member:
    """A new entry."""
    await session.run(
        "INSERT INTO members (slug, uri, state, name, profile, source, sort, legal_form, sectors, "
        "country, words, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        slug, uri, state, profile.name, json.dumps(profile.to_data(), ensure_ascii=False),
        json.dumps(list(source)), *_facets(profile), now,
    )  # fmt: skip
    added = await by_slug(session, slug)
    assert added is not None
    return added


async def describe(session: Session, member_id: int, slug: str, profile: Profile, now: int) -> None:
    """Replace what an entry says of its member."""
    await session.run(
        "UPDATE members SET slug = ?, name = ?, profile = ?, sort = ?, legal_form = ?, "
        "sectors = ?, country = ?, words = ?, changed_at = ? WHERE id = ?",
        slug, profile.name, json.dumps(profile.to_data(), ensure_ascii=False),
        *_facets(profile), now, member_id,
    )  # fmt: skip


async def set_state(
    session: Session,
    entry: Member,
    state: State,
    now: int,
    *,
    deed: str,
    by: str,
    reason: str,
    message: str,
) -> None:
    """Change an entry's state, with its line in the log."""
    await session.run(
        "UPDATE members SET state = ?, changed_at = ? WHERE id = ?", state, now, entry.id
    )
    await log(session, entry.id, now, deed, entry.state, state, by, reason, message)


async def log(
    session: Session,
    member_id: int,
    at: int,
    deed: str,
    from_state: str,
    to_state: str,
    by: str,
    reason: str,
    message: str,
) -> None:
    """Write a change of an entry into the log (`store/standings.py: write`)."""
    row = await session.one("SELECT slug, uri FROM members WHERE id = ?", member_id)
    assert row is not None
    await standings.write(
        session,
        Act(
            at=at,
            act=deed,
            subject=row["uri"] or row["slug"],
            by=by,
            reason=reason,
            before={"membership": from_state} if from_state else {},
            after={"membership": to_state},
            private={"message": message} if message else {},
            is_public=is_public(from_state, to_state),
        ),
        member_id,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A line about an entry, for the operator; states are "" where it isn't about membership."""

    at: int
    deed: str
    from_state: str
    to_state: str
    by: str
    reason: str
    message: str
    facts: Mapping[str, Any]


async def history(session: Session, *member_ids: int) -> list[Change]:
    """The log of an entry (or of several that became one), the oldest line first."""
    return [
        Change(
            at=each.act.at,
            deed=each.act.act,
            from_state=each.act.before.get("membership", ""),
            to_state=each.act.after.get("membership", ""),
            by=each.act.by,
            reason=each.act.reason,
            message=each.act.private.get("message", ""),
            facts=each.act.facts,
        )
        for each in await log_lines.of_member(session, *member_ids)
    ]


async def attach(session: Session, member_id: int, uri: str, source: Sequence[str]) -> None:
    """An entry from public sources has an actor from now on, which is one more source."""
    await session.run(
        "UPDATE members SET uri = ?, source = ? WHERE id = ?",
        uri, json.dumps(list(source)), member_id,
    )  # fmt: skip


async def set_source(session: Session, member_id: int, source: Sequence[str]) -> None:
    """Where what an entry says comes from."""
    await session.run(
        "UPDATE members SET source = ? WHERE id = ?", json.dumps(list(source)), member_id
    )


async def set_join(session: Session, member_id: int, join_uri: str) -> None:
    """Keep the id of the Join that an Accept or Reject must name."""
    await session.run("UPDATE members SET join_uri = ? WHERE id = ?", join_uri, member_id)


async def set_actor(session: Session, member_id: int, uri: str) -> None:
    """The entry is that actor's from now on."""
    await session.run("UPDATE members SET uri = ?, join_uri = '' WHERE id = ?", uri, member_id)


async def _one(
    session: Session, column: str, value: object, *, hold: bool = False
) -> Member | None:
    row = await session.one(
        f"SELECT {COLUMNS} FROM members m WHERE m.{column} = ? {session.hold if hold else ''}",
        value,
    )
    return member(row) if row else None


async def by_id(session: Session, member_id: int, *, hold: bool = False) -> Member:
    """The entry with that database key, which exists."""
    found = await _one(session, "id", member_id, hold=hold)
    assert found is not None
    return found


async def by_slug(session: Session, slug: str) -> Member | None:
    """The entry with that slug."""
    return await _one(session, "slug", slug)


async def by_uri(session: Session, uri: str, *, hold: bool = False) -> Member | None:
    """The entry of that actor; `hold` keeps others who hold it waiting until we are done."""
    return await _one(session, "uri", uri, hold=hold)


async def find(session: Session, name: str, *, hold: bool = False) -> Member | None:
    """The entry somebody means: its slug, its handle with or without @, or its actor's uri.

    `hold` keeps others who hold it waiting until the transaction ends.
    """
    slug = name.removeprefix("@")
    return await _one(session, "slug", slug, hold=hold) or await by_uri(session, name, hold=hold)


async def the_entry(session: Session, name: str, *, hold: bool = False) -> Member:
    """The entry somebody means, as `find` does, where there must be one.

    Raises:
        NotFoundError: there is none.
    """
    found = await find(session, name, hold=hold)
    if found is None:
        raise NotFoundError(f"there is no entry {name!r}; see: members list")
    return found


async def listed(session: Session, uris: Sequence[str]) -> dict[str, Member]:
    """Those of the actors that are members now, by uri."""
    if not uris:
        return {}
    rows = await session.all(
        f"SELECT {COLUMNS} FROM members m WHERE m.state = 'member' "
        f"AND m.uri IN ({', '.join('?' * len(uris))})",
        *uris,
    )
    return {row["uri"]: member(row) for row in rows}


async def state_of(session: Session, uri: str, *, hold: bool = False) -> str | None:
    """The state of that actor's entry, or None where there is none.

    `hold` keeps others who hold it waiting until the transaction ends.
    """
    more = session.hold if hold else ""
    state: str | None = await session.value(
        f"SELECT state FROM members WHERE uri = ? {more}",
        uri,
    )
    return state


async def any_at(session: Session, host: str) -> bool:
    """Whether any member's id begins with `host`: scheme, host, port and a slash."""
    return bool(
        await session.value(
            "SELECT 1 FROM members WHERE uri >= ? AND uri < ? AND state = 'member' LIMIT 1",
            host,
            host[:-1] + "0",  # the character after the slash
        )
    )


async def read_at(session: Session, member_id: int, due_at: int | None) -> None:
    """When to read that member's collections next."""
    await session.run("UPDATE members SET read_due_at = ? WHERE id = ?", due_at, member_id)
    await session.wake("reading")


async def claim_reading(session: Session, now: int, lease: int) -> Member | None:
    """The entry whose collections are due to be read, not to be taken again before `lease` ms.

    What is given back says in `read_due_at` until when it is leased.
    """
    row = await session.one(
        f"SELECT {COLUMNS} FROM members m WHERE m.read_due_at <= ? "
        f"ORDER BY m.read_due_at LIMIT 1 {session.skip_locked}",
        now,
    )
    if row is None:
        return None
    await session.run("UPDATE members SET read_due_at = ? WHERE id = ?", now + lease, row["id"])
    return replace(member(row), read_due_at=now + lease)


async def was_read(session: Session, member_id: int, due_at: int, leased_until: int | None) -> None:
    """An entry was read: a member's next reading is at `due_at`, anybody else's when asked for.

    Nothing changes when a reading was asked for while this one went on.
    """
    await session.run(
        "UPDATE members SET read_due_at = "
        "CASE WHEN state = 'member' THEN CAST(? AS BIGINT) END "
        "WHERE id = ? AND read_due_at = ?",
        due_at, member_id, leased_until,
    )  # fmt: skip


async def standing_uris(session: Session) -> list[str]:
    """The actors of members, of those who are suspended and of those who ask."""
    rows = await session.all(
        "SELECT uri FROM members WHERE uri IS NOT NULL "
        "AND state IN ('asked', 'member', 'suspended')"
    )
    return [row["uri"] for row in rows]
