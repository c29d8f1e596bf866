"""Following: somebody follows an actor of ours, or ours follows somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.services.outbox import emit
from pecfed.store import follows, withdrawn
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor

UNDO_MEMORY = 6 * 3600 * 1000  # milliseconds that an Undo waits for its Follow


async def accept(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    follower: RemoteActor,
    follow: Mapping[str, Any],
) -> bool:
    """Somebody follows our actor: keep the follower once, and answer every time.

    `follow` is the Follow as it came (it goes back whole in the Accept, since
    Mastodon matches by it). False when an Undo overtook it, and nothing was done.
    """
    now = clock.now_ms()
    follow_uri = str(follow.get("id") or "")
    if await withdrawn.holds(session, follow_uri, follower.uri, now):
        return False
    await follows.add_follower(session, actor.id, follower.uri, follow_uri, now)
    await emit(
        session,
        uris,
        actor,
        type="Accept",
        object_uri=follower.uri,
        intent={"object": dict(follow), "to": [follower.uri]},
        inboxes=[follower.inbox],
    )
    return True


async def undone(
    session: Session, follower_uri: str, *, follow_uri: str, actor: LocalActor | None
) -> None:
    """Somebody takes a Follow back: by pair where its actor is known, else by the Follow's id."""
    if actor is not None:
        await follows.remove_follower(session, follower_uri, actor_id=actor.id)
    elif follow_uri:
        await follows.remove_follower(session, follower_uri, follow_uri=follow_uri)
    if follow_uri:
        # the Follow itself may still be on its way
        await withdrawn.add(session, follow_uri, follower_uri, clock.now_ms() + UNDO_MEMORY)


async def start(
    session: Session, uris: Uris, actor: LocalActor, target_uri: str, inbox: str
) -> None:
    """Our actor asks to follow; nothing happens when it already does."""
    known = await follows.get_following(session, actor.id, target_uri)
    if known is not None:
        return
    follow_uri = await emit(
        session,
        uris,
        actor,
        type="Follow",
        object_uri=target_uri,
        intent={"object": target_uri, "to": [target_uri]},
        inboxes=[inbox],
    )
    await follows.ask_to_follow(session, actor.id, target_uri, follow_uri, clock.now_ms())


async def stop(
    session: Session, uris: Uris, actor: LocalActor, target_uri: str, inbox: str
) -> None:
    """Our actor follows no longer; nothing happens when it didn't."""
    known = await follows.get_following(session, actor.id, target_uri)
    if known is None:
        return
    await follows.stop_following(session, actor.id, target_uri)
    await emit(
        session,
        uris,
        actor,
        type="Undo",
        object_uri=target_uri,
        intent={
            "object": {
                "id": known["follow_uri"],
                "type": "Follow",
                "actor": actor.uri,
                "object": target_uri,
            },
            "to": [target_uri],
        },
        inboxes=[inbox],
    )
