"""Who follows our actors, and whom our actors follow."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed.store.database import Row, Session


async def add_follower(
    session: Session, actor_id: int, follower_uri: str, follow_uri: str, now: int
) -> bool:
    """Keep a follower; False when it already was one (the newer Follow id is kept)."""
    known = await session.run(
        "UPDATE followers SET follow_uri = ? WHERE actor_id = ? AND follower_uri = ?",
        follow_uri, actor_id, follower_uri,
    )  # fmt: skip
    if known:
        return False
    await session.run(
        "INSERT INTO followers (actor_id, follower_uri, follow_uri, followed_at) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (actor_id, follower_uri) DO NOTHING",
        actor_id, follower_uri, follow_uri, now,
    )  # fmt: skip
    return True


async def remove_follower(
    session: Session, follower_uri: str, *, actor_id: int | None = None, follow_uri: str = ""
) -> int:
    """Let a follower go: from one actor, by the id of its Follow, or (neither given) from all."""
    if actor_id is not None:
        return await session.run(
            "DELETE FROM followers WHERE follower_uri = ? AND actor_id = ?", follower_uri, actor_id
        )
    if follow_uri:
        return await session.run(
            "DELETE FROM followers WHERE follower_uri = ? AND follow_uri = ?",
            follower_uri, follow_uri,
        )  # fmt: skip
    return await session.run("DELETE FROM followers WHERE follower_uri = ?", follower_uri)


async def end_of_actor(session: Session, actor_id: int) -> None:
    """An actor of ours is no more: nobody follows it, and it follows nobody."""
    await session.run("DELETE FROM followers WHERE actor_id = ?", actor_id)
    await session.run("DELETE FROM following WHERE actor_id = ?", actor_id)


async def is_follower(session: Session, follower_uri: str) -> bool:
    """Whether that actor follows any of ours."""
    return bool(
        await session.value("SELECT 1 FROM followers WHERE follower_uri = ? LIMIT 1", follower_uri)
    )


async def followers(session: Session, actor_id: int, limit: int, after: str = "") -> Sequence[str]:
    """A page of follower uris, in the order of their uris, after the one named."""
    rows = await session.all(
        "SELECT follower_uri FROM followers WHERE actor_id = ? AND follower_uri > ? "
        "ORDER BY follower_uri LIMIT ?",
        actor_id, after, limit,
    )  # fmt: skip
    return [row["follower_uri"] for row in rows]


async def count_followers(session: Session, actor_id: int) -> int:
    """How many follow an actor."""
    return int(
        await session.value("SELECT count(*) FROM followers WHERE actor_id = ?", actor_id) or 0
    )


async def follower_inboxes(session: Session, actor_id: int) -> Sequence[str]:
    """Where to deliver to all followers: each shared inbox once."""
    rows = await session.all(
        "SELECT DISTINCT r.shared_inbox FROM followers f JOIN remote_actors r "
        "ON r.uri = f.follower_uri WHERE f.actor_id = ? AND r.gone_at IS NULL",
        actor_id,
    )
    return [row["shared_inbox"] for row in rows]


async def following_inboxes(session: Session, actor_id: int) -> Sequence[str]:
    """Where to reach all whom our actor follows: each shared inbox once."""
    rows = await session.all(
        "SELECT DISTINCT r.shared_inbox FROM following f JOIN remote_actors r "
        "ON r.uri = f.target_uri WHERE f.actor_id = ? AND r.gone_at IS NULL",
        actor_id,
    )
    return [row["shared_inbox"] for row in rows]


async def ask_to_follow(
    session: Session, actor_id: int, target_uri: str, follow_uri: str, now: int
) -> None:
    """Note that our actor sent a Follow, and under which id; an older one is replaced."""
    await session.run(
        "INSERT INTO following (actor_id, target_uri, follow_uri, state, followed_at) "
        "VALUES (?, ?, ?, 'asked', ?) ON CONFLICT (actor_id, target_uri) DO UPDATE SET "
        "follow_uri = excluded.follow_uri, state = 'asked', followed_at = excluded.followed_at",
        actor_id, target_uri, follow_uri, now,
    )  # fmt: skip


async def get_following(session: Session, actor_id: int, target_uri: str) -> Row | None:
    """follow_uri and state of one of our follows."""
    return await session.one(
        "SELECT follow_uri, state FROM following WHERE actor_id = ? AND target_uri = ?",
        actor_id, target_uri,
    )  # fmt: skip


async def accepted(session: Session, actor_id: int, target_uri: str) -> int:
    """The other side accepted our Follow; 0 when there was none."""
    return await session.run(
        "UPDATE following SET state = 'accepted' WHERE actor_id = ? AND target_uri = ?",
        actor_id, target_uri,
    )  # fmt: skip


async def stop_following(session: Session, actor_id: int, target_uri: str) -> int:
    """Our actor no longer follows; 0 when it didn't."""
    return await session.run(
        "DELETE FROM following WHERE actor_id = ? AND target_uri = ?", actor_id, target_uri
    )


async def is_followed(session: Session, target_uri: str) -> bool:
    """Whether any of our actors follows (or has asked to follow) that one."""
    return bool(
        await session.value("SELECT 1 FROM following WHERE target_uri = ? LIMIT 1", target_uri)
    )


async def following(session: Session, actor_id: int) -> Sequence[str]:
    """Whom our actor follows, accepted ones only, by uri."""
    rows = await session.all(
        "SELECT target_uri FROM following WHERE actor_id = ? AND state = 'accepted' "
        "ORDER BY target_uri LIMIT 5000",
        actor_id,
    )
    return [row["target_uri"] for row in rows]


async def followers_of(session: Session, actor_id: int) -> Sequence[Row]:
    """follower_uri and follow_uri of everybody who follows an actor."""
    return await session.all(
        "SELECT follower_uri, follow_uri FROM followers WHERE actor_id = ?", actor_id
    )
