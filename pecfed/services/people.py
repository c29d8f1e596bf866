"""What is kept of people elsewhere: they ask, prove by a message who they are, take or end it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.errors import NotFoundError, RefusedError
from pecfed.store import data_asks, log, members, personal, withdrawn
from pecfed.store.data_asks import DataAsk
from pecfed.store.database import Session

COUNTS = 3_600_000
"""Milliseconds that a question is open."""
MOST = 500
"""Questions that are open at once."""
STAYS_AWAY = 40 * 86_400_000
"""Milliseconds for which what was said and is forgotten doesn't come back."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ALONE = re.compile(rf"(?:@\S+\s+)*(pecfed-[{_LETTERS}]{{12}})(?:\s+@\S+)*")
"""The word and whom it is for: a quote, or an answer to a trap, has other words beside it."""
_INSIDE = frozenset({"asked", "member", "suspended", "archived"})
"""Whose entry must end first: it leaves."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody who asks is given: `secret` for the address of the page, `code` to send."""

    secret: str
    code: str


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


async def ask(session: Session) -> Question:
    """Somebody wants to know what is kept of it.

    Raises:
        RefusedError: too many ask at present.
    """
    now = clock.now_ms()
    if await data_asks.count(session, now - COUNTS) >= MOST:
        raise RefusedError("too many ask at present", status=429, code="too_many", retry=True)
    word = "".join(secrets.choice(_LETTERS) for _ in range(12))
    made = Question(secrets.token_urlsafe(32), f"pecfed-{word}")
    await data_asks.add(session, _hash(made.secret), made.code, now)
    return made


async def proven(session: Session, actor_uri: str, text: str) -> bool:
    """Whether a message is a word that somebody waits for: then its author is who asks.

    It says nothing else but whom it is for. Such a message is kept by nobody.
    """
    found = _ALONE.fullmatch(text.lower()[:2000].strip())
    if found is None:
        return False
    now = clock.now_ms()
    return await data_asks.prove(session, found[1], actor_uri, now - COUNTS, now)


async def look(session: Session, secret: str) -> DataAsk | None:
    """The question with that secret, None once its hour is over."""
    return await data_asks.get(session, _hash(secret), clock.now_ms() - COUNTS)


async def export(session: Session, actor_uri: str) -> Mapping[str, Any]:
    """All that is kept of an actor; times are milliseconds since 1970."""
    return {
        "actor": actor_uri,
        "at": clock.stamp(clock.now()),
        "kept": await personal.kept(session, actor_uri),
    }


async def erase(session: Session, actor_uri: str) -> Mapping[str, int]:
    """Forget an actor; how many rows of what are gone.

    A block stays, since it protects others; so do the public lines of a hub's log. Of an
    entry that ended long ago the name and the facts go, and what the log holds back.

    Raises:
        NotFoundError: nothing is kept of it.
        RefusedError: it is in the directory, or asks to be: it leaves first.
    """
    entry = await members.by_uri(session, actor_uri, hold=True)
    if entry is not None and entry.state in _INSIDE:
        raise RefusedError(
            f"{entry.slug} is {entry.state}: it leaves first (pecfed leave), or is removed",
            status=409,
            code="still_inside",
        )
    before = await personal.kept(session, actor_uri)
    if not before:
        raise NotFoundError(f"nothing is kept of {actor_uri}", safe="nothing is kept of it")
    until = clock.now_ms() + STAYS_AWAY
    for uri in await personal.said(session, actor_uri):
        await withdrawn.add(session, uri, actor_uri, until)
    await personal.forget(session, actor_uri)
    if entry is not None:
        await members.describe(session, entry.id, entry.slug, Profile(entry.slug), clock.now_ms())
        for line in await log.of_member(session, entry.id):
            await log.erase(session, line.number)
    after = await personal.kept(session, actor_uri)
    gone = {name: len(rows) - len(after.get(name, ())) for name, rows in before.items()}
    return {name: number for name, number in gone.items() if number > 0}


async def end(session: Session, secret: str) -> None:
    """A question is over."""
    await data_asks.remove(session, _hash(secret))
