"""On a hub: what a probe of a member's node has found, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed import clock
from pecfed.domain.duplicates import Why
from pecfed.domain.liveness import is_silent, probe_at
from pecfed.domain.suspicion import is_taken_over
from pecfed.services import likeness, notices, queue, suspicion
from pecfed.settings import Settings
from pecfed.store import likenesses, liveness, members
from pecfed.store.database import Session
from pecfed.store.liveness import Life
from pecfed.store.members import Member

SOON = 3_600_000
"""Milliseconds that a node is left alone after a probe, whatever its keys do."""
AT_ONCE = 200
"""Entries from before this program knew how whose looks are noted in one transaction."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe has found: `failure` says why nobody answered, "" where somebody did.

    `keys` as the actor's document lists them, `certificate` the SHA-256 (hex) of the one its
    host showed, "" where that isn't known; `moved_to` an id that the document names without
    the other's agreement, `aliases` the ids that it says are its own too.
    """

    failure: str = ""
    keys: frozenset[str] = frozenset()
    certificate: str = ""
    issuer: str = ""
    moved_to: str = ""
    aliases: tuple[str, ...] = ()


async def probed(session: Session, settings: Settings, member_id: int, found: Found) -> Life:
    """Write down what a probe has found; what is known of the entry's life now.

    Silence for `silent_days` waits for a reviewer, and no longer once somebody answers. Keys
    and certificate that changed at once, and a move that its target doesn't confirm, hide the
    member's label.
    """
    now = clock.now_ms()
    entry = await members.by_id(session, member_id, hold=True)
    before = await liveness.needed(session, member_id, now)
    due_at = probe_at(now, answered=not found.failure)
    if found.failure:
        await liveness.failed(session, member_id, now, due_at, found.failure)
        life = await liveness.needed(session, member_id, now)
        is_known = life.told_silent_at is not None or entry.state != "member"
        if not is_known and is_silent(life.signs, now, settings.silent_days):
            await liveness.told(session, member_id, "silent", now)
            await _tell_silence(session, entry, life)
        return life
    shown = (found.certificate or before.certificate, found.issuer or before.issuer)
    await liveness.answered(session, member_id, now, due_at, *shown)
    await queue.close_item(
        session, "silent", subject=likeness.subject(entry), decision="answered", by=queue.SYSTEM
    )
    keys = await liveness.keys(session, member_id)
    if is_taken_over(keys, found.keys, before.certificate, found.certificate):
        await suspicion.hide(
            session, entry, "taken-over", by=queue.SYSTEM, detail=found.certificate,
            facts={"issuer": found.issuer, "issuer_before": before.issuer},
        )  # fmt: skip
    if found.moved_to:
        await suspicion.hide(
            session, entry, "moved-unproven", by=queue.SYSTEM, detail=found.moved_to
        )
    if found.keys:
        await liveness.set_keys(session, member_id, found.keys)
    await _same_actor(session, entry, found.aliases)
    return await liveness.needed(session, member_id, now)


async def _tell_silence(session: Session, entry: Member, life: Life) -> None:
    """A reviewer is told, once for each silence."""
    since = clock.from_ms(life.signs.failing_since or 0).date().isoformat()
    facts = {"name": entry.name, "entry": entry.slug, "since": since}
    await queue.open_item(session, "silent", subject=likeness.subject(entry), facts=facts)
    await notices.notice(
        session, "silent", subject=likeness.subject(entry), facts={"name": entry.name}, ref=since
    )


async def _same_actor(session: Session, entry: Member, aliases: tuple[str, ...]) -> None:
    """An actor that says another member's id is its own, too, may be the same organisation."""
    for uri in aliases:
        other = await members.by_uri(session, uri) if uri != entry.uri else None
        if other is None or other.state in {"left", "refused"}:
            continue
        if not await likenesses.are_apart(session, entry.id, other.id):
            why: list[Why] = ["same-actor"]
            await likeness.tell_double(session, entry, other, why)


async def begin(session: Session) -> None:
    """Look after entries that nobody looked after yet: their life, and what they look like."""
    now = clock.now_ms()
    await liveness.begin(session, now)
    await liveness.due_where_keys_changed(session, now, now - SOON)
    for entry in await likenesses.unseen(session, AT_ONCE):
        await likeness.noted(session, entry)
