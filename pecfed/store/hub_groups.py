"""On a node: the working groups of the hubs it is a member of, and what was addressed to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pecfed.store.database import Row, Session


async def due(session: Session, hub_uri: str, at: int) -> None:
    """Have a hub's groups read at that moment (milliseconds), or sooner if that was asked."""
    await session.run(
        "INSERT INTO hubs_read (hub_uri, due_at) VALUES (?, ?) ON CONFLICT (hub_uri) "
        "DO UPDATE SET due_at = excluded.due_at WHERE excluded.due_at < hubs_read.due_at",
        hub_uri, at,
    )  # fmt: skip
    await session.wake("groups")


async def claim(session: Session, now: int, lease: int) -> str | None:
    """The hub whose groups are due to be read, not to be taken again before `lease` ms."""
    row = await session.one(
        "SELECT hub_uri FROM hubs_read WHERE due_at <= ? ORDER BY due_at LIMIT 1 "
        f"{session.skip_locked}",
        now,
    )
    if row is None:
        return None
    await session.run(
        "UPDATE hubs_read SET due_at = ? WHERE hub_uri = ?", now + lease, row["hub_uri"]
    )
    return str(row["hub_uri"])


async def was_read(session: Session, hub_uri: str, leased_until: int, due_at: int) -> None:
    """A hub's groups were read; the next time is `due_at`, unless something sooner was asked."""
    await session.run(
        "UPDATE hubs_read SET due_at = ? WHERE hub_uri = ? AND due_at = ?",
        due_at, hub_uri, leased_until,
    )  # fmt: skip


async def forget(session: Session, hub_uri: str) -> None:
    """A hub that no actor of ours is a member of is read no longer."""
    await session.run("DELETE FROM hubs_read WHERE hub_uri = ?", hub_uri)


async def replace(session: Session, hub_uri: str, groups: Iterable[tuple[str, str, str]]) -> None:
    """The groups of a hub now: the charter's id, the actor's uri and its inbox, of each."""
    for working_group, uri, inbox in groups:
        await session.run(
            "INSERT INTO hub_groups (hub_uri, working_group, uri, inbox) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (hub_uri, working_group) DO UPDATE SET uri = excluded.uri, "
            "inbox = excluded.inbox",
            hub_uri, working_group, uri, inbox,
        )  # fmt: skip


async def of_member(session: Session, actor_id: int) -> Sequence[Row]:
    """working_group, uri and inbox of each group of the hubs where our actor is a member."""
    return await session.all(
        "SELECT g.working_group, g.uri, g.inbox FROM hub_groups g JOIN memberships m "
        "ON m.hub_uri = g.hub_uri WHERE m.actor_id = ? AND m.state = 'member' "
        "ORDER BY g.hub_uri, g.working_group",
        actor_id,
    )


async def followed(session: Session, actor_id: int) -> Sequence[Row]:
    """Uri and inbox of each group that our actor follows (or has asked to)."""
    return await session.all(
        "SELECT g.uri, g.inbox FROM hub_groups g JOIN following f ON f.target_uri = g.uri "
        "WHERE f.actor_id = ? ORDER BY g.uri",
        actor_id,
    )


async def address(session: Session, object_uri: str, groups: Iterable[Row]) -> None:
    """Note which groups an object was sent to; one that it was sent to before stays."""
    for group in groups:
        await session.run(
            "INSERT INTO addressed (object_uri, group_uri, inbox) VALUES (?, ?, ?) "
            "ON CONFLICT (object_uri, group_uri) DO NOTHING",
            object_uri, group["uri"], group["inbox"],
        )  # fmt: skip


async def addressed(session: Session, object_uri: str) -> Sequence[Row]:
    """group_uri and inbox of each group that an object was sent to."""
    return await session.all(
        "SELECT group_uri, inbox FROM addressed WHERE object_uri = ? ORDER BY group_uri",
        object_uri,
    )
