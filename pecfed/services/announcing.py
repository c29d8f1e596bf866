"""Announcing what somebody else published: once, within bounds, and taking it back.

The hub announces what its members publish, by the operator's policy; a working group what is
addressed to it; the instance actor the node's own events. What each of them announced stands
in `store/passed_on.py`, so that nothing is announced twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError
from pecfed.services.outbox import emit
from pecfed.store import activities, actors, members, objects, passed_on
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.passed_on import State

HOUR = 3_600_000  # milliseconds
MOST_UNDONE = 100  # Announces of one object that are taken back


async def announce(
    session: Session,
    uris: Uris,
    speaker: LocalActor,
    object_uri: str,
    author_uri: str,
    what: str | Mapping[str, Any] = "",
) -> None:
    """Announce to all followers: the object by its id, or `what`, an activity about it, whole."""
    await emit(
        session,
        uris,
        speaker,
        type="Announce",
        object_uri=object_uri,
        intent={"object": what or object_uri, "to": [author_uri]},
        is_public=True,
    )


async def once(
    session: Session, uris: Uris, speaker: LocalActor, object_uri: str, author_uri: str
) -> bool:
    """Announce an object by its id, unless that was done or forbidden before."""
    added = await passed_on.add(
        session,
        actor_id=speaker.id,
        object_uri=object_uri,
        author_uri=author_uri,
        state="shown",
        now=clock.now_ms(),
    )
    if added:
        await announce(session, uris, speaker, object_uri, author_uri)
    return added


async def offer(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    *,
    object_uri: str,
    author_uri: str,
    kind: str,
    policy: str,
    per_hour: int,
) -> None:
    """A member published something: announce it, have it wait, or say nothing, by the policy.

    The caller holds the member's row, so that two at once are counted one after the other.
    """
    if policy not in {"all", kind} or await passed_on.get(session, hub.id, object_uri):
        return
    now = clock.now_ms()
    said = await passed_on.count_since(session, hub.id, author_uri, now - HOUR, "shown")
    waits = await passed_on.count_since(session, hub.id, author_uri, 0, "waiting")
    if said < per_hour and not waits:
        await once(session, uris, hub, object_uri, author_uri)
        return
    await passed_on.add(
        session,
        actor_id=hub.id,
        object_uri=object_uri,
        author_uri=author_uri,
        state="waiting",
        now=now,
    )


async def by_hand(session: Session, uris: Uris, hub: LocalActor, object_uri: str) -> bool:
    """The operator has the hub announce a member's object, whatever the policy.

    False where it stands announced already.

    Raises:
        NotFoundError: it is no object of a member's.
    """
    found = await objects.get(session, object_uri)
    if found is None or found.deleted_at is not None or found.actor_id is not None:
        raise NotFoundError(f"{object_uri}: the directory has no such object of a member")
    if await members.state_of(session, found.actor_uri, hold=True) != "member":
        raise NotFoundError(f"{object_uri}: its author is no member of the directory")
    known = await passed_on.get(session, hub.id, object_uri)
    if known is not None and known.state == "shown":
        return False
    if known is None:
        return await once(session, uris, hub, object_uri, found.actor_uri)
    await passed_on.set_state(session, hub.id, object_uri, "shown", clock.now_ms())
    await announce(session, uris, hub, object_uri, found.actor_uri)
    return True


async def undo_by_hand(session: Session, uris: Uris, hub: LocalActor, object_uri: str) -> None:
    """The operator takes an Announce of the hub back; the object isn't announced again by itself.

    Raises:
        NotFoundError: the hub hasn't announced it, and it doesn't wait either.
    """
    known = await passed_on.get(session, hub.id, object_uri)
    if known is None or known.state == "withdrawn":
        raise NotFoundError(f"{object_uri}: the hub doesn't announce it")
    await take_back(session, uris, hub, object_uri)
    await passed_on.set_state(session, hub.id, object_uri, "withdrawn", clock.now_ms())


async def take_back(session: Session, uris: Uris, speaker: LocalActor, object_uri: str) -> None:
    """Undo each Announce of an object by an actor of ours, and show them no more."""
    said = await activities.announcements(session, speaker.id, object_uri, MOST_UNDONE)
    await activities.retract(session, speaker.id, object_uri)
    for each in said:
        announced = each.intent["object"]
        await emit(
            session,
            uris,
            speaker,
            type="Undo",
            object_uri=object_uri,
            intent={
                "object": {
                    "id": each.uri,
                    "type": "Announce",
                    "actor": speaker.uri,
                    "object": announced if isinstance(announced, str) else announced.get("id"),
                },
                "to": each.intent.get("to", []),
            },
            is_public=True,
        )


async def gone(session: Session, uris: Uris, object_uri: str, author_uri: str) -> None:
    """An object was withdrawn by its author: what waits is forgotten, what was said taken back."""
    for each in await passed_on.of_object(session, object_uri):
        if each.author_uri != author_uri:
            continue
        if each.state == "waiting":
            await passed_on.forget_waiting(session, object_uri)
            continue
        if each.state == "shown":
            speaker = await actors.by_id(session, each.actor_id)
            await take_back(session, uris, speaker, object_uri)
        ended: State = "withdrawn"
        await passed_on.set_state(session, each.actor_id, object_uri, ended, clock.now_ms())


async def relay(session: Session, uris: Uris, object_uri: str, author_uri: str) -> None:
    """The instance actor announces an event of this node, once, to servers that follow it."""
    instance = await actors.by_username(session, "instance")
    if instance is not None:
        await once(session, uris, instance, object_uri, author_uri)
