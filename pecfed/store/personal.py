"""What is kept of one actor that isn't ours, wherever it stands: to hand it out, or forget it.

One line for each table. What stands in the log of a hub stays: it is public, chained, and what
others rely on; only what it holds back from the public is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pecfed.store.database import Session

# fmt: off
KEPT: Mapping[str, str] = {
    "actor": "SELECT uri, type, handle, name, inbox, document, fetched_at FROM remote_actors "
             "WHERE uri = ?",
    "keys": "SELECT uri, pem FROM remote_keys WHERE actor_uri = ? ORDER BY uri",
    "messages": "SELECT uri, about_uri, kind, content, links, language, url, is_public, state, "
                "hidden, published_at, received_at FROM messages WHERE actor_uri = ? ORDER BY id",
    "answers": "SELECT a.uri, a.content, a.answered_at FROM answers a JOIN messages m "
               "ON m.id = a.message_id WHERE m.actor_uri = ? ORDER BY a.answered_at, a.uri",
    "reactions": "SELECT object_uri, kind, activity_uri, reacted_at FROM reactions "
                 "WHERE actor_uri = ? ORDER BY reacted_at, object_uri, kind",
    "votes": "SELECT question_uri, choice, voted_at FROM votes WHERE voter_uri = ? "
             "ORDER BY voted_at, question_uri, choice",
    "follows": "SELECT a.uri AS actor_uri, f.follow_uri, f.followed_at FROM followers f "
               "JOIN actors a ON a.id = f.actor_id WHERE f.follower_uri = ? ORDER BY a.uri",
    "reports": "SELECT activity_uri, about, content, reported_at, closed_at FROM reports "
               "WHERE actor_uri = ? ORDER BY id",
    "letters": "SELECT activity_uri, state, received_at FROM inbox WHERE actor_uri = ? ORDER BY id",
    "reviews": "SELECT uri, sent, data, state, at FROM reviews WHERE other_uri = ? ORDER BY id",
    "reply": "SELECT uri, content, hidden, replied_at FROM member_replies WHERE actor_uri = ?",
    "objects": "SELECT uri, kind, data, url, published_at, updated_at, deleted_at FROM objects "
               "WHERE actor_uri = ? AND actor_id IS NULL ORDER BY id",
    "entry": "SELECT slug, state, name, profile, source, changed_at FROM members WHERE uri = ?",
    "queue": "SELECT kind, ref, state, facts, opened_at FROM queue WHERE subject = ? ORDER BY id",
    "notices": "SELECT kind, facts, at FROM notices WHERE subject = ? ORDER BY id",
    "withdrawn": "SELECT uri FROM withdrawn WHERE actor_uri = ? ORDER BY uri",
    "block": "SELECT target, reason, blocked_at FROM blocks WHERE target = ?",
}
"""Under each name the rows about one actor, by its id."""
FORGOTTEN: Sequence[str] = (
    "UPDATE polls SET voters = voters - 1 WHERE voters > 0 AND question_uri IN "
    "(SELECT question_uri FROM votes WHERE voter_uri = ?)",
    "DELETE FROM votes WHERE voter_uri = ?",
    "DELETE FROM answers WHERE message_id IN (SELECT id FROM messages WHERE actor_uri = ?)",
    "DELETE FROM messages WHERE actor_uri = ?",
    "DELETE FROM reactions WHERE actor_uri = ?",
    "DELETE FROM followers WHERE follower_uri = ?",
    "DELETE FROM reports WHERE actor_uri = ?",
    "DELETE FROM inbox WHERE actor_uri = ? AND state <> 'waiting'",
    "DELETE FROM reviews WHERE other_uri = ?",
    "DELETE FROM member_replies WHERE actor_uri = ?",
    "DELETE FROM queue_acts WHERE item_id IN (SELECT id FROM queue WHERE subject = ?)",
    "DELETE FROM queue WHERE subject = ?",
    "DELETE FROM mailed WHERE notice_id IN (SELECT id FROM notices WHERE subject = ?)",
    "DELETE FROM notice_reads WHERE notice_id IN (SELECT id FROM notices WHERE subject = ?)",
    "DELETE FROM notices WHERE subject = ?",
    "DELETE FROM statement_versions WHERE object_uri IN "
    "(SELECT uri FROM objects WHERE actor_uri = ? AND actor_id IS NULL)",
    "DELETE FROM objects WHERE actor_uri = ? AND actor_id IS NULL",
    "DELETE FROM remote_keys WHERE actor_uri = ?",
    "DELETE FROM remote_actors WHERE uri = ?",
)
"""What forgets it, in an order that the tables allow."""
# fmt: on


async def kept(session: Session, actor_uri: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Everything about an actor, by the names of `KEPT`; only what there is."""
    found = {}
    for name, query in KEPT.items():
        rows = await session.all(query, actor_uri)
        if rows:
            found[name] = [dict(row) for row in rows]
    return found


async def said(session: Session, actor_uri: str) -> Sequence[str]:
    """The ids of what an actor said to ours, so that it doesn't come back."""
    rows = await session.all("SELECT uri FROM messages WHERE actor_uri = ?", actor_uri)
    return [row["uri"] for row in rows]


async def forget(session: Session, actor_uri: str) -> None:
    """Forget an actor, but for its block, its entry and the log."""
    for change in FORGOTTEN:
        await session.run(change, actor_uri)
