"""Polls: votes are counted once, and followers are told the tally, not too often."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.content import Content
from pecfed.domain.poll import Poll
from pecfed.domain.uris import Uris, host_of
from pecfed.services.outbox import emit
from pecfed.store import actors, objects, votes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

TELL_AFTER = 180_000
"""Milliseconds from a vote until followers are told: what comes meanwhile shares the Update."""
MOST_VOTERS = 100_000
MOST_VOTES_OF_HOST = 2000
"""On one poll: whoever keeps a server can invent any number of people on it."""


async def vote(session: Session, *, question_uri: str, voter_uri: str, choice: str) -> str:
    """Count a vote on a poll of ours; what came of it, in a word.

    `choice` is an option as it is written (that is what a vote names on the wire). Each
    voter counts once, with `multiple` once for each option. An option that there isn't
    and a poll that is over are passed over.
    """
    poll = await votes.running(session, question_uri, hold=True)
    stored = await objects.get(session, question_uri) if poll else None
    if poll is None or stored is None or stored.deleted_at is not None:
        return "no poll of ours"
    content = stored.content
    assert isinstance(content, Poll)
    now = clock.now_ms()
    if now >= poll.ends_at:
        return "the poll is over"
    number = content.chosen(choice)
    if number is None:
        return "no such option"
    before = await votes.choices(session, question_uri, voter_uri)
    if number in before or (before and not content.multiple):
        return "voted before"
    if not before and poll.voters >= MOST_VOTERS:
        return "too many voters"
    host, tell = host_of(voter_uri), now + TELL_AFTER
    if await votes.of_host(session, question_uri, host) >= MOST_VOTES_OF_HOST:
        return "too many of that server"
    await votes.add(session, poll, voter_uri, host, number, new=not before, now=now, tell=tell)
    return "vote counted"


async def opened(session: Session, actor: LocalActor, uri: str, content: Content) -> None:
    """A poll was published or corrected: count until it ends."""
    if isinstance(content, Poll):
        await votes.open_poll(session, uri, actor.id, clock.to_ms(content.ends))


async def corrected(session: Session, uri: str, before: Content, content: Content) -> Content:
    """A corrected poll keeps its votes while its answers are the same, else it begins anew."""
    if not isinstance(content, Poll) or not isinstance(before, Poll):
        return content
    if not content.same_answers(before):
        await votes.forget_votes(session, uri)
        return content
    return await _counted(session, uri, content)


async def _counted(session: Session, uri: str, content: Poll) -> Poll:
    """The poll with its votes as they stand now."""
    found = await votes.tally(session, uri)
    known = await votes.running(session, uri)
    counts = [found.get(number, 0) for number in range(len(content.options))]
    return content.with_tally(
        counts, known.voters if known else 0, closed=content.ends <= clock.now()
    )


async def tell_due(session: Session, uris: Uris) -> int:
    """Tell followers the tallies that are due, final ones among them; how many polls.

    An Update whose `updated` is the old one refreshes a poll and shows no edit (Mastodon's
    "implicit update").
    """
    due = await votes.claim_due(session, clock.now_ms())
    for poll in due:
        # whoever applies a file holds the actor: neither overwrites what the other wrote
        actor = await actors.by_id(session, poll.actor_id, hold=True)
        stored = await objects.get(session, poll.question_uri)
        if stored is None or stored.deleted_at is not None:
            continue
        assert isinstance(stored.content, Poll)
        content = await _counted(session, stored.uri, stored.content)
        await objects.keep(
            session,
            uri=stored.uri,
            actor_uri=actor.uri,
            actor_id=actor.id,
            content=content,
            url=stored.url,
            published_at=stored.published_at,
            updated_at=stored.updated_at,
        )
        await emit(
            session,
            uris,
            actor,
            type="Update",
            object_uri=stored.uri,
            intent={
                "kind": stored.kind,
                "data": content.to_data(),
                "published": stored.published_at,
                "updated": stored.updated_at,
            },
            is_public=True,
        )
    return len(due)
