"""What our actors did: intents, kept with the deliveries they cause."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of ours before it is written for the wire.

    `intent` holds what the writer needs beyond the columns: see
    `federation/activities/`. `published_at` is milliseconds since 1970.
    """

    id: int
    uri: str
    actor_id: int
    type: str
    object_uri: str
    intent: Mapping[str, Any]
    is_public: bool
    published_at: int


COLUMNS = "id, uri, actor_id, type, object_uri, intent, is_public, published_at"


def activity(row: Row) -> Activity:
    """A row of `COLUMNS` as an activity."""
    values = dict(row)
    values["intent"] = json.loads(values["intent"])
    values["is_public"] = bool(values["is_public"])
    return Activity(**values)


async def add(
    session: Session,
    *,
    uri: str,
    actor_id: int,
    type: str,  # noqa: A002 - the activity's `type`
    object_uri: str,
    intent: Mapping[str, Any],
    is_public: bool,
    now: int,
) -> int:
    """Keep an activity; its database key."""
    return int(
        await session.value(
            "INSERT INTO activities (uri, actor_id, type, object_uri, intent, is_public, "
            "published_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            uri,
            actor_id,
            type,
            object_uri,
            json.dumps(intent, ensure_ascii=False),
            int(is_public),
            now,
        )
    )


async def by_uri(session: Session, uri: str) -> Activity | None:
    """The activity with that id."""
    row = await session.one(f"SELECT {COLUMNS} FROM activities WHERE uri = ?", uri)
    return activity(row) if row else None


async def by_ids(session: Session, ids: Sequence[int]) -> dict[int, Activity]:
    """Several activities at once, by database key."""
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    rows = await session.all(
        f"SELECT {COLUMNS} FROM activities WHERE id IN ({places})",
        *ids,
    )
    return {row["id"]: activity(row) for row in rows}


_SHOWN = (
    "actor_id = ? AND is_public = 1 AND (type = 'Delete' OR NOT EXISTS (SELECT 1 FROM objects o "
    "WHERE o.uri = activities.object_uri AND o.deleted_at IS NOT NULL))"
)
"""What an outbox shows: everything public, but nothing more of what was withdrawn."""


async def outbox(
    session: Session, actor_id: int, limit: int, before: int | None = None
) -> Sequence[Activity]:
    """A page of public activities, the newest first, older than the one with key `before`."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM activities WHERE {_SHOWN} AND id < ? "
        "ORDER BY id DESC LIMIT ?",
        actor_id, before if before is not None else 2**62, limit,
    )  # fmt: skip
    return [activity(row) for row in rows]


async def prune(session: Session, before: int) -> int:
    """Forget answers from before `before` that went to one actor alone and have arrived."""
    return await session.run(
        "DELETE FROM activities WHERE is_public = 0 AND published_at < ? AND NOT EXISTS "
        "(SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)",
        before,
    )


async def announcements(
    session: Session, actor_id: int, object_uri: str, limit: int
) -> Sequence[Activity]:
    """Each Announce of that object by that actor that stands, the newest first."""
    rows = await session.all(
        f"SELECT {COLUMNS} FROM activities WHERE type = 'Announce' AND object_uri = ? "
        "AND actor_id = ? AND is_public = 1 ORDER BY id DESC LIMIT ?",
        object_uri, actor_id, limit,
    )  # fmt: skip
    return [activity(row) for row in rows]


async def announced_since(session: Session, actor_id: int, object_uri: str, since: int) -> int:
    """How often an actor announced something about that object since then (milliseconds)."""
    return int(
        await session.value(
            "SELECT count(*) FROM activities WHERE type = 'Announce' AND object_uri = ? "
            "AND actor_id = ? AND published_at > ?",
            object_uri, actor_id, since,
        )
    )  # fmt: skip


async def announced_of_author(session: Session, actor_id: int, author_uri: str, since: int) -> int:
    """How often an actor announced something about that author's objects since then."""
    return int(
        await session.value(
            "SELECT count(*) FROM passed_on p JOIN activities a "
            "ON a.object_uri = p.object_uri AND a.actor_id = p.actor_id AND a.type = 'Announce' "
            "WHERE p.actor_id = ? AND p.author_uri = ? AND a.published_at > ?",
            actor_id, author_uri, since,
        )
    )  # fmt: skip


async def retract(session: Session, actor_id: int, object_uri: str) -> None:
    """Show nobody any more that an actor of ours announced that object."""
    await session.run(
        "UPDATE activities SET is_public = 0 WHERE type = 'Announce' AND object_uri = ? "
        "AND actor_id = ?",
        object_uri, actor_id,
    )  # fmt: skip


async def count_public(session: Session, actor_id: int) -> int:
    """How many activities an outbox holds."""
    return int(
        await session.value(f"SELECT count(*) FROM activities WHERE {_SHOWN}", actor_id) or 0
    )
