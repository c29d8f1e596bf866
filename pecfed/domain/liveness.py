"""Liveness: from an entry that answers to one that is archived, without shaming anybody.

    active ──▶ unconfirmed        (asked "still true?", and nobody answered)
       │            │
       ▼            ▼
    silent ◀────────┘             (its server hasn't answered for a while)

All three are seen from the facts at each look and undone by a sign of life; the end
(`archived`) is somebody's decision and stands in the membership's table. What is alive:
a server that answered lately, as observers of the Fediverse count it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Liveness = Literal["active", "unconfirmed", "silent"]
LIVENESS: tuple[Liveness, ...] = ("active", "unconfirmed", "silent")

Answer = Literal["true", "change", "archive"]
ANSWERS: tuple[Answer, ...] = ("true", "change", "archive")
"""What one can say to "still true?", in the order of the three links."""

DAY = 86_400_000  # milliseconds
PROBE_EVERY = DAY
AGAIN_AFTER = 6 * 3_600_000
"""Milliseconds until a node that didn't answer is tried again."""
ANSWER_WITHIN = 60 * DAY
"""Milliseconds for "still true?": as long as its links work; then the entry is unconfirmed.

Who answers "we are changing it" gets as many again.
"""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of an entry's life; times are milliseconds since 1970, None: never.

    `failing_since` is the first probe in vain since the last answer, `asked_at` the "still
    true?" that nobody has answered yet, `affirmed_at` when its facts were last said by itself.
    """

    affirmed_at: int
    seen_at: int | None = None
    failing_since: int | None = None
    asked_at: int | None = None


def liveness(signs: Signs, now: int, silent_days: int) -> Liveness:
    """How alive an entry is at `now`; silence weighs more than a question without answer."""
    if is_silent(signs, now, silent_days):
        return "silent"
    if signs.asked_at is not None and now - signs.asked_at >= ANSWER_WITHIN:
        return "unconfirmed"
    return "active"


def is_silent(signs: Signs, now: int, silent_days: int) -> bool:
    """Whether nobody has answered our probes for so many days, and the first failed as long ago.

    The second keeps a hub that was switched off itself from calling everybody silent.
    """
    return signs.failing_since is not None and now - signs.failing_since >= silent_days * DAY


def probe_at(now: int, *, answered: bool) -> int:
    """When to probe next after a probe at `now`."""
    return now + (PROBE_EVERY if answered else AGAIN_AFTER)
