"""What others say of what is ours: kept within bounds, once, and taken back when they say so."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed import clock
from pecfed.domain import conversation as bounds
from pecfed.domain.conversation import Reaction, Said
from pecfed.domain.uris import host_of
from pecfed.services import people, queue
from pecfed.store import actors, conversations, objects, reactions, reports, withdrawn
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor

DAY = 86_400_000  # milliseconds
LATE = DAY  # an Update whose Create never came is taken for it until then
UNDO_MEMORY = 6 * 3600 * 1000  # milliseconds that an Undo waits for what it takes back
DELETE_MEMORY = 40 * DAY  # and that a deleted message stays away
NOTHING = "about nothing of ours"


async def said(
    session: Session, said: Said, author: RemoteActor, mentioned: Sequence[str], *, created: bool
) -> str:
    """Keep a reply or a mention, or its correction; what came of it, in a word.

    `mentioned` are the ids on this node that it names or is addressed to. An Update
    (`created` is false) of something unknown counts for its Create for a day.
    """
    is_unasked = created and not said.is_public and not said.in_reply_to
    if is_unasked and await people.proven(session, said.actor_uri, said.content):
        return "proves who asks"
    now = clock.now_ms()
    known = await conversations.by_uri(session, said.uri, hold=True)
    if known is not None:
        if known.actor_uri != said.actor_uri:
            return "somebody else's"
        if said.updated_at <= known.updated_at:
            return "known"
        await conversations.correct(session, known.id, said)
        return "corrected"
    if not created and said.published_at < now - LATE:
        return "too old to be new"
    if await withdrawn.holds(session, said.uri, said.actor_uri, now):
        return "withdrawn before"
    found = await _about(session, said, mentioned)
    if found is None:
        return NOTHING
    kind, about_uri, actor_id = found
    host = host_of(said.actor_uri)
    if await conversations.count_about(session, about_uri) >= bounds.MAX_ABOUT:
        return "too many about it"
    by_actor, by_host = await conversations.counts_since(session, said, host, now - DAY)
    if by_actor >= bounds.MAX_OF_ACTOR or by_host >= bounds.MAX_OF_HOST:
        return "too many in a day"
    await conversations.add(
        session,
        said,
        host=host,
        handle=author.handle,
        name=author.name,
        actor_id=actor_id,
        about_uri=about_uri,
        kind=kind,
        now=now,
    )
    return kind


async def _about(
    session: Session, said: Said, mentioned: Sequence[str]
) -> tuple[str, str, int] | None:
    """Whether it is a reply or a mention, of what, and the key of our actor concerned."""
    stored = await objects.get(session, said.in_reply_to) if said.in_reply_to else None
    if stored is not None and stored.actor_id is not None and stored.deleted_at is None:
        return "reply", stored.uri, stored.actor_id
    for uri in mentioned:
        actor = await actors.by_uri(session, uri)
        if actor is not None and actor.card not in bounds.DEAF:
            return "mention", actor.uri, actor.id
    return None


async def taken_back(session: Session, uri: str, actor_uri: str) -> bool:
    """Its author deleted a message; False when there was none. It doesn't come back."""
    if not await conversations.remove(session, uri, actor_uri):
        return False
    await withdrawn.add(session, uri, actor_uri, clock.now_ms() + DELETE_MEMORY)
    return True


async def reacted(
    session: Session, kind: Reaction, object_uri: str, actor_uri: str, activity_uri: str
) -> str:
    """Count a like or a boost, once for each actor; what came of it, in a word."""
    now = clock.now_ms()
    stored = await objects.get(session, object_uri)
    if stored is None or stored.actor_id is None or stored.deleted_at is not None:
        return "nothing of ours"
    if activity_uri and await withdrawn.holds(session, activity_uri, actor_uri, now):
        return "undone before"
    host = host_of(actor_uri)
    total, of_host = await reactions.room(session, object_uri, kind, host)
    if total >= bounds.MAX_REACTIONS or of_host >= bounds.MAX_REACTIONS_OF_HOST:
        return "too many"
    new = await reactions.add(
        session,
        object_uri=object_uri,
        kind=kind,
        actor_uri=actor_uri,
        host=host,
        activity_uri=activity_uri,
        now=now,
    )
    return f"{kind}d" if new else "known"


async def unreacted(
    session: Session, actor_uri: str, *, kind: str, object_uri: str, activity_uri: str
) -> bool:
    """Take back a like or a boost: by what it is of where that is told, else by its id."""
    gone = await reactions.remove(
        session, actor_uri, object_uri=object_uri, kind=kind, activity_uri=activity_uri
    )
    if activity_uri and not gone:
        # it may still be on its way
        await withdrawn.add(session, activity_uri, actor_uri, clock.now_ms() + UNDO_MEMORY)
    return bool(gone)


async def reported(
    session: Session, actor_uri: str, activity_uri: str, about: Sequence[str], content: str
) -> str:
    """Keep a report about something of ours for the operator; what came of it, in a word."""
    ours = []
    for uri in about[: bounds.MAX_REPORTED]:
        stored = await objects.get(session, uri)
        if (stored is not None and stored.actor_id is not None) or (
            await actors.by_uri(session, uri) is not None
        ):
            ours.append(uri)
    if not ours:
        return "nothing of ours"
    host = host_of(actor_uri)
    if (
        await reports.count_open(session) >= bounds.MAX_REPORTS
        or await reports.count_open(session, host) >= bounds.MAX_REPORTS_OF_HOST
    ):
        return "too many open reports"
    new = await reports.add(
        session,
        activity_uri=activity_uri,
        actor_uri=actor_uri,
        host=host,
        about=ours,
        content=content,
        now=clock.now_ms(),
    )
    if new is not None:
        facts = {"from": actor_uri, "about": ours}
        await queue.open_item(session, "report", subject=ours[0], ref=str(new), facts=facts)
    return "known" if new is None else "reported"
