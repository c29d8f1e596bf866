"""Objects: what our actors published, and on a hub what its members did."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pecfed import clock
from pecfed.domain import text
from pecfed.domain.article import Article
from pecfed.domain.content import Content, Vouching, from_data, kind_of
from pecfed.domain.event import Event
from pecfed.domain.hashtag import found_by
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Statement, digest
from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Stored:
    """One object; times are milliseconds since 1970, `actor_id` is None for a remote one."""

    id: int
    uri: str
    actor_uri: str
    actor_id: int | None
    content: Content
    url: str
    published_at: int
    updated_at: int
    deleted_at: int | None

    @property
    def kind(self) -> str:
        """statement, event, resource, note or question (a poll)."""
        return kind_of(self.content)


EVERYTHING = 2**31
"""A `limit` for whoever needs to know of all there is."""

COLUMNS = "id, uri, actor_uri, actor_id, kind, data, url, published_at, updated_at, deleted_at"


def stored(row: Row) -> Stored:
    """A row of `COLUMNS` as an object."""
    return Stored(
        id=row["id"],
        uri=row["uri"],
        actor_uri=row["actor_uri"],
        actor_id=row["actor_id"],
        content=from_data(row["kind"], json.loads(row["data"])),
        url=row["url"],
        published_at=row["published_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )


async def keep(
    session: Session,
    *,
    uri: str,
    actor_uri: str,
    actor_id: int | None,
    content: Content,
    url: str,
    published_at: int,
    updated_at: int,
) -> None:
    """Keep an object, new or corrected; a statement's version is kept beside it for good.

    A version older than the one that is here is passed over.
    """
    starts = ends = None
    topic = license_id = openness = status = group = until = ""
    if isinstance(content, Event):
        starts = clock.to_ms(content.start)
        ends = clock.to_ms(content.end or content.start)
        topic, status, group = content.kind, content.status, content.working_group
    elif isinstance(content, Resource):
        topic, license_id, openness = content.kind, content.license, content.openness
        group = content.working_group
    elif isinstance(content, Article):
        topic = content.form
    elif isinstance(content, Vouching):
        topic, until = content.about.member, content.valid_until
    elif isinstance(content, Statement):
        until = content.valid_until
        value = content.to_value()
        await session.run(
            "INSERT INTO statement_versions (object_uri, digest, value, seen_at) "
            "VALUES (?, ?, ?, ?) ON CONFLICT (object_uri, digest) DO NOTHING",
            uri, digest(value), json.dumps(value, ensure_ascii=False), clock.now_ms(),
        )  # fmt: skip
    await session.run(
        "INSERT INTO objects (uri, actor_uri, actor_id, kind, uid, data, url, published_at, "
        "updated_at, starts_at, ends_at, topic, license, openness, status, working_group, "
        "valid_until, words, tags) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (uri) DO UPDATE SET uid = excluded.uid, data = excluded.data, "
        "url = excluded.url, updated_at = excluded.updated_at, starts_at = excluded.starts_at, "
        "ends_at = excluded.ends_at, topic = excluded.topic, license = excluded.license, "
        "openness = excluded.openness, status = excluded.status, "
        "working_group = excluded.working_group, valid_until = excluded.valid_until, "
        "words = excluded.words, tags = excluded.tags "
        "WHERE excluded.updated_at >= objects.updated_at",
        uri, actor_uri, actor_id, kind_of(content), content.uid,
        json.dumps(content.to_data(), ensure_ascii=False), url, published_at, updated_at,
        starts, ends, topic, license_id, openness, status, group, until,
        text.fold(content.words()), _listed(found_by(content)),
    )  # fmt: skip


def _listed(words: Sequence[str]) -> str:
    """Words as the column holds them, to look one up in."""
    return f" {' '.join(words)} " if words else ""


async def keep_evidence(
    session: Session, uri: str, statement: Statement, document: str, proven_by: str
) -> None:
    """Keep the document in which a version came, and the key whose proof held ("" for none).

    One that is proven is replaced by one that is proven only.
    """
    await session.run(
        "UPDATE statement_versions SET document = ?, proven_by = ? "
        "WHERE object_uri = ? AND digest = ? AND (? <> '' OR proven_by = '')",
        document, proven_by, uri, digest(statement.to_value()), proven_by,
    )  # fmt: skip


async def proven_by(session: Session, uri: str, statement: Statement) -> str:
    """The id of the key whose proof held for that version of a statement; "" for none."""
    return str(
        await session.value(
            "SELECT proven_by FROM statement_versions WHERE object_uri = ? AND digest = ?",
            uri, digest(statement.to_value()),
        )
        or ""
    )  # fmt: skip


async def version(session: Session, actor_uri: str, of_digest: str) -> Statement | None:
    """The version of an actor's statement with that digest, if it was ever here."""
    value = await session.value(
        "SELECT v.value FROM statement_versions v JOIN objects o ON o.uri = v.object_uri "
        "WHERE o.actor_uri = ? AND v.digest = ? LIMIT 1",
        actor_uri, of_digest,
    )  # fmt: skip
    return Statement.from_value(json.loads(value)) if value else None


async def version_before(session: Session, uri: str, of_digest: str) -> Statement | None:
    """The version of a statement that was here before the one with that digest."""
    value = await session.value(
        "SELECT value FROM statement_versions WHERE object_uri = ? AND digest <> ? "
        "ORDER BY seen_at DESC LIMIT 1",
        uri, of_digest,
    )  # fmt: skip
    return Statement.from_value(json.loads(value)) if value else None


async def get(session: Session, uri: str) -> Stored | None:
    """The object with that id, deleted ones too."""
    row = await session.one(f"SELECT {COLUMNS} FROM objects WHERE uri = ?", uri)
    return stored(row) if row else None


async def delete(session: Session, uri: str, now: int) -> None:
    """Mark an object as withdrawn; its id is never used again."""
    await session.run(
        "UPDATE objects SET deleted_at = ?, updated_at = ? WHERE uri = ? AND deleted_at IS NULL",
        now, now, uri,
    )  # fmt: skip


async def of_actor(
    session: Session, actor_uri: str, kind: str | None = None, *, limit: int = 2000
) -> Sequence[Stored]:
    """What an actor has published and not withdrawn: events by start, the rest newest first."""
    where, values = "actor_uri = ? AND deleted_at IS NULL", [actor_uri]
    if kind is not None:
        where, values = where + " AND kind = ?", [actor_uri, kind]
    rows = await session.all(
        f"SELECT {COLUMNS} FROM objects WHERE {where} "
        "ORDER BY starts_at IS NULL, starts_at, published_at DESC, id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [stored(row) for row in rows]


async def about_member(
    session: Session, actor_uri: str, kind: str, member_uri: str
) -> Sequence[Stored]:
    """What an actor said of that kind about a member (endorsements, …), the newest first."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM objects WHERE actor_uri = ? AND kind = ? AND topic = ? "
        "AND deleted_at IS NULL ORDER BY id DESC LIMIT 200",
        actor_uri, kind, member_uri,
    )  # fmt: skip
    return [stored(row) for row in rows]


async def with_uid(session: Session, actor_uri: str, kind: str, uid: str) -> Stored | None:
    """What an actor published of that kind under that uid, withdrawn or not: the first one."""
    row = await session.one(
        f"SELECT {COLUMNS} FROM objects WHERE actor_uri = ? AND kind = ? AND uid = ? ORDER BY id",
        actor_uri, kind, uid,
    )  # fmt: skip
    return stored(row) if row else None


async def forget_actor(session: Session, actor_uri: str, now: int) -> None:
    """Withdraw everything a remote actor had published (it was deleted)."""
    await session.run(
        "UPDATE objects SET deleted_at = ?, updated_at = ? "
        "WHERE actor_uri = ? AND deleted_at IS NULL AND actor_id IS NULL",
        now, now, actor_uri,
    )  # fmt: skip


async def end_of_actor(session: Session, actor_id: int, now: int) -> int:
    """Withdraw everything that an actor of ours had published; how much."""
    return await session.run(
        "UPDATE objects SET deleted_at = ?, updated_at = ? "
        "WHERE actor_id = ? AND deleted_at IS NULL",
        now, now, actor_id,
    )  # fmt: skip


async def live_uris(session: Session, actor_uri: str) -> set[str]:
    """The ids of what a remote actor has with us, to reconcile with its outbox."""
    rows = await session.all(
        "SELECT uri FROM objects WHERE actor_uri = ? AND deleted_at IS NULL", actor_uri
    )
    return {row["uri"] for row in rows}
