"""On a hub: a label is hidden while we doubt who speaks for the member, and shown again."""

from __future__ import annotations

from collections.abc import Mapping

from pecfed import clock
from pecfed.domain.membership import REASONS
from pecfed.domain.suspicion import CAUSES, Cause
from pecfed.errors import RefusedError, UsageError
from pecfed.services import log, notices, queue
from pecfed.services.likeness import subject
from pecfed.store import liveness, members
from pecfed.store.database import Session
from pecfed.store.members import Member

BY_HAND = "by-hand"
"""The cause where an operator hides a label."""
MAX_CAUSES = 20
"""Causes that are remembered of one entry, the latest ones."""


async def hide(
    session: Session,
    entry: Member,
    cause: Cause,
    *,
    by: str,
    detail: str = "",
    facts: Mapping[str, str] = {},
) -> bool:
    """Hide an entry's label and tell the operator; False where that was done for this already.

    `detail` tells two cases of one cause apart (where it moved to): what an operator has
    looked at and shown again isn't hidden for the same a second time.
    """
    because = f"{cause} {detail}".strip()
    now = clock.now_ms()
    life = await liveness.needed(session, entry.id, now)
    if because in life.hidden_because:
        return False
    causes = (*life.hidden_because, because)[-MAX_CAUSES:]
    await liveness.set_hidden(session, entry.id, life.hidden_at or now, causes)
    if life.hidden_at is None:
        await _record(session, "hide", entry, by, "security", {"because": cause})
    await queue.open_item(
        session, "suspicion", subject=subject(entry), ref=cause,
        facts={"name": entry.name, "entry": entry.slug, "detail": detail, **facts},
    )  # fmt: skip
    await notices.notice(
        session, "suspicion", subject=subject(entry), facts={"name": entry.name, "why": cause},
        ref=because,
    )  # fmt: skip
    return True


async def hide_by_hand(session: Session, name: str, *, by: str, reason: str) -> Member:
    """An operator hides an entry's label.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: there is no such reason.
        RefusedError: it is hidden already.
    """
    entry = await _find(session, name, reason)
    life = await liveness.needed(session, entry.id, clock.now_ms())
    if life.hidden_at is not None:
        raise RefusedError(f"the label of {entry.slug} is hidden already", code="hidden")
    await liveness.set_hidden(session, entry.id, clock.now_ms(), life.hidden_because)
    await _record(session, "hide", entry, by, reason, {"because": BY_HAND})
    return entry


async def unhide(session: Session, name: str, *, by: str, reason: str = "resolved") -> Member:
    """An operator has made sure who speaks for the member: its label may be seen again.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: there is no such reason.
        RefusedError: it isn't hidden.
    """
    entry = await _find(session, name, reason)
    life = await liveness.needed(session, entry.id, clock.now_ms())
    if life.hidden_at is None:
        raise RefusedError(f"the label of {entry.slug} isn't hidden", code="not_hidden")
    await liveness.set_hidden(session, entry.id, None, life.hidden_because)
    await _record(session, "unhide", entry, by, reason, {})
    for cause in CAUSES:
        await queue.close_item(
            session, "suspicion", subject=subject(entry), ref=cause, decision="unhide", by=by,
            reason=reason,
        )  # fmt: skip
    return entry


async def _find(session: Session, name: str, reason: str) -> Member:
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
    return await members.the_entry(session, name, hold=True)


async def _record(
    session: Session, act: str, entry: Member, by: str, reason: str, facts: Mapping[str, str]
) -> None:
    """Public for those who are listed in public, else for the hub alone."""
    is_public = entry.state in {"member", "suspended", "archived"}
    await log.record(
        session, act, subject=subject(entry), by=by, reason=reason, facts=facts,
        is_public=is_public,
    )  # fmt: skip
