"""What a hub shows in public: members and invited, their events and resources, page by page.

Suspended, refused and former members vanish from every query at once, since each
of them asks for the member's present state.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from pecfed.domain import text
from pecfed.domain.standing import Standing, standing
from pecfed.domain.statement import Statement
from pecfed.errors import UsageError
from pecfed.store import members, objects
from pecfed.store.database import Row, Session
from pecfed.store.members import Member
from pecfed.store.objects import Stored

T = TypeVar("T")
MAX_LIMIT = 200
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `next` is the cursor of the page after it, or None."""

    items: Sequence[T]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A member or an invited organisation, with its statement as it stands now."""

    member: Member
    standing: Standing
    statement: Stored | None

    @property
    def declared(self) -> Statement | None:
        """The statement itself."""
        content = self.statement.content if self.statement else None
        return content if isinstance(content, Statement) else None


@dataclass(frozen=True, slots=True)
class Listed:
    """An event or a resource, with who published it (None for the hub's own)."""

    stored: Stored
    member: Member | None


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor asks for; empty texts and None ask for everything.

    `member` is a slug or an actor's uri; `since` and `until` are milliseconds and
    choose events that are under way between them; `over` those that ended before it,
    the latest first; `today` decides about standing.
    """

    today: date
    limit: int = DEFAULT_LIMIT
    cursor: str = ""
    q: str = ""
    member: str = ""
    membership: str = ""
    standing: str = ""
    sector: str = ""
    legal_form: str = ""
    country: str = ""
    kind: str = ""
    license: str = ""
    openness: str = ""
    status: str = ""
    working_group: str = ""
    since: int | None = None
    until: int | None = None
    over: int | None = None


def cursor(*keys: Any) -> str:
    """The place after a row in a listing, opaque to whoever holds it."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def _place(value: str, types: tuple[type, ...]) -> tuple[Any, ...] | None:
    """What `cursor` was made of.

    Raises:
        UsageError: it isn't one that we gave out.
    """
    if not value:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        ok = isinstance(keys, list) and [type(key) for key in keys] == list(types)
        ok = ok and all(abs(key) < 2**62 for key in keys if isinstance(key, int))
        ok = ok and all(key.isprintable() for key in keys if isinstance(key, str))
    except (binascii.Error, ValueError, RecursionError):
        ok = False
    if not ok:
        raise UsageError("cursor: not one of ours; start again without it", code="bad_cursor")
    return tuple(keys)


class _Where:
    """Conditions and their values, collected side by side."""

    def __init__(self) -> None:
        self.parts: list[str] = ["1 = 1"]
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Ask for one thing more."""
        self.parts.append(condition)
        self.values += values

    def words(self, column: str, q: str) -> None:
        """Ask that every word of `q` stands in a folded column."""
        for word in text.fold([q[:200]]).split()[:10]:
            self.add(f"{column} LIKE ?", f"%{word}%")

    def __str__(self) -> str:
        return " AND ".join(self.parts)


_STATEMENT = (
    "EXISTS (SELECT 1 FROM objects s WHERE s.actor_uri = m.uri AND s.kind = 'statement' "
    "AND s.deleted_at IS NULL{more})"
)
_TAKEN_BACK = (
    "EXISTS (SELECT 1 FROM objects s WHERE s.actor_uri = m.uri AND s.kind = 'statement' "
    "AND s.deleted_at IS NOT NULL)"
)


def _standing(where: _Where, wanted: str, today: date) -> None:
    """The conditions of `domain/standing.py`, in SQL."""
    some, now = _STATEMENT.format(more=""), today.isoformat()
    if wanted == "declared":
        where.add(_STATEMENT.format(more=" AND s.valid_until >= ?"), now)
    elif wanted == "lapsed":
        where.add(_STATEMENT.format(more=" AND s.valid_until < ?"), now)
    elif wanted == "withdrawn":
        where.add(f"NOT {some} AND {_TAKEN_BACK}")
    elif wanted == "none":
        where.add(f"NOT {some} AND NOT {_TAKEN_BACK}")
    elif wanted:
        raise UsageError(
            f"standing {wanted!r}: choose one of none, declared, lapsed, withdrawn",
            code="bad_filter",
        )


async def list_members(
    session: Session, query: Query, *, states: Sequence[str] = ("member", "invited")
) -> Page[Entry]:
    """Entries by name. `states` are those that may be shown at all."""
    where = _Where()
    shown = [state for state in states if query.membership in {"", state}]
    if not shown:
        return Page([], 0, None)
    where.add(f"m.state IN ({', '.join('?' * len(shown))})", *shown)
    where.words("m.words", query.q)
    _standing(where, query.standing, query.today)
    if query.sector:
        where.add("m.sectors LIKE ?", f"% {_literal(query.sector)} %")
    for column, wanted in (("legal_form", query.legal_form), ("country", query.country)):
        if wanted:
            where.add(f"m.{column} = ?", wanted)
    total = int(await session.value(f"SELECT count(*) FROM members m WHERE {where}", *where.values))
    place = _place(query.cursor, (str, int))
    if place:
        where.add("(m.sort > ? OR (m.sort = ? AND m.id > ?))", place[0], *place)
    rows = await session.all(
        f"SELECT {members.COLUMNS}, m.sort FROM members m WHERE {where} "
        "ORDER BY m.sort, m.id LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    shown_rows = rows[: query.limit]
    items = await entries(session, [members.member(row) for row in shown_rows], query.today)
    last = shown_rows[-1] if len(rows) > query.limit else None
    return Page(items, total, cursor(last["sort"], last["id"]) if last else None)


def _literal(word: str) -> str:
    """A word from a closed list; what could mean something in LIKE is dropped."""
    return "".join(c for c in word if c.isalnum() or c == "-")


async def entries(session: Session, found: Sequence[Member], today: date) -> list[Entry]:
    """Those entries with their statements and standing."""
    uris = [entry.uri for entry in found if entry.uri]
    statements: dict[str, Stored] = {}
    withdrawn: set[str] = set()
    if uris:
        places = ", ".join("?" * len(uris))
        rows = await session.all(
            f"SELECT {objects.COLUMNS} FROM objects WHERE kind = 'statement' "
            f"AND actor_uri IN ({places}) ORDER BY updated_at, id",
            *uris,
        )
        for row in rows:
            if row["deleted_at"] is None:
                statements[row["actor_uri"]] = objects.stored(row)
            else:
                withdrawn.add(row["actor_uri"])
    made = []
    for entry in found:
        statement = statements.get(entry.uri or "")
        content = statement.content if statement else None
        until = content.valid_until if isinstance(content, Statement) else None
        state = standing(until, withdrawn=entry.uri in withdrawn, today=today)
        made.append(Entry(entry, state, statement))
    return made


_PUBLISHED = (
    "FROM objects o LEFT JOIN members m ON m.uri = o.actor_uri "
    "WHERE o.kind = '{kind}' AND o.deleted_at IS NULL "
    "AND (m.state = 'member' OR o.actor_id IS NOT NULL) AND {where}"
)
_OBJECT = ", ".join(f"o.{column.strip()}" for column in objects.COLUMNS.split(","))


def _common(query: Query) -> _Where:
    """The conditions that events and resources share."""
    where = _Where()
    where.words("o.words", query.q)
    if query.member:
        where.add("(m.slug = ? OR o.actor_uri = ?)", query.member, query.member)
    for column, wanted in (("topic", query.kind), ("working_group", query.working_group)):
        if wanted:
            where.add(f"o.{column} = ?", wanted)
    return where


async def _listed(session: Session, rows: Sequence[Row]) -> list[Listed]:
    """Rows of `_OBJECT` with who published them."""
    uris = sorted({row["actor_uri"] for row in rows if row["actor_id"] is None})
    by_uri: Mapping[str, Member] = {}
    if uris:
        found = await session.all(
            f"SELECT {members.COLUMNS} FROM members m "
            f"WHERE m.uri IN ({', '.join('?' * len(uris))})",
            *uris,
        )
        by_uri = {row["uri"]: members.member(row) for row in found}
    return [Listed(objects.stored(row), by_uri.get(row["actor_uri"])) for row in rows]


async def list_events(session: Session, query: Query) -> Page[Listed]:
    """Events by their start, the earliest first; those that are over, the latest first."""
    where = _common(query)
    if query.status:
        where.add("o.status = ?", query.status)
    if query.since is not None:
        where.add("o.ends_at >= ?", query.since)
    if query.until is not None:
        where.add("o.starts_at < ?", query.until)
    if query.over is not None:
        where.add("o.ends_at < ?", query.over)
    after, order = (">", "ASC") if query.over is None else ("<", "DESC")
    published = _PUBLISHED.format(kind="event", where=where)
    total = int(await session.value(f"SELECT count(*) {published}", *where.values))
    place = _place(query.cursor, (int, int))
    if place:
        where.add(
            f"(o.starts_at {after} ? OR (o.starts_at = ? AND o.id {after} ?))", place[0], *place
        )
    rows = await session.all(
        f"SELECT {_OBJECT}, o.starts_at {_PUBLISHED.format(kind='event', where=where)} "
        f"ORDER BY o.starts_at {order}, o.id {order} LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    items = await _listed(session, rows[: query.limit])
    return Page(items, total, cursor(last["starts_at"], last["id"]) if last else None)


async def list_resources(session: Session, query: Query) -> Page[Listed]:
    """Resources, the newest first."""
    where = _common(query)
    for column, wanted in (("license", query.license), ("openness", query.openness)):
        if wanted:
            where.add(f"o.{column} = ?", wanted)
    published = _PUBLISHED.format(kind="resource", where=where)
    total = int(await session.value(f"SELECT count(*) {published}", *where.values))
    place = _place(query.cursor, (int, int))
    if place:
        where.add("(o.published_at < ? OR (o.published_at = ? AND o.id < ?))", place[0], *place)
    rows = await session.all(
        f"SELECT {_OBJECT} {_PUBLISHED.format(kind='resource', where=where)} "
        "ORDER BY o.published_at DESC, o.id DESC LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    items = await _listed(session, rows[: query.limit])
    return Page(items, total, cursor(last["published_at"], last["id"]) if last else None)


async def entry(session: Session, slug: str, today: date) -> Entry | None:
    """One public entry by its slug."""
    found = await members.by_slug(session, slug)
    if found is None or found.state not in {"member", "invited"}:
        return None
    return (await entries(session, [found], today))[0]


async def member_uris(session: Session, limit: int, after: str = "") -> tuple[int, list[str]]:
    """How many members there are, and a page of their uris after the one named."""
    total = int(await session.value("SELECT count(*) FROM members WHERE state = 'member'") or 0)
    rows = await session.all(
        "SELECT uri FROM members WHERE state = 'member' AND uri > ? ORDER BY uri LIMIT ?",
        after, limit,
    )  # fmt: skip
    return total, [row["uri"] for row in rows]


async def figures(session: Session) -> dict[str, int]:
    """How many members, invited, statements, events and resources the public sees."""
    states = await session.all("SELECT state, count(*) AS n FROM members GROUP BY state")
    by_state = {row["state"]: int(row["n"]) for row in states}
    found = {"members": by_state.get("member", 0), "invited": by_state.get("invited", 0)}
    for kind, name in (("statement", "statements"), ("event", "events"), ("resource", "resources")):
        found[name] = int(
            await session.value(f"SELECT count(*) {_PUBLISHED.format(kind=kind, where='1 = 1')}")
        )
    return found
