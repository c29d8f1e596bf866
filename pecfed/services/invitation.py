"""On a hub: inviting an actor by its handle, and what it answers; nothing is public before."""

from __future__ import annotations

from dataclasses import replace

from pecfed import clock
from pecfed.domain.claim import known_by
from pecfed.domain.consent import Proof
from pecfed.domain.profile import Profile
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import membership
from pecfed.services.outbox import emit
from pecfed.store import blocks, claims, invitations, members
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.store.remotes import RemoteActor

LOOK_FOR = 90 * 86_400_000  # milliseconds; after that only a Join or a reply counts
LOOK_EVERY = 86_400_000


async def invite(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    actor: RemoteActor,
    profile: Profile,
    *,
    slug: str = "",
) -> tuple[Member, bool]:
    """Ask an actor whether it wants to be listed; its entry, and whether it was asked now.

    `slug` names an entry from public sources that is obviously the same organisation: it
    keeps its facts, and takes the actor once that has agreed. An actor whose answer is
    awaited isn't asked twice.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: the actor is blocked, or has another entry, or one in which it can't be
            invited.
    """
    if await blocks.blocked(session, [actor.uri]):
        raise RefusedError(
            f"{actor.handle} is blocked, so that its answer isn't heard; see: pecfed blocks list",
            code="blocked",
        )
    known = await invitations.of_actor(session, actor.uri)
    if known is not None and known.state == "open":
        entry = await members.by_id(session, known.member_id)
        if entry.state == "invited":  # else it was taken off since, and is asked anew
            if slug in {"", entry.slug}:
                return entry, False
            raise RefusedError(f"{actor.handle} was asked already, as {entry.slug}", code="asked")
    entry = await _entry(session, actor, profile, slug)
    note_uri = uris.new_object()
    now = clock.now_ms()
    await invitations.ask(session, entry.id, actor.uri, note_uri, now)
    await members.read_at(session, entry.id, now)  # it may link to us already
    await emit(
        session,
        uris,
        hub,
        type="Create",
        object_uri=note_uri,
        intent={
            "invitation": {"uri": actor.uri, "handle": actor.handle, "asked": now},
            "to": [actor.uri],
        },
        inboxes=[actor.inbox],
    )
    return entry, True


async def _entry(session: Session, actor: RemoteActor, profile: Profile, slug: str) -> Member:
    """The entry to invite: the named one, the actor's own from before, or a new one.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: it can't be invited.
    """
    own = await members.by_uri(session, actor.uri, hold=True)
    if slug:
        entry = await members.find(session, slug, hold=True)
        if entry is None:
            raise NotFoundError(f"there is no entry {slug!r}; see: members list --state invited")
        if entry.uri is not None or own is not None:
            whose = own or entry
            raise RefusedError(
                f"{whose.slug} is {whose.state}: --entry takes an entry that has no actor yet, "
                "and an actor that has no entry",
                code="wrong_state",
            )
        if await claims.is_kept_off(session, known_by(entry.slug, entry.profile)):
            raise RefusedError(
                f"{entry.slug} asked not to be listed; it can still join by itself",
                code="kept_off",
            )
        if entry.state != "invited":
            await membership.move(
                session, entry, "invite", by="operator", reason="", message=actor.handle
            )
            return replace(entry, state="invited")
        await members.log(
            session, entry.id, clock.now_ms(), "invite", "invited", "invited", "operator", "",
            actor.handle,
        )  # fmt: skip
        return entry
    if own is None:
        return await membership.add_entry(
            session, actor, profile, "invited", deed="invite", by="operator"
        )
    state = await membership.move(session, own, "invite", by="operator", reason="", message="")
    await members.describe(session, own.id, own.slug, profile, clock.now_ms())
    return replace(own, state=state)


async def agreed(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    actor: RemoteActor,
    profile: Profile,
    proof: Proof,
    proof_uri: str,
) -> Member | None:
    """An invited actor is willing: a member from now on; None where it wasn't asked.

    The operator invited it, so there is nothing left to decide. How it was proven stands
    in the log; `proof_uri` is the Join, the reply, or the page with the link.
    """
    entry = await _waiting(session, actor.uri)
    if entry is None:
        return None
    now = clock.now_ms()
    await invitations.answered(session, entry.id, "willing", proof, proof_uri, now)
    await membership.move(
        session, entry, "consent", by=actor.uri, reason="", message=f"{proof} {proof_uri}".strip()
    )
    if entry.uri is None:
        await members.attach(session, entry.id, actor.uri, [*entry.source, actor.uri])
    await membership.described(session, actor, profile)
    if proof == "join":
        await members.set_join(session, entry.id, proof_uri)
    taken = await members.by_id(session, entry.id)
    await membership.let_in(session, uris, hub, taken, actor, answer=proof == "join")
    return taken


async def _waiting(session: Session, actor_uri: str) -> Member | None:
    """The entry, held, for which that actor was asked and may still answer."""
    asked = await invitations.of_actor(session, actor_uri)
    if asked is None or asked.state != "open":
        return None
    entry = await members.by_id(session, asked.member_id, hold=True)
    return entry if entry.state == "invited" else None


async def declined(session: Session, actor: RemoteActor, proof_uri: str) -> Member | None:
    """An invited actor doesn't want to be listed: recorded; None where it wasn't asked.

    It isn't asked again unless the operator does. An entry from public sources that it
    was asked for is taken off with it.
    """
    entry = await _waiting(session, actor.uri)
    if entry is None:
        return None
    await invitations.answered(session, entry.id, "declined", "reply", proof_uri, clock.now_ms())
    await membership.move(
        session, entry, "decline", by=actor.uri, reason="asked-by-member", message=proof_uri
    )
    await members.read_at(session, entry.id, None)
    return replace(entry, state="refused")


async def looked(session: Session, member_id: int, leased_until: int | None = None) -> None:
    """The profile of an invited actor was looked at, in vain; when to look next.

    It may have agreed meanwhile: then it is to be read as a member, as was written down
    since. Who isn't invited any more isn't looked at again; `leased_until` is what the look
    itself wrote down, where it was the job's.
    """
    entry = await members.by_id(session, member_id, hold=True)
    now = clock.now_ms()
    if entry.state != "invited":
        await members.was_read(session, member_id, now, leased_until)
        return
    asked = await invitations.of_member(session, member_id)
    if asked is None or asked.state != "open":
        await members.read_at(session, member_id, None)
        return
    await invitations.looked(session, member_id, now)
    again = now + LOOK_EVERY
    await members.read_at(session, member_id, again if again < asked.asked_at + LOOK_FOR else None)
