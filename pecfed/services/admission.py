"""Who may make this node keep something: the rule of the design, section 3, in one place."""

from __future__ import annotations

from pecfed.domain.membership import State
from pecfed.store import follows, members, memberships
from pecfed.store.database import Session

OF_STRANGERS = frozenset({"Follow", "Undo", "Join", "Leave"})
"""What anybody may send; each only has an effect on what is its sender's own."""

_REVIEWED: frozenset[State] = frozenset({"asked", "member", "suspended"})


async def may_keep(session: Session, activity_type: str, actor_uri: str) -> bool:
    """Whether an activity of that type, by that actor, is kept at all.

    A hub hears its members (and applicants), a node the hubs it joined and the actors
    it follows; both hear followers about themselves, and of strangers a Follow, its
    Undo, and what concerns their own membership.
    """
    if activity_type in OF_STRANGERS:
        return True
    if await members.state_of(session, actor_uri) in _REVIEWED:
        return True
    if await follows.is_followed(session, actor_uri) or await memberships.is_hub(
        session, actor_uri
    ):
        return True
    if activity_type in {"Update", "Delete"}:
        return await follows.is_follower(session, actor_uri)
    return False
