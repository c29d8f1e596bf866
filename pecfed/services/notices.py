"""Word gets through: a notice for who runs this node, shown in the admin and told by mail.

Members are told by signed activities instead; their own node makes its notice of those.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pecfed import clock
from pecfed.domain.notice import (
    ACCOUNT,
    KINDS,
    MAX_FACT,
    MAX_FACTS,
    Notice,
    audience,
    is_somebody,
    roles,
)
from pecfed.domain.text import clean
from pecfed.store import mails, notices
from pecfed.store.database import Session

GATHER = 300_000
"""Milliseconds between two mails to one recipient: what comes meanwhile goes into one."""
SHOWN = 50
MOST_COUNTED = 100

Listed = Sequence[tuple[Notice, bool]]
"""Notices, and whether the one who asks has read each."""


async def notice(
    session: Session,
    kind: str,
    *,
    subject: str,
    to: str = "operators",
    facts: Mapping[str, Any] = {},
    ref: str = "",
) -> int | None:
    """Something waits for somebody: kept for the admin, and for the mail of who asked for it.

    Args:
        session: the transaction of what happened, so that both stand or fall together.
        kind: one of `domain/notice.py: KINDS`.
        subject: the actor's id it is about, or the slug of an entry without one.
        to: "operators", "reviewers" (operators see these too) or "account:NAME".
        facts: short texts for its sentence; `name` is what the subject is called, and
            `path` where on this node it is dealt with (`/admin/…`).
        ref: what makes it the same notice: told once for each kind, subject and ref.

    Returns:
        Its number, or None where the same was told before.

    Raises:
        ValueError: there is no such kind, or nobody it could be for.
    """
    if kind not in KINDS or not is_somebody(to):
        raise ValueError(f"no notice {kind!r} to {to!r}")
    now = clock.now_ms()
    kept = {key: clean(str(value), MAX_FACT) for key, value in list(facts.items())[:MAX_FACTS]}
    number = await notices.add(
        session, kind=kind, subject=subject, ref=ref, to=to, facts=kept, now=now
    )
    if number is None:
        return None
    account = to.removeprefix(ACCOUNT) if to.startswith(ACCOUNT) else ""
    for recipient in await mails.told(session, roles(to), account):
        due_at = max(now, await mails.last_made(session, recipient.id) + GATHER)
        await mails.attach(session, recipient.id, number, secrets.token_hex(16), due_at, now)
    return number


async def unread(session: Session, role: str, account: str) -> int:
    """How many notices an account hasn't read, counted up to a hundred: the number on the bell."""
    return await notices.count_unread(session, account, audience(role, account), MOST_COUNTED)


async def listing(session: Session, role: str, account: str, *, before: int = 0) -> Listed:
    """An account's notices, the newest first, and whether it has read each.

    `before` is the number of the last one of the page before.
    """
    found = await notices.listing(session, audience(role, account), SHOWN, before=before)
    seen = await notices.read_by(session, account, [each.id for each in found])
    return [(each, each.id in seen) for each in found]


async def read(session: Session, account: str, numbers: Sequence[int]) -> int:
    """An account has read these; how many were new to it."""
    return await notices.read(session, account, numbers[:MOST_COUNTED], clock.now_ms())
