"""On a node: the hubs its actors asked to join, and what those said."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed.store.database import Row, Session


async def put(
    session: Session, actor_id: int, hub_uri: str, join_uri: str, state: str, now: int
) -> None:
    """Note that our actor sent a Join (again), under which id."""
    await session.run(
        "INSERT INTO memberships (actor_id, hub_uri, join_uri, state, changed_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (actor_id, hub_uri) DO UPDATE SET "
        "join_uri = excluded.join_uri, state = excluded.state, reason = '', message = '', "
        "changed_at = excluded.changed_at",
        actor_id, hub_uri, join_uri, state, now,
    )  # fmt: skip


async def get(session: Session, actor_id: int, hub_uri: str) -> Row | None:
    """hub_uri, join_uri, state, reason, message of one membership."""
    return await session.one(
        "SELECT hub_uri, join_uri, state, reason, message FROM memberships "
        "WHERE actor_id = ? AND hub_uri = ?",
        actor_id, hub_uri,
    )  # fmt: skip


async def set_state(
    session: Session,
    actor_id: int,
    hub_uri: str,
    state: str,
    now: int,
    *,
    reason: str = "",
    message: str = "",
) -> None:
    """The hub decided, or our actor left."""
    await session.run(
        "UPDATE memberships SET state = ?, reason = ?, message = ?, changed_at = ? "
        "WHERE actor_id = ? AND hub_uri = ?",
        state, reason, message, now, actor_id, hub_uri,
    )  # fmt: skip


async def of_actor(session: Session, actor_id: int) -> Sequence[Row]:
    """Every membership of one of our actors."""
    return await session.all(
        "SELECT hub_uri, join_uri, state, reason, message, changed_at FROM memberships "
        "WHERE actor_id = ? ORDER BY hub_uri",
        actor_id,
    )


async def actors_at(session: Session, hub_uri: str) -> Sequence[int]:
    """The database keys of our actors that asked that hub, whatever it said."""
    rows = await session.all(
        "SELECT actor_id FROM memberships WHERE hub_uri = ? ORDER BY actor_id", hub_uri
    )
    return [row["actor_id"] for row in rows]


async def any_member(session: Session, hub_uri: str) -> bool:
    """Whether any of our actors is a member of that hub."""
    return bool(
        await session.value(
            "SELECT 1 FROM memberships WHERE hub_uri = ? AND state = 'member' LIMIT 1", hub_uri
        )
    )


async def is_hub(session: Session, hub_uri: str) -> bool:
    """Whether any of our actors asked that hub."""
    return bool(await session.value("SELECT 1 FROM memberships WHERE hub_uri = ? LIMIT 1", hub_uri))
