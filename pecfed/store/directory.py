"""What a hub shows in public: members and invited, their events and resources, page by page.

Suspended, refused and former members vanish from every query at once, since each
of them asks for the member's present state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pecfed.domain.standing import STANDINGS, Because, Standing
from pecfed.domain.statement import Statement
from pecfed.errors import UsageError
from pecfed.store import likenesses, liveness, members, objects, standings
from pecfed.store.database import Row, Session
from pecfed.store.liveness import Life
from pecfed.store.members import Member
from pecfed.store.objects import Stored
from pecfed.store.paging import Page, Query, Where, cursor, place


@dataclass(frozen=True, slots=True)
class Entry:
    """A member or an invited organisation, with its statement as it stands now.

    `because` says why its standing isn't another (`domain/standing.py: BECAUSE`).
    """

    member: Member
    standing: Standing
    statement: Stored | None
    because: Because = ""
    life: Life | None = None

    @property
    def declared(self) -> Statement | None:
        """The statement itself."""
        content = self.statement.content if self.statement else None
        return content if isinstance(content, Statement) else None


@dataclass(frozen=True, slots=True)
class Listed:
    """An event, resource or article, with who published it (None for the hub's own)."""

    stored: Stored
    member: Member | None


MOST_MERGES = 10
"""Entries, each merged into the next, that an old address leads through."""
_SHOWN = "(m.state <> 'invited' OR m.uri IS NULL)"
"""Of invited, facts from public sources; who was asked by its handle hasn't agreed yet."""


_RANK = "CAST(CASE WHEN m.state = 'invited' THEN 1 ELSE 0 END AS BIGINT)"


def _standing(where: Where, wanted: str, today: date) -> None:
    """Who has that standing today; who has no row in `standings` has none."""
    if not wanted:
        return
    if wanted not in STANDINGS:
        raise UsageError(
            f"standing {wanted!r}: choose one of {', '.join(STANDINGS)}", code="bad_filter"
        )
    now = today.isoformat()
    some = (
        "EXISTS (SELECT 1 FROM standings s WHERE s.subject = m.uri "
        "AND s.from_date <= ? AND s.until_date >= ? AND s.standing {})"
    )
    if wanted == "none":
        where.add("NOT " + some.format("<> 'none'"), now, now)
    else:
        where.add(some.format("= ?"), now, now, wanted)


async def list_members(
    session: Session, query: Query, *, states: Sequence[str] = ()
) -> Page[Entry]:
    """Entries by name, those that speak for themselves first.

    `states` are those that may be shown at all; left out, what the public may see: who is
    listed, and of whom was archived only when they are asked for.
    """
    where = Where()
    if not states:
        states = ("archived",) if query.membership == "archived" else ("member", "invited")
        where.add(_SHOWN)
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
    after_row = place(query.cursor, (int, str, int))
    if after_row:
        rank, sort, _ = after_row
        where.add(
            f"({_RANK} > ? OR ({_RANK} = ? AND (m.sort > ? OR (m.sort = ? AND m.id > ?))))",
            rank, rank, sort, *after_row[1:],
        )  # fmt: skip
    rows = await session.all(
        f"SELECT {members.COLUMNS}, m.sort, {_RANK} AS rank FROM members m WHERE {where} "
        "ORDER BY rank, m.sort, m.id LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    shown_rows = rows[: query.limit]
    items = await entries(session, [members.member(row) for row in shown_rows], query.today)
    last = shown_rows[-1] if len(rows) > query.limit else None
    return Page(items, total, cursor(last["rank"], last["sort"], last["id"]) if last else None)


def _literal(word: str) -> str:
    """A word from a closed list; what could mean something in LIKE is dropped."""
    return "".join(c for c in word if c.isalnum() or c == "-")


async def entries(session: Session, found: Sequence[Member], today: date) -> list[Entry]:
    """Those entries with their statements and standing."""
    uris = [entry.uri for entry in found if entry.uri]
    statements: dict[str, Stored] = {}
    if uris:
        places = ", ".join("?" * len(uris))
        rows = await session.all(
            f"SELECT {objects.COLUMNS} FROM objects WHERE kind = 'statement' "
            f"AND deleted_at IS NULL AND actor_uri IN ({places}) ORDER BY updated_at, id",
            *uris,
        )
        statements = {row["actor_uri"]: objects.stored(row) for row in rows}
    found_standings = await standings.of(session, uris, today)
    lives = await liveness.of_many(session, [entry.id for entry in found])
    made = []
    for entry in found:
        standing, because = found_standings.get(entry.uri or "", ("none", ""))
        life = lives.get(entry.id)
        made.append(Entry(entry, standing, statements.get(entry.uri or ""), because, life))
    return made


_PUBLISHED = (
    "FROM objects o LEFT JOIN members m ON m.uri = o.actor_uri "
    "WHERE o.deleted_at IS NULL "
    "AND (m.state = 'member' OR o.actor_id IS NOT NULL) AND {where}"
)
_OBJECT = ", ".join(f"o.{column.strip()}" for column in objects.COLUMNS.split(","))


def _common(query: Query, kind: str) -> Where:
    """One kind (a word of ours: written out, it finds its index), and what every list can ask."""
    where = Where()
    where.add(f"o.kind = '{kind}'")
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
    where = _common(query, "event")
    if query.status:
        where.add("o.status = ?", query.status)
    if query.since is not None:
        where.add("o.ends_at >= ?", query.since)
    if query.until is not None:
        where.add("o.starts_at < ?", query.until)
    if query.over is not None:
        where.add("o.ends_at < ?", query.over)
    after, order = (">", "ASC") if query.over is None else ("<", "DESC")
    published = _PUBLISHED.format(where=where)
    total = int(await session.value(f"SELECT count(*) {published}", *where.values))
    after_row = place(query.cursor, (int, int))
    if after_row:
        where.add(
            f"(o.starts_at {after} ? OR (o.starts_at = ? AND o.id {after} ?))",
            after_row[0],
            *after_row,
        )
    rows = await session.all(
        f"SELECT {_OBJECT}, o.starts_at {_PUBLISHED.format(where=where)} "
        f"ORDER BY o.starts_at {order}, o.id {order} LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    items = await _listed(session, rows[: query.limit])
    return Page(items, total, cursor(last["starts_at"], last["id"]) if last else None)


async def list_resources(session: Session, query: Query) -> Page[Listed]:
    """Resources, the newest first."""
    where = _common(query, "resource")
    for column, wanted in (("license", query.license), ("openness", query.openness)):
        if wanted:
            where.add(f"o.{column} = ?", wanted)
    return await _newest(session, query, where)


async def list_articles(session: Session, query: Query) -> Page[Listed]:
    """What members wrote with software of their own, the newest first."""
    return await _newest(session, query, _common(query, "article"))


async def list_tagged(session: Session, tag: str, query: Query) -> Page[Listed]:
    """Whatever carries that hashtag (`domain/hashtag.py: key`), the newest first."""
    where = Where()
    where.add("o.tags LIKE ? ESCAPE '!'", f"% {tag.replace('_', '!_')} %")
    return await _newest(session, query, where)


async def _newest(session: Session, query: Query, where: Where) -> Page[Listed]:
    """A page of what fulfils those conditions, the newest first."""
    total = int(
        await session.value(f"SELECT count(*) {_PUBLISHED.format(where=where)}", *where.values)
    )
    after_row = place(query.cursor, (int, int))
    if after_row:
        where.add(
            "(o.published_at < ? OR (o.published_at = ? AND o.id < ?))", after_row[0], *after_row
        )
    rows = await session.all(
        f"SELECT {_OBJECT} {_PUBLISHED.format(where=where)} "
        "ORDER BY o.published_at DESC, o.id DESC LIMIT ?",
        *where.values, query.limit + 1,
    )  # fmt: skip
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    items = await _listed(session, rows[: query.limit])
    return Page(items, total, cursor(last["published_at"], last["id"]) if last else None)


async def entry(session: Session, slug: str, today: date) -> Entry | None:
    """One public entry by its slug; those that are archived keep their page."""
    found = await members.by_slug(session, slug)
    if found is None or found.state not in {"member", "invited", "archived"}:
        return None
    if found.state == "invited" and found.uri is not None:
        return None
    return (await entries(session, [found], today))[0]


async def leads_to(session: Session, slug: str) -> str:
    """The slug of the public entry that the one with that slug became part of; "" for none."""
    found = await members.by_slug(session, slug)
    for _ in range(MOST_MERGES):
        merged = await likenesses.merged(session, found.id) if found is not None else None
        if merged is None:
            break
        found = await members.by_id(session, merged.into_id)
        if found.state in {"member", "invited", "archived"}:
            return found.slug
    return ""


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
    states = await session.all(
        f"SELECT state, count(*) AS n FROM members m WHERE {_SHOWN} GROUP BY state"
    )
    by_state = {row["state"]: int(row["n"]) for row in states}
    found = {"members": by_state.get("member", 0), "invited": by_state.get("invited", 0)}
    for kind, name in (("statement", "statements"), ("event", "events"), ("resource", "resources")):
        published = _PUBLISHED.format(where=f"o.kind = '{kind}'")
        found[name] = int(await session.value(f"SELECT count(*) {published}"))
    return found
