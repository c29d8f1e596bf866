"""Deliveries: one row for each inbox, from the change that causes it until it has arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pecfed.store.database import Session

LEASE = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Delivery:
    """One activity on its way to one inbox; times are milliseconds since 1970."""

    id: int
    activity_id: int
    inbox_url: str
    host: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: delivered, waiting (again, at `due_at`) or parked."""

    delivery: Delivery
    state: str
    due_at: int
    status: int | None
    error: str = ""


async def add(
    session: Session,
    activity_id: int,
    object_uri: str,
    inboxes: Sequence[tuple[str, str]],
    now: int,
) -> None:
    """One row for each (inbox url, its origin); every process hears of it, even of none."""
    await session.many(
        "INSERT INTO deliveries (activity_id, inbox_url, host, object_uri, state, due_at) "
        "VALUES (?, ?, ?, ?, 'waiting', ?)",
        [(activity_id, inbox, host, object_uri, now) for inbox, host in inboxes],
    )
    await session.wake("deliveries")


async def claim(
    session: Session, limit: int, now: int, room: Mapping[str, int], per_host: int
) -> Sequence[Delivery]:
    """Take what is due: what is about one object reaches one inbox in its order.

    A delivery waits while an older one about the same object waits for the same
    inbox, and while its host's breaker is open. `room` says how many more a host
    that is being delivered to may take; any other may take `per_host`.
    """
    full = [host for host, free in room.items() if free <= 0]
    others = f"AND d.host NOT IN ({', '.join('?' * len(full))}) " if full else ""
    rows = await session.all(
        "SELECT d.id, d.activity_id, d.inbox_url, d.host, d.attempts FROM deliveries d "
        "WHERE d.state = 'waiting' AND d.due_at <= ? AND d.leased_until <= ? "
        "AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.state = 'waiting' "
        "AND e.inbox_url = d.inbox_url AND e.object_uri = d.object_uri AND e.id < d.id) "
        "AND NOT EXISTS (SELECT 1 FROM hosts h WHERE h.host = d.host AND h.open_until > ?) "
        f"{others}ORDER BY d.due_at, d.id LIMIT ? {session.skip_locked}",
        now, now, now, *full, limit,
    )  # fmt: skip
    taken: Counter[str] = Counter()
    found = []
    for row in rows:
        delivery = Delivery(**dict(row))
        taken[delivery.host] += 1
        if taken[delivery.host] <= room.get(delivery.host, per_host):
            found.append(delivery)
    await session.many(
        "UPDATE deliveries SET attempts = attempts + 1, leased_until = ? WHERE id = ?",
        [(now + LEASE, delivery.id) for delivery in found],
    )
    return found


async def settle(session: Session, outcomes: Sequence[Outcome], now: int) -> None:
    """Write down what came of a batch of attempts."""
    await session.many(
        "UPDATE deliveries SET state = ?, due_at = ?, leased_until = 0, status = ?, error = ?, "
        "done_at = ? WHERE id = ?",
        [
            (o.state, o.due_at, o.status, o.error[:300],
             None if o.state == "waiting" else now, o.delivery.id)
            for o in outcomes
        ],
    )  # fmt: skip


async def next_due(session: Session, now: int) -> int | None:
    """When the next waiting delivery that nobody is trying is due, its host's pause over."""
    due: int | None = await session.value(
        "SELECT min(CASE WHEN h.open_until > d.due_at THEN h.open_until ELSE d.due_at END) "
        "FROM deliveries d LEFT JOIN hosts h ON h.host = d.host "
        "WHERE d.state = 'waiting' AND d.leased_until <= ?",
        now,
    )
    return due


async def release(session: Session) -> int:
    """At the start of a node's only process: the leases of the one before are free."""
    return await session.run(
        "UPDATE deliveries SET leased_until = 0 WHERE state = 'waiting' AND leased_until > 0"
    )


async def host_answers(session: Session, host: str, now: int) -> None:
    """A host gave a sign of life: its breaker closes and what waits for it is due."""
    if await session.run("DELETE FROM hosts WHERE host = ?", host):
        await session.run(
            "UPDATE deliveries SET due_at = ? WHERE host = ? AND state = 'waiting' AND due_at > ?",
            now, host, now,
        )  # fmt: skip
        await session.wake("deliveries")


async def host_failed(session: Session, host: str, now: int) -> None:
    """A host did not answer: after five failures it is left alone, up to 30 minutes."""
    await session.run(
        "INSERT INTO hosts (host, failures, failing_since, open_until) VALUES (?, 1, ?, 0) "
        "ON CONFLICT (host) DO UPDATE SET failures = hosts.failures + 1",
        host, now,
    )  # fmt: skip
    failures = await session.value("SELECT failures FROM hosts WHERE host = ?", host)
    if failures >= 5:
        pause = min(30_000 * 2 ** min(failures - 5, 6), 1_800_000)
        await session.run("UPDATE hosts SET open_until = ? WHERE host = ?", now + pause, host)
        # out of the way of what is due: thousands may wait for one silent host
        await session.run(
            "UPDATE deliveries SET due_at = ? WHERE host = ? AND state = 'waiting' AND due_at < ?",
            now + pause, host, now + pause,
        )  # fmt: skip


async def under_way(session: Session, actor_id: int) -> bool:
    """Whether anything that an actor of ours did still waits to be delivered."""
    return bool(
        await session.value(
            "SELECT 1 FROM deliveries d JOIN activities a ON a.id = d.activity_id "
            "WHERE a.actor_id = ? AND d.state = 'waiting' LIMIT 1",
            actor_id,
        )
    )


async def known_failing(session: Session) -> set[str]:
    """Hosts that failed since they last answered."""
    return {row["host"] for row in await session.all("SELECT host FROM hosts")}


async def counts(session: Session) -> dict[str, int]:
    """How many wait for the first time, wait again, are parked, and have arrived."""
    row = await session.one(
        "SELECT sum(CASE WHEN state = 'waiting' AND error = '' THEN 1 ELSE 0 END) AS waiting, "
        "sum(CASE WHEN state = 'waiting' AND error <> '' THEN 1 ELSE 0 END) AS retrying, "
        "sum(CASE WHEN state = 'parked' THEN 1 ELSE 0 END) AS parked, "
        "sum(CASE WHEN state = 'delivered' THEN 1 ELSE 0 END) AS delivered FROM deliveries"
    )
    assert row is not None
    return {name: int(row[name] or 0) for name in ("waiting", "retrying", "parked", "delivered")}


async def parked(session: Session, limit: int) -> list[dict[str, str]]:
    """What was given up last: the activity's uri and type, the inbox, the error."""
    rows = await session.all(
        "SELECT a.uri, a.type, d.inbox_url AS inbox, d.error FROM deliveries d "
        "JOIN activities a ON a.id = d.activity_id WHERE d.state = 'parked' "
        "ORDER BY d.id DESC LIMIT ?",
        limit,
    )
    return [dict(row) for row in rows]


async def retry_parked(session: Session, now: int, host: str = "") -> int:
    """Make parked deliveries due again, to one host (an origin) or to all; how many."""
    count = await session.run(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?, error = '', "
        "done_at = NULL WHERE state = 'parked' AND (? = '' OR host = ?)",
        now, host, host,
    )  # fmt: skip
    await session.wake("deliveries")
    return count


async def prune(session: Session, before: int) -> int:
    """Forget deliveries that arrived before `before`, and hosts silent since then."""
    await session.run(
        "DELETE FROM hosts WHERE failing_since < ? AND open_until < ?", before, before
    )
    return await session.run(
        "DELETE FROM deliveries WHERE state = 'delivered' AND done_at < ?", before
    )


async def waiting_inboxes(session: Session) -> list[str]:
    """Every inbox that something waits for."""
    rows = await session.all("SELECT DISTINCT inbox_url FROM deliveries WHERE state = 'waiting'")
    return [row["inbox_url"] for row in rows]


async def drop(session: Session, inboxes: Sequence[str]) -> None:
    """Don't send what waits for these inboxes."""
    await session.many(
        "DELETE FROM deliveries WHERE state = 'waiting' AND inbox_url = ?",
        [(inbox,) for inbox in inboxes],
    )
