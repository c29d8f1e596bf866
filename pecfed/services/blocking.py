"""The operator blocks an actor or a whole server, or thinks again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pecfed import clock
from pecfed.domain import blocking
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import follow
from pecfed.services.outbox import emit
from pecfed.store import (
    actors,
    blocks,
    conversations,
    deliveries,
    follows,
    members,
    memberships,
    remotes,
)
from pecfed.store.database import Session


@dataclass(frozen=True, slots=True)
class Undone:
    """What a block put an end to: how many followers left, and how many messages are hidden."""

    new: bool
    followers: int
    hidden: int


def _of(target: str, uris: Iterable[str]) -> list[str]:
    """Those of the addresses that a target covers."""
    return [uri for uri in uris if target in blocking.keys_of(uri)]


async def add(
    session: Session, uris: Uris, target: str, *, reason: str, note: str, even_members: bool = False
) -> Undone:
    """Block a target (in its one spelling, domain/blocking.py), from now on.

    Who is blocked follows nobody here any more (and is told so by a Reject), nothing
    is delivered there, and what it said is hidden.

    Raises:
        UsageError: there is no such reason, or the target is this node itself.
        RefusedError: it is, or has, a member or a hub of ours, and `even_members` isn't given.
    """
    if reason not in blocking.REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(blocking.REASONS)}")
    if target in blocking.keys_of(f"{uris.base}/") or uris.is_ours(target):
        raise UsageError(f"{target} is this node itself")
    partners = await _partners(session)
    bound = _of(target, partners)
    if bound and not even_members:
        raise RefusedError(
            f"{target} blocks {', '.join(bound[:5])}, with whom this node has a membership: "
            "end that first, or say --yes",
            code="has_members",
        )
    await _drop_deliveries(session, target)
    gone = await _say_goodbye(session, uris, target, partners)
    new = await blocks.put(session, target, reason, note, clock.now_ms())
    return Undone(new, gone, await _hide(session, target))


async def _partners(session: Session) -> list[str]:
    """The members of this hub and who wants to be, and the hubs our actors are with."""
    found = await members.standing_uris(session)
    for actor in await actors.everyone(session):
        for row in await memberships.of_actor(session, actor.id):
            if row["state"] in {"asked", "member", "suspended"}:
                found.append(row["hub_uri"])
    return found


async def _drop_deliveries(session: Session, target: str) -> None:
    """What waits for the blocked isn't sent."""
    if blocking.scope_of(target) == "server":
        inboxes = _of(target, await deliveries.waiting_inboxes(session))
    else:
        # an actor is kept by its id as it spells it; its inbox may be shared with others
        known = [await remotes.get(session, uri) for uri in await _spellings(session, target)]
        inboxes = [each.inbox for each in known if each is not None]
    await deliveries.drop(session, inboxes)


async def _spellings(session: Session, target: str) -> list[str]:
    return _of(target, await remotes.at_host(session, target.split("/", 3)[2].rpartition(":")[0]))


async def _say_goodbye(session: Session, uris: Uris, target: str, partners: list[str]) -> int:
    """Its follows of our actors are rejected, ours of it (but of members and hubs) undone."""
    count = 0
    for actor in await actors.everyone(session):
        for row in await follows.followers_of(session, actor.id):
            follower = row["follower_uri"]
            if target not in blocking.keys_of(follower):
                continue
            count += 1
            await follows.remove_follower(session, follower, actor_id=actor.id)
            remote = await remotes.get(session, follower)
            if remote is None or remote.gone_at is not None:
                continue
            document = {"type": "Follow", "actor": follower, "object": actor.uri}
            if row["follow_uri"]:
                document = {"id": row["follow_uri"]} | document
            await emit(
                session,
                uris,
                actor,
                type="Reject",
                object_uri=follower,
                intent={"object": document, "to": [follower]},
                inboxes=[remote.inbox],
            )
        for followed in _of(target, await follows.following(session, actor.id)):
            remote = await remotes.get(session, followed)
            if followed not in partners and remote is not None:
                await follow.stop(session, uris, actor, followed, remote.inbox)
    return count


async def _hide(session: Session, target: str) -> int:
    """What the blocked said and liked isn't shown or counted."""
    speakers = _of(target, await conversations.speakers(session))
    return await conversations.set_blocked(session, speakers, blocked=True)


async def remove(session: Session, target: str) -> int:
    """End a block; how many messages are shown again. Follows don't come back by themselves.

    Raises:
        NotFoundError: it isn't blocked.
    """
    if not await blocks.remove(session, target):
        raise NotFoundError(f"{target} isn't blocked; see: pecfed blocks list")
    speakers = _of(target, await conversations.speakers(session))
    still = {
        speaker
        for speaker in speakers
        if await blocks.blocked(session, [speaker])  # by its server, or for itself
    }
    freed = [speaker for speaker in speakers if speaker not in still]
    return await conversations.set_blocked(session, freed, blocked=False)
