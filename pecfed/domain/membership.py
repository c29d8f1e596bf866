"""Membership: from asking to leaving, and who may say so.

    invited ──▶ asked ──▶ member ──▶ suspended
       │          │  ◀──┐    │  ◀────────┘
       ▼          ▼     │    ▼
     (taken off) refused left ◀── suspended

An entry whose time is over is `archived`: its page stays, with its history. One that turned
out to be the same as another is merged into it, and has left.

The table is checked when it is loaded, so that a wrong one cannot start.
"""

from __future__ import annotations

from typing import Literal

from pecfed.language.criteria import reasons

State = Literal["invited", "asked", "member", "suspended", "archived", "left", "refused"]
Deed = Literal[
    "invite", "consent", "decline",
    "ask", "accept", "refuse", "suspend", "restore", "archive", "merge", "leave", "remove",
]  # fmt: skip

STATES: tuple[State, ...] = (
    "invited", "asked", "member", "suspended", "archived", "left", "refused",
)  # fmt: skip
DEEDS: tuple[Deed, ...] = (
    "invite", "consent", "decline",
    "ask", "accept", "refuse", "suspend", "restore", "archive", "merge", "leave", "remove",
)  # fmt: skip
THEIRS: frozenset[Deed] = frozenset({"consent", "decline", "ask", "leave"})
"""What only the platform itself can do."""

TRANSITIONS: dict[tuple[State, Deed], State] = {
    ("invited", "consent"): "member",
    ("invited", "decline"): "refused",
    ("invited", "ask"): "asked",
    ("invited", "archive"): "archived",
    ("invited", "merge"): "left",
    ("invited", "remove"): "left",
    ("asked", "ask"): "asked",
    ("asked", "accept"): "member",
    ("asked", "refuse"): "refused",
    ("asked", "merge"): "left",
    ("asked", "leave"): "left",
    ("member", "ask"): "member",
    ("member", "suspend"): "suspended",
    ("member", "archive"): "archived",
    ("member", "merge"): "left",
    ("member", "leave"): "left",
    ("member", "remove"): "left",
    ("suspended", "restore"): "member",
    ("suspended", "ask"): "suspended",
    ("suspended", "archive"): "archived",
    ("suspended", "merge"): "left",
    ("suspended", "leave"): "left",
    ("suspended", "remove"): "left",
    ("archived", "invite"): "invited",
    ("archived", "ask"): "asked",
    ("archived", "restore"): "member",
    ("archived", "merge"): "left",
    ("archived", "leave"): "left",
    ("archived", "remove"): "left",
    ("left", "invite"): "invited",
    ("left", "ask"): "asked",
    ("refused", "invite"): "invited",
    ("refused", "ask"): "asked",
    ("refused", "accept"): "member",
}

REASONS = reasons()
"""Every reason code with its words by language; published in `vocab/v1/criteria.toml`."""


def after(state: State, deed: Deed) -> State | None:
    """The state after a deed, or None where that deed is not possible."""
    return TRANSITIONS.get((state, deed))


def possible(state: State) -> list[Deed]:
    """What can be done with a membership in that state."""
    return [deed for deed in DEEDS if (state, deed) in TRANSITIONS]


def is_public(before: str, after: str) -> bool:
    """Whether the public may read of a change: of who is a member, becomes one, or was one.

    Who asks, and who was invited without having asked for anything, stays out of what is
    public for good.
    """
    return not {before, after}.isdisjoint({"member", "suspended"})


def _check() -> None:
    """Refuse a table that names unknown words or leaves a state out of reach.

    Raises:
        ValueError: saying which entry is wrong.
    """
    for (state, deed), to in TRANSITIONS.items():
        if state not in STATES or deed not in DEEDS or to not in STATES:
            raise ValueError(f"membership: unknown word in {state} --{deed}--> {to}")
    for state in STATES[1:]:
        if state not in TRANSITIONS.values():
            raise ValueError(f"membership: nothing leads to {state!r}")
    for deed in DEEDS:
        if all(deed != known for _, known in TRANSITIONS):
            raise ValueError(f"membership: {deed!r} is never possible")


_check()
