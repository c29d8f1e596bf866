"""What a member can contest: decisions against it that still stand, by what the log says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

ENDED_BY: Mapping[str, frozenset[str]] = {
    "refuse": frozenset({"accept", "consent", "leave"}),
    "suspend": frozenset({"restore", "leave"}),
    "remove": frozenset({"accept", "consent", "invite"}),
    "revoke": frozenset({"attest"}),
    "unlabel": frozenset({"label"}),
    "hide": frozenset({"unhide"}),
    "question": frozenset({"attest", "revoke"}),
}
"""Each act that can be contested, and those after which there is nothing to contest any more.

`question` is an attestation that leaves a principle in doubt.
"""
UNCERTAIN = frozenset({"abuse", "security"})
"""Reasons for which a reply of who isn't a member is looked at before it is shown."""
MAX_REPLY = 2000
"""Characters of a reply in one language."""
DAY = 86_400_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Contested:
    """A decision that stands; `at` is milliseconds since 1970."""

    act: str
    reason: str
    at: int


def decision(act: str, facts: Mapping[str, Any]) -> str:
    """Which decision a line of the log is, as `ENDED_BY` names those that can be contested."""
    if act != "attest":
        return act
    principles = facts.get("principles")
    doubted = isinstance(principles, Mapping) and "questioned" in principles.values()
    return "question" if doubted else ""


def standing_decision(lines: Iterable[tuple[str, str, int, Mapping[str, Any]]]) -> Contested | None:
    """The newest decision against a member that still stands.

    `lines` are (act, reason, at, facts) of everything about it, the oldest first.
    """
    standing: dict[str, Contested] = {}
    for act, reason, at, facts in lines:
        for contested in [each for each in standing if act in ENDED_BY[each]]:
            del standing[contested]
        kind = decision(act, facts)
        if kind in ENDED_BY:
            standing.pop(kind, None)
            standing[kind] = Contested(kind, reason, at)
    return next(reversed(standing.values()), None)


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long who asked to enter has waited: days are whole, rounded up; times in milliseconds.

    `days` is the median of those that were answered, None where none was; `waiting` is how
    many wait now, `longest` since how many days the first of them.
    """

    answered: int
    days: int | None
    waiting: int
    longest: int


def answer_time(lines: Iterable[tuple[str, int, int]], since: int, now: int) -> AnswerTime:
    """How fast asks were answered.

    `lines` are (act, entry, at) of every `ask`, `accept`, `refuse` and `leave`, the oldest
    first; answers before `since` don't count. Asking again doesn't set the clock back.
    """
    asked: dict[int, int] = {}
    took: list[int] = []
    for act, entry, at in lines:
        if act == "ask":
            asked.setdefault(entry, at)
        elif entry in asked:
            began = asked.pop(entry)
            if act in {"accept", "refuse"} and at >= since:
                took.append(at - began)
    longest = max((now - at for at in asked.values()), default=0)
    return AnswerTime(
        len(took), _days(int(median(took))) if took else None, len(asked), _days(longest)
    )


def _days(milliseconds: int) -> int:
    """Whole days, one that has begun counts."""
    return -(-milliseconds // DAY)
