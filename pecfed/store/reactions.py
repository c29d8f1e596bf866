"""Likes and boosts of what is ours, each once; who they are from is shown to nobody."""

from __future__ import annotations

from collections.abc import Mapping

from pecfed.store.database import Session


async def add(
    session: Session,
    *,
    object_uri: str,
    kind: str,
    actor_uri: str,
    host: str,
    activity_uri: str,
    now: int,
) -> bool:
    """Keep a like or a boost; False when there is one (its newer id is kept)."""
    known = await session.run(
        "UPDATE reactions SET activity_uri = ? WHERE object_uri = ? AND kind = ? AND actor_uri = ?",
        activity_uri, object_uri, kind, actor_uri,
    )  # fmt: skip
    if known:
        return False
    await session.run(
        "INSERT INTO reactions (object_uri, kind, actor_uri, host, activity_uri, reacted_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (object_uri, kind, actor_uri) DO NOTHING",
        object_uri, kind, actor_uri, host, activity_uri, now,
    )  # fmt: skip
    return True


async def room(session: Session, object_uri: str, kind: str, host: str) -> tuple[int, int]:
    """How many there are of an object, without those of the blocked, and how many from a host."""
    row = await session.one(
        "SELECT count(*) AS n, sum(CASE WHEN host = ? THEN 1 ELSE 0 END) AS h "
        "FROM reactions WHERE object_uri = ? AND kind = ? AND blocked = 0",
        host, object_uri, kind,
    )  # fmt: skip
    assert row is not None
    return int(row["n"]), int(row["h"] or 0)


async def remove(
    session: Session,
    actor_uri: str,
    *,
    object_uri: str = "",
    kind: str = "",
    activity_uri: str = "",
) -> int:
    """Take back a like or boost of that actor's: by what it is of, else by its activity's id."""
    if object_uri:
        return await session.run(
            "DELETE FROM reactions WHERE object_uri = ? AND kind = ? AND actor_uri = ?",
            object_uri, kind, actor_uri,
        )  # fmt: skip
    return await session.run(
        "DELETE FROM reactions WHERE actor_uri = ? AND activity_uri = ?", actor_uri, activity_uri
    )


async def count(session: Session, object_uri: str, kind: str) -> int:
    """How many likes or boosts an object has, without those of the blocked."""
    return int(
        await session.value(
            "SELECT count(*) FROM reactions WHERE object_uri = ? AND kind = ? AND blocked = 0",
            object_uri, kind,
        )
    )  # fmt: skip


async def counts(session: Session, limit: int) -> Mapping[str, Mapping[str, int]]:
    """For the objects with most news: how many likes, shares, replies and mentions each has."""
    rows = await session.all(
        "SELECT about, kind, count(*) AS n FROM ("
        "SELECT object_uri AS about, kind FROM reactions WHERE blocked = 0 UNION ALL "
        "SELECT about_uri AS about, kind FROM messages WHERE hidden = '') said "
        "GROUP BY about, kind ORDER BY n DESC, about LIMIT ?",
        limit,
    )
    words = {"like": "likes", "share": "shares", "reply": "replies", "mention": "mentions"}
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["about"], dict.fromkeys(words.values(), 0))[words[row["kind"]]] = row[
            "n"
        ]
    return found
