"""What others answer to our Follows and Joins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.services import join
from pecfed.store import actors, follows, members, memberships
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

DECISIONS = frozenset({"refused", "suspended", "archived", "left"})


async def _asked(
    session: Session, answerer: str, asked_uri: str, inner: Mapping[str, Any]
) -> tuple[str, LocalActor] | None:
    """Which of our requests is answered: its type, and the actor that made it.

    `asked_uri` is the id of the Follow or Join as the answerer names it, `inner` that
    activity where it is embedded.
    """
    for actor in await actors.everyone(session):
        membership = await memberships.get(session, actor.id, answerer)
        following = await follows.get_following(session, actor.id, answerer)
        if membership and membership["join_uri"] == asked_uri:
            return "Join", actor
        if following and following["follow_uri"] == asked_uri:
            return "Follow", actor
        # some servers answer with an id of their own; then who asked whom decides
        if inner.get("actor") == actor.uri and inner.get("object") == answerer:
            if inner.get("type") == "Follow" and following:
                return "Follow", actor
            if inner.get("type") == "Join" and membership and not asked_uri:
                return "Join", actor
    return None


async def accepted(
    session: Session, answerer: str, asked_uri: str, inner: Mapping[str, Any]
) -> str:
    """An Accept from `answerer`; what came of it, in a word."""
    found = await _asked(session, answerer, asked_uri, inner)
    if found is None:
        return "nothing we asked"
    kind, actor = found
    if kind == "Follow":
        await follows.accepted(session, actor.id, answerer)
        entry = await members.by_uri(session, answerer)
        if entry is not None and entry.state == "member":
            # what it published after we read it and before it knew us as a follower
            await members.read_at(session, entry.id, clock.now_ms())
        return "following"
    done = await join.decided(session, actor, answerer, "member", join_uri=asked_uri)
    return "member" if done else "nothing we asked"


async def rejected(
    session: Session,
    answerer: str,
    asked_uri: str,
    inner: Mapping[str, Any],
    *,
    state: str,
    reason: str,
    message: str,
) -> str:
    """A Reject from `answerer`; `state` is what a pecfed hub says the membership is now."""
    found = await _asked(session, answerer, asked_uri, inner)
    if found is None:
        return "nothing we asked"
    kind, actor = found
    if kind == "Follow":
        await follows.stop_following(session, actor.id, answerer)
        return "not following"
    now = state if state in DECISIONS else "refused"
    done = await join.decided(
        session, actor, answerer, now, join_uri=asked_uri, reason=reason, message=message
    )
    return now if done else "nothing we asked"


async def added(session: Session, hub_uri: str, member_uri: str) -> str:
    """A hub put an actor into its directory: its Accept may have been lost or be late."""
    actor = await actors.by_uri(session, member_uri)
    known = await memberships.get(session, actor.id, hub_uri) if actor else None
    if actor is None or known is None or known["state"] != "asked":
        return "nothing to change"
    await join.decided(session, actor, hub_uri, "member", join_uri="")
    return "member"


async def gone(session: Session, uri: str) -> None:
    """Somebody is no more: nobody follows it, and where it was a hub nobody is its member."""
    for actor in await actors.everyone(session):
        await follows.stop_following(session, actor.id, uri)
        known = await memberships.get(session, actor.id, uri)
        if known is not None and known["state"] != "left":
            await memberships.set_state(
                session, actor.id, uri, "left", clock.now_ms(), reason="closed"
            )
