"""What waits for somebody on `/admin`: one function each in this table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from pecfed import clock
from pecfed.domain.queue import WAITING as WAITING_STATES
from pecfed.http.admin.assessment.view import path, speakers
from pecfed.services import assessment, reviews
from pecfed.store import queue
from pecfed.store import reviews as letters
from pecfed.store.database import Session

SOON = 60
"""Days before a statement ends, from which on its member is told."""


class Waiting(NamedTuple):
    """So many of something (`admin.start.WORD`, with `name`), and where they are dealt with."""

    path: str
    word: str
    n: int
    name: str = ""


async def statements(session: Session) -> Sequence[Waiting]:
    """Actors without a statement, statements that end soon, and drafts that aren't published."""
    found = []
    soon = (clock.now().date() + timedelta(days=SOON)).isoformat()
    for actor in await speakers(session):
        if actor.card != "member":
            continue
        known = await assessment.look(session, actor)
        word = ""
        if known.saved:
            word = "draft"
        elif known.statement is None:
            word = "statement"
        elif known.statement.valid_until < soon:
            word = "ending"
        if word:
            found.append(Waiting(path(actor), word, 1, actor.profile.name))
    return found


async def questions(session: Session) -> Sequence[Waiting]:
    """What hubs wrote that nobody has answered or put aside."""
    acts = sorted(reviews.OF_A_HUB)
    counts = [
        (actor, await letters.count_open(session, actor.id, acts))
        for actor in await speakers(session)
    ]
    return [Waiting(path(actor), "questions", n, actor.profile.name) for actor, n in counts if n]


async def requests(session: Session) -> Sequence[Waiting]:
    """Members that ask for an endorsement."""
    acts = sorted(reviews.AMONG_MEMBERS)
    counts = [
        await letters.count_open(session, actor.id, acts) for actor in await speakers(session)
    ]
    return [Waiting("/admin/requests", "requests", sum(counts))] if any(counts) else []


async def items(session: Session) -> Sequence[Waiting]:
    """What waits for a reviewer."""
    counts = await queue.counts(session)
    n = sum(count for (_, state), count in counts.items() if state in WAITING_STATES)
    return [Waiting("/admin/queue", "queue", n)] if n else []


WAITING: Sequence[Callable[[Session], Awaitable[Sequence[Waiting]]]] = (
    statements,
    questions,
    requests,
    items,
)
