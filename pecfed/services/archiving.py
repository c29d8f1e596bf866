"""On a hub: an entry whose time is over keeps its page and its history, and may come back."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.membership import REASONS, possible
from pecfed.domain.uris import Uris, origin
from pecfed.errors import RefusedError, UsageError
from pecfed.services import attest, membership, queue
from pecfed.services.likeness import subject
from pecfed.store import liveness, members, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member


async def archive(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    *,
    by: str,
    reason: str,
    message: str = "",
    successor: str = "",
    is_closed: bool = False,
) -> Member:
    """Archive an entry today: no longer listed, followed or probed; its page and past stay.

    What the hub has attested of it is revoked, and what it vouches for counts no more.

    Args:
        session: the transaction.
        uris: the hub's addresses.
        hub: its actor.
        name: the entry's slug, handle or actor.
        by: who says so: the operator, or the member itself by a link of ours.
        reason: a reason code; `closed` where the organisation is no more.
        message: words for the member.
        successor: the address of who goes on with its work, "" for nobody.
        is_closed: whether the organisation itself is no more.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: no such reason, or the successor is no web address.
        RefusedError: the entry's state doesn't allow it.
    """
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
    if successor and not origin(successor):
        raise UsageError(f"successor {successor[:200]!r}: write its address, as https://x.example")
    entry = await members.the_entry(session, name, hold=True)
    now = clock.now_ms()
    if "archive" in possible(entry.state):
        await attest.end_all(session, uris, hub, entry, by=by, reason=reason)
    state = await membership.move(session, entry, "archive", by=by, reason=reason, message=message)
    actor = await remotes.get(session, entry.uri) if entry.uri else None
    if actor is not None and entry.state in {"member", "suspended"}:
        await membership.ended(session, uris, hub, entry, actor, state, reason, message)
    await members.read_at(session, entry.id, None)
    await liveness.needed(session, entry.id, now)
    today = clock.now().date().isoformat()
    await liveness.set_archived(session, entry.id, today, successor, is_closed=is_closed)
    for kind in ("silent", "stale"):
        await queue.close_item(
            session, kind, subject=subject(entry), decision="archived", by=by, reason=reason
        )
    return await members.by_id(session, entry.id)


async def reopen(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    *,
    by: str,
    reason: str = "resolved",
    message: str = "",
) -> Member:
    """An archived entry is listed again, as what it was: a member, or one from public sources.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: there is no such reason.
        RefusedError: it isn't archived.
    """
    entry = await members.the_entry(session, name, hold=True)
    if entry.state != "archived":
        raise RefusedError(f"{entry.slug} is {entry.state}, not archived", code="wrong_state")
    if entry.uri is None:
        await membership.move(session, entry, "invite", by=by, reason=reason, message=message)
        return await members.by_id(session, entry.id)
    return await membership.decide(
        session, uris, hub, entry.slug, "restore", reason=reason, message=message, by=by
    )
