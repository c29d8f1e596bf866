"""What the operator does with what others said: looks, answers, hides, closes a report."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.conversation import MAX_TEXT
from pecfed.domain.note import Note
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import queue
from pecfed.services.outbox import emit
from pecfed.store import actors, blocks, conversations, objects, reports
from pecfed.store.conversations import Message
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor
from pecfed.store.reports import Report


async def message(session: Session, number: int) -> Message:
    """The message with that number.

    Raises:
        NotFoundError: there is none (any more).
    """
    found = await conversations.by_id(session, number)
    if found is None:
        raise NotFoundError(f"there is no message {number}; see: pecfed conversations list")
    return found


async def see(session: Session, number: int) -> Message:
    """The message with that number, which is no longer new.

    Raises:
        NotFoundError: there is none (any more).
    """
    await conversations.mark(session, number, "seen")
    return await message(session, number)


async def answer(
    session: Session, uris: Uris, number: int, author: RemoteActor, text: str, language: str
) -> str:
    """Answer a message in the name of the actor that it is about; the answer's uri.

    It is public where the message is, else for its author alone; such an answer is
    served to nobody.

    Raises:
        NotFoundError: there is no such message.
        UsageError: there is no text, or too much.
        RefusedError: its author is blocked.
    """
    found = await message(session, number)
    if not text.strip() or len(text) > MAX_TEXT:
        raise UsageError(f"an answer has 1 to {MAX_TEXT} characters")
    if await blocks.blocked(session, [found.actor_uri]):
        raise RefusedError(f"{found.actor_uri} is blocked: end the block first", code="blocked")
    actor = await actors.by_id(session, found.actor_id)
    uri, now = uris.new_object(), clock.now_ms()
    note = Note(
        uri,
        {language: text.strip()},
        reply_to=found.uri,
        mention=found.actor_uri,
        handle=found.handle,
        private=not found.is_public,
    )
    if found.is_public:
        await objects.keep(
            session,
            uri=uri,
            actor_uri=actor.uri,
            actor_id=actor.id,
            content=note,
            url=uri,
            published_at=now,
            updated_at=now,
        )
    await emit(
        session,
        uris,
        actor,
        type="Create",
        object_uri=uri,
        intent={
            "kind": "note",
            "data": note.to_data(),
            "published": now,
            "updated": now,
            "to": [found.actor_uri],
        },
        is_public=found.is_public,
        inboxes=[author.inbox],
    )
    await conversations.add_answer(
        session, uri, found.id, note.content[language], now, is_public=found.is_public
    )
    await conversations.mark(session, found.id, "answered")
    return uri


async def hide(session: Session, number: int) -> Message:
    """Show a message to nobody but the operator.

    Raises:
        NotFoundError: there is no such message.
    """
    found = await message(session, number)
    if not found.hidden:
        await conversations.set_hidden(session, found.id, "operator")
    return await see(session, number)


async def unhide(session: Session, number: int) -> Message:
    """Show it again.

    Raises:
        NotFoundError: there is no such message.
        RefusedError: its author is blocked.
    """
    found = await message(session, number)
    if found.hidden == "block":
        raise RefusedError(f"{found.actor_uri} is blocked: end the block first", code="blocked")
    await conversations.set_hidden(session, found.id, "")
    return await message(session, number)


async def report(session: Session, number: int) -> Report:
    """The report with that number.

    Raises:
        NotFoundError: there is none.
    """
    found = await reports.get(session, number)
    if found is None:
        raise NotFoundError(f"there is no report {number}; see: pecfed reports list")
    return found


async def close(session: Session, number: int, *, by: str = "operator") -> Report:
    """A report is dealt with.

    Raises:
        NotFoundError: there is none.
    """
    found = await report(session, number)
    if await reports.close(session, number, clock.now_ms()):
        await queue.close_item(
            session, "report", subject=found.about[0], ref=str(number), decision="closed", by=by
        )
    return await report(session, number)
