"""What others say of what is ours: replies and mentions, and what our actors answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.domain.conversation import Said
from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Message:
    """One reply or mention; times are milliseconds since 1970.

    `about_uri` is the object of ours that it answers, else our actor (whose database
    key is `actor_id`); `state` is new, seen or answered; `hidden` says by whom it is:
    operator, block, or "" where it isn't.
    """

    id: int
    uri: str
    actor_uri: str
    handle: str
    name: str
    actor_id: int
    about_uri: str
    kind: str
    content: str
    links: tuple[str, ...]
    language: str
    url: str
    is_public: bool
    state: str
    hidden: str
    published_at: int
    updated_at: int
    received_at: int


_COLUMNS = ", ".join(Message.__slots__)


def _message(row: Row) -> Message:
    values = dict(row)
    values["links"] = tuple(json.loads(values["links"]))
    values["is_public"] = bool(values["is_public"])
    return Message(**values)


async def concerns(
    session: Session,
    actor_uri: str,
    actors: Sequence[str],
    objects: Sequence[str],
    message: str,
    but: Sequence[str] = (),
) -> bool:
    """Whether any of these is an actor of ours or a live one of our objects, or was said by it.

    Actors of the cards in `but` don't count. With its own id as `message`, an actor that
    has said or liked anything is found.
    """
    parts, values = [], list[str]()
    if actors:
        others = f" AND card NOT IN ({_places(but)})" if but else ""
        where = f"uri IN ({_places(actors)}) AND deleted_at IS NULL{others}"
        parts.append(f"SELECT 1 FROM actors WHERE {where}")
        values += [*actors, *but]
    if objects:
        parts.append(
            f"SELECT 1 FROM objects WHERE uri IN ({_places(objects)}) "
            "AND actor_id IS NOT NULL AND deleted_at IS NULL"
        )
        values += objects
    if message:
        parts.append("SELECT 1 FROM messages WHERE actor_uri = ? AND (uri = ? OR actor_uri = ?)")
        values += [actor_uri, message, message]
    if message == actor_uri:
        parts.append("SELECT 1 FROM reactions WHERE actor_uri = ?")
        values.append(actor_uri)
    if not parts:
        return False
    where = " OR ".join(f"EXISTS ({part})" for part in parts)
    return bool(await session.value(f"SELECT 1 WHERE {where}", *values))


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


async def by_uri(session: Session, uri: str, *, hold: bool = False) -> Message | None:
    """The message with that id; `hold` keeps others who hold it waiting."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM messages WHERE uri = ? {session.hold if hold else ''}", uri
    )
    return _message(row) if row else None


async def by_id(session: Session, message_id: int) -> Message | None:
    """The message with that number."""
    row = await session.one(f"SELECT {_COLUMNS} FROM messages WHERE id = ?", message_id)
    return _message(row) if row else None


async def add(
    session: Session,
    said: Said,
    *,
    host: str,
    handle: str,
    name: str,
    actor_id: int,
    about_uri: str,
    kind: str,
    now: int,
) -> bool:
    """Keep a message once; False when it is here already."""
    return bool(
        await session.run(
            "INSERT INTO messages (uri, actor_uri, host, handle, name, actor_id, about_uri, kind, "
            "content, links, language, url, is_public, state, published_at, updated_at, "
            "received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?) "
            "ON CONFLICT (uri) DO NOTHING",
            said.uri, said.actor_uri, host, handle, name, actor_id, about_uri, kind,
            said.content, json.dumps(said.links), said.language, said.url, int(said.is_public),
            said.published_at, said.updated_at, now,
        )
    )  # fmt: skip


async def correct(session: Session, message_id: int, said: Said) -> None:
    """Its author corrected a message: the operator sees it as new."""
    await session.run(
        "UPDATE messages SET content = ?, links = ?, language = ?, url = ?, is_public = ?, "
        "updated_at = ?, state = CASE WHEN state = 'seen' THEN 'new' ELSE state END WHERE id = ?",
        said.content, json.dumps(said.links), said.language, said.url, int(said.is_public),
        said.updated_at, message_id,
    )  # fmt: skip


async def counts_since(session: Session, said: Said, host: str, since: int) -> tuple[int, int]:
    """How many messages its author, and its author's host, have sent since then."""
    by_actor = await session.value(
        "SELECT count(*) FROM messages WHERE actor_uri = ? AND received_at > ?",
        said.actor_uri, since,
    )  # fmt: skip
    by_host = await session.value(
        "SELECT count(*) FROM messages WHERE host = ? AND received_at > ?", host, since
    )
    return int(by_actor), int(by_host)


async def count_about(session: Session, about_uri: str) -> int:
    """How many messages about something of ours are kept, hidden ones too.

    Those of the blocked take nobody's place: they grow no more.
    """
    return int(
        await session.value(
            "SELECT count(*) FROM messages WHERE about_uri = ? AND hidden <> 'block'", about_uri
        )
    )


async def remove(session: Session, uri: str, actor_uri: str) -> bool:
    """Its author took a message back (`uri`); False when there was none of that author's."""
    await session.run(
        "DELETE FROM answers WHERE message_id IN "
        "(SELECT id FROM messages WHERE uri = ? AND actor_uri = ?)",
        uri, actor_uri,
    )  # fmt: skip
    return bool(
        await session.run("DELETE FROM messages WHERE uri = ? AND actor_uri = ?", uri, actor_uri)
    )


async def forget_actor(session: Session, actor_uri: str) -> None:
    """An actor is no more: what it said and liked goes; its reports stay with the operator."""
    await session.run(
        "DELETE FROM answers WHERE message_id IN (SELECT id FROM messages WHERE actor_uri = ?)",
        actor_uri,
    )
    await session.run("DELETE FROM messages WHERE actor_uri = ?", actor_uri)
    await session.run("DELETE FROM reactions WHERE actor_uri = ?", actor_uri)


# ------------------------------------------------------------------ what is shown


_SHOWN = "about_uri = ? AND kind = 'reply' AND is_public = 1 AND hidden = ''"


async def shown(session: Session, about_uri: str, limit: int) -> Sequence[Message]:
    """The public replies to an object that nobody hid, the oldest first."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM messages WHERE {_SHOWN} ORDER BY published_at, id LIMIT ?",
        about_uri, limit,
    )  # fmt: skip
    return [_message(row) for row in rows]


async def count_shown(session: Session, about_uri: str) -> int:
    """How many public replies to an object nobody hid."""
    return int(await session.value(f"SELECT count(*) FROM messages WHERE {_SHOWN}", about_uri))


# ------------------------------------------------------------------ for the operator


async def listing(
    session: Session,
    limit: int,
    *,
    before: int = 2**62,
    state: str = "",
    about_uri: str = "",
    hidden: bool = False,
) -> Sequence[Message]:
    """A page of messages, the newest first, with numbers below `before`."""
    where, values = "id < ?", [before]
    if not hidden:
        where += " AND hidden = ''"
    for column, value in (("state", state), ("about_uri", about_uri)):
        if value:
            where += f" AND {column} = ?"
            values.append(value)  # type: ignore[arg-type]
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM messages WHERE {where} ORDER BY id DESC LIMIT ?", *values, limit
    )
    return [_message(row) for row in rows]


async def count_new(session: Session) -> int:
    """How many messages the operator hasn't seen."""
    return int(
        await session.value("SELECT count(*) FROM messages WHERE state = 'new' AND hidden = ''")
    )


async def mark(session: Session, message_id: int, state: str) -> None:
    """The operator has seen or answered a message; what is answered stays so."""
    await session.run(
        "UPDATE messages SET state = ? WHERE id = ? AND state <> 'answered'", state, message_id
    )


async def set_hidden(session: Session, message_id: int, by: str) -> None:
    """The operator hides a message ("operator") or shows it ("")."""
    await session.run("UPDATE messages SET hidden = ? WHERE id = ?", by, message_id)


async def add_answer(
    session: Session, uri: str, message_id: int, content: str, now: int, *, is_public: bool
) -> None:
    """Keep what our actor answered."""
    await session.run(
        "INSERT INTO answers (uri, message_id, content, is_public, answered_at) "
        "VALUES (?, ?, ?, ?, ?)",
        uri, message_id, content, int(is_public), now,
    )  # fmt: skip


async def answers(session: Session, message_id: int) -> Sequence[Row]:
    """uri, content, is_public and answered_at of what was answered, in order."""
    return await session.all(
        "SELECT uri, content, is_public, answered_at FROM answers WHERE message_id = ? "
        "ORDER BY answered_at, uri",
        message_id,
    )


async def speakers(session: Session) -> Sequence[str]:
    """Everybody who has said or liked something."""
    rows = await session.all("SELECT actor_uri FROM messages UNION SELECT actor_uri FROM reactions")
    return [row["actor_uri"] for row in rows]


async def set_blocked(session: Session, actor_uris: Sequence[str], *, blocked: bool) -> int:
    """Hide what blocked actors said and liked, or show it again; how many messages that were.

    What the operator has hidden stays so.
    """
    was, becomes = ("", "block") if blocked else ("block", "")
    count = 0
    for uri in actor_uris:
        count += await session.run(
            "UPDATE messages SET hidden = ? WHERE actor_uri = ? AND hidden = ?", becomes, uri, was
        )
        await session.run("UPDATE reactions SET blocked = ? WHERE actor_uri = ?", int(blocked), uri)
    return count


async def prune(session: Session, deleted_before: int, mentions_before: int) -> None:
    """Forget what was about objects withdrawn before, and mentions received before."""
    gone = (
        "SELECT id FROM messages WHERE (kind = 'mention' AND received_at < ?) OR EXISTS "
        "(SELECT 1 FROM objects o WHERE o.uri = messages.about_uri AND o.deleted_at < ?)"
    )
    values = (mentions_before, deleted_before)
    await session.run(f"DELETE FROM answers WHERE message_id IN ({gone})", *values)
    await session.run(f"DELETE FROM messages WHERE id IN ({gone})", *values)
    await session.run(
        "DELETE FROM reactions WHERE EXISTS (SELECT 1 FROM objects o "
        "WHERE o.uri = reactions.object_uri AND o.deleted_at < ?)",
        deleted_before,
    )
