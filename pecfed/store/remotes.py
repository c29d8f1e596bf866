"""The actors of other servers that we have met, and their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.domain.uris import without_fragment
from pecfed.store.database import Row, Session

MAX_KEPT = 32_768  # characters


@dataclass(frozen=True, slots=True)
class RemoteActor:
    """Somebody else's actor as last read from its origin; times are milliseconds since 1970.

    `document` is whole when it was just read; a long one is not kept, since anybody can
    make us read theirs, and is "" when it comes from the database.
    """

    uri: str
    type: str
    handle: str
    name: str
    inbox: str
    shared_inbox: str
    document: str
    fetched_at: int
    gone_at: int | None


def _remote(row: Row) -> RemoteActor:
    return RemoteActor(**dict(row))


async def keep(session: Session, actor: RemoteActor, keys: Sequence[tuple[str, str]]) -> None:
    """Remember an actor as its origin describes it now, with its keys as (key uri, PEM).

    A key that the document no longer names is forgotten: it was revoked. A key
    that another actor already has is not taken from it, unless its id is in this
    actor's own document, where no other has a say.
    """
    await session.run(
        "INSERT INTO remote_actors "
        "(uri, type, handle, name, inbox, shared_inbox, document, fetched_at, gone_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (uri) DO UPDATE SET "
        "type = excluded.type, handle = excluded.handle, name = excluded.name, "
        "inbox = excluded.inbox, shared_inbox = excluded.shared_inbox, "
        "document = excluded.document, fetched_at = excluded.fetched_at, gone_at = NULL",
        actor.uri, actor.type, actor.handle, actor.name, actor.inbox, actor.shared_inbox,
        actor.document if len(actor.document) <= MAX_KEPT else "", actor.fetched_at,
    )  # fmt: skip
    await session.run("DELETE FROM remote_keys WHERE actor_uri = ?", actor.uri)
    for uri, pem in keys:
        own = without_fragment(uri) == actor.uri
        taken = "DO UPDATE SET actor_uri = excluded.actor_uri, pem = excluded.pem"
        await session.run(
            "INSERT INTO remote_keys (uri, actor_uri, pem) VALUES (?, ?, ?) "
            f"ON CONFLICT (uri) {taken if own else 'DO NOTHING'}",
            uri, actor.uri, pem,
        )  # fmt: skip


async def rename(session: Session, uri: str, handle: str) -> None:
    """Note the handle that WebFinger has confirmed for an actor."""
    await session.run("UPDATE remote_actors SET handle = ? WHERE uri = ?", handle, uri)


async def get(session: Session, uri: str) -> RemoteActor | None:
    """The actor with that id, if we have met it."""
    row = await session.one("SELECT * FROM remote_actors WHERE uri = ?", uri)
    return _remote(row) if row else None


async def key(session: Session, key_uri: str) -> tuple[str, str, int] | None:
    """The owner's uri, the PEM of a known key, and when its owner was last read."""
    row = await session.one(
        "SELECT k.actor_uri, k.pem, a.fetched_at FROM remote_keys k "
        "JOIN remote_actors a ON a.uri = k.actor_uri WHERE k.uri = ?",
        key_uri,
    )
    return (row["actor_uri"], row["pem"], row["fetched_at"]) if row else None


async def mark_gone(session: Session, uri: str, now: int) -> None:
    """Note that an actor's origin says it is no more; its keys stop counting."""
    await session.run("UPDATE remote_actors SET gone_at = ? WHERE uri = ?", now, uri)
    await session.run("DELETE FROM remote_keys WHERE actor_uri = ?", uri)


async def prune(session: Session, before: int) -> int:
    """Forget actors last read before `before` who are nothing to us (any more), and their keys."""
    forgotten = await session.run(
        "DELETE FROM remote_actors WHERE fetched_at < ? "
        "AND NOT EXISTS (SELECT 1 FROM followers f WHERE f.follower_uri = remote_actors.uri) "
        "AND NOT EXISTS (SELECT 1 FROM following g WHERE g.target_uri = remote_actors.uri) "
        "AND NOT EXISTS (SELECT 1 FROM members m WHERE m.uri = remote_actors.uri) "
        "AND uri NOT IN (SELECT hub_uri FROM memberships) "
        "AND uri NOT IN (SELECT actor_uri FROM invitations)",
        before,
    )
    await session.run(
        "DELETE FROM remote_keys WHERE NOT EXISTS "
        "(SELECT 1 FROM remote_actors a WHERE a.uri = remote_keys.actor_uri)"
    )
    return forgotten


async def every_inbox(session: Session) -> list[str]:
    """Where to reach every server we know: each shared inbox once."""
    rows = await session.all(
        "SELECT DISTINCT shared_inbox FROM remote_actors WHERE gone_at IS NULL"
    )
    return [row["shared_inbox"] for row in rows]


async def at_inbox(session: Session, inbox_url: str, limit: int = 20) -> list[str]:
    """The uris of some actors that take deliveries there, those not read for longest first."""
    rows = await session.all(
        "SELECT uri FROM remote_actors WHERE (inbox = ? OR shared_inbox = ?) AND gone_at IS NULL "
        "ORDER BY fetched_at LIMIT ?",
        inbox_url, inbox_url, limit,
    )  # fmt: skip
    return [row["uri"] for row in rows]


async def by_handle(session: Session, handle: str) -> str:
    """The id of an actor we have met, by its name@host; "" where there is none."""
    found = await session.value(
        "SELECT uri FROM remote_actors WHERE handle = ? AND gone_at IS NULL "
        "ORDER BY fetched_at DESC LIMIT 1",
        handle,
    )  # fmt: skip
    return found or ""


async def at_host(session: Session, host: str) -> list[str]:
    """The actors we have met whose id has that text in its host, however it spells the rest."""
    rows = await session.all(
        "SELECT uri FROM remote_actors WHERE lower(uri) LIKE ?", f"%://{host}%"
    )
    return [row["uri"] for row in rows]
