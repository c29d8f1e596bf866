"""Somebody else's actor moved: who follows it, is its member or lists it goes along."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.domain.uris import Uris
from pecfed.services import attest, follow, join, log, membership, queue
from pecfed.services.outbox import emit
from pecfed.store import actors, follows, liveness, members, memberships
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.store.remotes import RemoteActor

MOST = 3
"""Moves of one entry in a day: each is told to all the followers of the hub."""
DAY = 86_400_000  # milliseconds


async def goes_along(session: Session, uris: Uris, old: RemoteActor, new: RemoteActor) -> bool:
    """Our actors that follow `old` follow `new`, its members ask it for membership.

    False when it was nobody to us. Both sides have confirmed the move (the caller has
    looked at both documents).
    """
    touched = False
    for actor in await actors.everyone(session):
        if await follows.get_following(session, actor.id, old.uri) is not None:
            await follow.stop(session, uris, actor, old.uri, old.inbox)
            await follow.start(session, uris, actor, new.uri, new.inbox)
            touched = True
        known = await memberships.get(session, actor.id, old.uri)
        if known is not None and known["state"] in {"asked", "member"}:
            await memberships.set_state(
                session, actor.id, old.uri, "left", clock.now_ms(), reason="closed"
            )
            await join.ask(session, uris, actor, new)
            touched = True
    return touched


async def entry_goes_along(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    old: RemoteActor,
    new: RemoteActor,
    profile: Profile,
) -> bool:
    """A hub's entry is the new actor's from now on, with its state and its log.

    Where the new actor has an entry already, the old one is closed. False when the old
    one has none.
    """
    entry = await members.by_uri(session, old.uri, hold=True)
    if entry is None:
        return False
    if await members.by_uri(session, new.uri, hold=True) is not None:
        return await membership.left(session, uris, hub, old)
    # what was found was what the old one declared
    await attest.end_all(session, uris, hub, entry, by=old.uri, reason="other")
    now = clock.now_ms()
    await members.set_actor(session, entry.id, new.uri)
    await liveness.forget_shown(session, entry.id)
    await queue.goes_along(session, old.uri, new.uri)
    await _moved(session, entry, new.uri)
    await membership.described(session, new, profile)
    if entry.state == "member":
        for type_, uri, target in (("Remove", old.uri, old), ("Add", new.uri, new)):
            await emit(
                session,
                uris,
                hub,
                type=type_,
                object_uri=uri,
                intent={"object": target.uri, "target": uris.directory},
                is_public=True,
            )
        await members.read_at(session, entry.id, now)
    return True


async def _moved(session: Session, entry: Member, new_uri: str) -> None:
    """Two lines: the old actor is no member any more, the new one is what the old one was.

    Who vouched for the one has said nothing of the other.
    """
    old_uri, state = entry.uri or "", {"membership": entry.state}
    is_public = entry.state in {"member", "suspended"}
    for act, subject, facts, before, after in (
        ("move", old_uri, {"to": new_uri}, state, {"membership": "left"}),
        ("arrive", new_uri, {"from": old_uri}, {}, state),
    ):
        await log.record(
            session, act, subject=subject, by=old_uri, facts=facts, before=before, after=after,
            is_public=is_public, member_id=entry.id,
        )  # fmt: skip


async def too_often(session: Session, uri: str) -> bool:
    """Whether a hub's entry has moved about so much today that it stays where it is."""
    entry = await members.by_uri(session, uri, hold=True)
    if entry is None:
        return False
    since = clock.now_ms() - DAY
    lines = await members.history(session, entry.id)
    return len([row for row in lines if row.deed == "move" and row.at > since]) >= MOST
