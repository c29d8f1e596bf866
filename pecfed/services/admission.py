"""Who may make this node keep something: the rule of the design, section 3, in one place."""

from __future__ import annotations

from typing import Literal

from pecfed.domain.membership import State
from pecfed.store import follows, members, memberships
from pecfed.store.database import Session

OF_STRANGERS = frozenset({"Follow", "Undo", "Join", "Leave"})
"""What anybody may send; each only has an effect on what is its sender's own."""

Verdict = Literal["known", "stranger", "not heard"]
_REVIEWED: frozenset[State] = frozenset({"asked", "suspended"})


async def may_keep(session: Session, activity_type: str, actor_uri: str) -> Verdict:
    """Whether an activity of that type, by that actor, is kept at all, and whose it is.

    A hub hears its members (and applicants), a node the hubs it joined and the actors
    it follows; both hear followers about themselves, and of strangers a Follow, its
    Undo, and what concerns their own membership. Applicants are heard, within the
    bounds of strangers: anybody can apply.
    """
    state = await members.state_of(session, actor_uri)
    if (
        state == "member"
        or await follows.is_followed(session, actor_uri)
        or await memberships.is_hub(session, actor_uri)
    ):
        return "known"
    if state in _REVIEWED or activity_type in OF_STRANGERS:
        return "stranger"
    if activity_type in {"Update", "Delete"} and await follows.is_follower(session, actor_uri):
        return "stranger"
    return "not heard"
