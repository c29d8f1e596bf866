"""The right of reply: what members say to decisions about them, shown beside their entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class MemberReply:
    """A member's reply; `hidden` is "" where it is shown, else why it isn't.

    `content` is plain text by language, `at` milliseconds since 1970.
    """

    actor_uri: str
    uri: str
    content: Mapping[str, str]
    hidden: str
    at: int


def _reply(row: Row) -> MemberReply:
    return MemberReply(
        row["actor_uri"], row["uri"], json.loads(row["content"]), row["hidden"], row["replied_at"]
    )


_COLUMNS = "actor_uri, uri, content, hidden, replied_at"


async def put(
    session: Session, actor_uri: str, uri: str, content: Mapping[str, str], hidden: str, now: int
) -> None:
    """Keep a member's reply, in the place of what it said before."""
    await session.run(
        "INSERT INTO member_replies (actor_uri, uri, content, hidden, replied_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (actor_uri) DO UPDATE SET uri = excluded.uri, "
        "content = excluded.content, hidden = excluded.hidden, replied_at = excluded.replied_at",
        actor_uri, uri, json.dumps(dict(content), ensure_ascii=False), hidden, now,
    )  # fmt: skip


async def get(session: Session, actor_uri: str) -> MemberReply | None:
    """What that member replied."""
    row = await session.one(f"SELECT {_COLUMNS} FROM member_replies WHERE actor_uri = ?", actor_uri)
    return _reply(row) if row else None


async def everything(session: Session, limit: int) -> Sequence[MemberReply]:
    """Every reply, the newest first."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM member_replies ORDER BY replied_at DESC, actor_uri LIMIT ?", limit
    )
    return [_reply(row) for row in rows]


async def remove(session: Session, actor_uri: str) -> bool:
    """A member takes its reply back; False where there was none."""
    return bool(await session.run("DELETE FROM member_replies WHERE actor_uri = ?", actor_uri))


async def set_hidden(session: Session, actor_uri: str, why: str) -> bool:
    """Hide a reply for a reason, or ("") show it; False where there is none, or it is so."""
    return bool(
        await session.run(
            "UPDATE member_replies SET hidden = ? WHERE actor_uri = ? AND hidden <> ?",
            why, actor_uri, why,
        )
    )  # fmt: skip
