"""On a hub: two entries become one without losing history, and are two again when asked."""

from __future__ import annotations

from dataclasses import replace

from pecfed import clock
from pecfed.domain.membership import REASONS, is_public
from pecfed.domain.profile import Profile
from pecfed.domain.uris import Uris
from pecfed.errors import RefusedError, UsageError
from pecfed.services import attest, log, membership, queue
from pecfed.services.likeness import subject
from pecfed.store import likenesses, members, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member

ASKS_TO_END = frozenset({"asked", "left", "refused"})
"""States in which an entry can't be what others become part of."""


async def merge(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    into_name: str,
    part_name: str,
    *,
    by: str,
    reason: str = "other",
    message: str = "",
) -> Member:
    """One entry becomes part of another: its page leads there, its history and sources stay.

    What the entry says of itself stands above facts from public sources, which fill its gaps. A
    member that becomes a part is no longer followed, and told (Reject); what was merged
    into it before leads on. Everything is undone by `unmerge`, but that what the hub had
    attested of a member that became a part was revoked.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: there is no such reason.
        RefusedError: they are one already, or the wrong one would stay.
    """
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
    into, part = await _both(session, into_name, part_name)
    if into.state in ASKS_TO_END or (into.uri is None and part.uri is not None):
        raise RefusedError(
            f"{into.slug} is {into.state}{'' if into.uri else ' and has no actor'}: the entry that "
            f"speaks for itself stays; try: members merge {part.slug} {into.slug}",
            code="wrong_way_round",
        )
    before = {"profile": into.profile.to_data(), "source": list(into.source), "slug": into.slug}
    await likenesses.merge(session, part, into.id, clock.now_ms(), before)
    await attest.end_all(session, uris, hub, part, by=by, reason=reason)
    await membership.move(session, part, "merge", by=by, reason=reason, message=message)
    await _end_of(session, uris, hub, part, reason, message)
    if part.uri is None:
        kept = replace(into.profile.over(part.profile), url=into.profile.url or part.profile.url)
        await _describe(session, into, kept, list(dict.fromkeys([*into.source, *part.source])))
    await log.record(
        session, "merge", subject=subject(into), by=by, reason=reason,
        facts={"part": part.slug}, is_public=is_public(part.state, "left"),
    )  # fmt: skip
    await _settled(session, into, part, "merged", by, reason)
    return await members.by_id(session, into.id)


def in_order(one: Member, other: Member) -> tuple[Member, Member]:
    """Which of two entries would stay, and which would be part of it.

    The one that is a member, else the one with an actor, else the one that was there first.
    """
    first, second = sorted(
        (one, other), key=lambda each: (each.state != "member", each.uri is None, each.id)
    )
    return first, second


async def of_pair(session: Session, subject_: str, slug: str) -> tuple[Member, Member]:
    """The entries that an item of the queue holds to be one: which would stay, and the part.

    Raises:
        NotFoundError: one of them is no more.
    """
    return in_order(*await _both(session, subject_, slug))


async def unmerge(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    *,
    by: str,
    reason: str = "resolved",
    message: str = "",
) -> Member:
    """An entry that was merged stands by itself again, as it was; so does the one it was in.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: it is part of no other, or others were merged after it.
    """
    part = await members.the_entry(session, name, hold=True)
    merge_ = await likenesses.merged(session, part.id)
    if merge_ is None:
        raise RefusedError(f"{part.slug} is part of no other entry", code="not_merged")
    last = await likenesses.latest_part(session, merge_.into_id)
    if last != part.id and last is not None:
        other = await members.by_id(session, last)
        raise RefusedError(
            f"{other.slug} was merged into the same entry later: undo that first",
            code="not_the_last",
        )
    into = await members.by_id(session, merge_.into_id, hold=True)
    await likenesses.unmerge(session, part.id)
    await members.set_state(
        session, part, merge_.state, clock.now_ms(), deed="unmerge", by=by, reason=reason,
        message=message,
    )  # fmt: skip
    again = await members.by_id(session, part.id)
    actor = await remotes.get(session, again.uri) if again.uri else None
    if again.state == "member" and actor is not None:
        await membership.let_in(session, uris, hub, again, actor, restored=True)
    await _describe(session, into, Profile.from_data(merge_.before["profile"]),
                    merge_.before["source"])  # fmt: skip
    if into.state == "member":  # it may have said something else of itself since
        await members.read_at(session, into.id, clock.now_ms())
    await log.record(
        session, "unmerge", subject=subject(into), by=by, reason=reason,
        facts={"part": part.slug}, is_public=is_public("left", merge_.state),
    )  # fmt: skip
    await likenesses.keep_apart(session, into.id, part.id)
    return again


async def keep_apart(
    session: Session, one_name: str, other_name: str, *, by: str, reason: str = "other"
) -> tuple[Member, Member]:
    """Two entries are two organisations: nobody is asked about them again.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: both names mean one entry.
    """
    one, other = await _both(session, one_name, other_name)
    await likenesses.keep_apart(session, one.id, other.id)
    await log.record(
        session, "apart", subject=subject(one), by=by, reason=reason,
        facts={"other": other.slug}, is_public=False,
    )  # fmt: skip
    await _settled(session, one, other, "apart", by, reason)
    return one, other


async def _both(session: Session, one: str, other: str) -> tuple[Member, Member]:
    """Two different entries, held, of which neither is part of another.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: they are one and the same, or one is part of another.
    """
    found = (
        await members.the_entry(session, one, hold=True),
        await members.the_entry(session, other, hold=True),
    )
    if found[0].id == found[1].id:
        raise RefusedError(f"{one} and {other} are one entry already", code="same_entry")
    for each in found:
        if await likenesses.merged(session, each.id) is not None:
            raise RefusedError(f"{each.slug} is part of another entry already", code="merged")
    return found


async def _end_of(
    session: Session, uris: Uris, hub: LocalActor, part: Member, reason: str, message: str
) -> None:
    """A member or applicant is told that its entry is part of another one now."""
    actor = await remotes.get(session, part.uri) if part.uri else None
    if actor is not None and part.state in {"asked", "member", "suspended"}:
        await membership.ended(session, uris, hub, part, actor, "left", reason, message)
    await members.read_at(session, part.id, None)


async def _describe(session: Session, entry: Member, profile: Profile, source: list[str]) -> None:
    await members.describe(session, entry.id, entry.slug, profile, clock.now_ms())
    await members.set_source(session, entry.id, source)


async def _settled(
    session: Session, one: Member, other: Member, decision: str, by: str, reason: str
) -> None:
    """Whatever waited because these two look alike."""
    for each, ref in ((one, other), (other, one)):
        await queue.close_item(
            session, "duplicate", subject=subject(each), ref=ref.slug, decision=decision, by=by,
            reason=reason,
        )  # fmt: skip
