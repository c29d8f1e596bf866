"""Standing: what the directory shows of a member's statement; derived, never claimed."""

from __future__ import annotations

from datetime import date
from typing import Literal

Standing = Literal["none", "declared", "lapsed", "withdrawn"]


def standing(valid_until: str | None, *, withdrawn: bool, today: date) -> Standing:
    """The standing of a member from its statement alone.

    `valid_until` is the statement's ISO date, or None where there is no statement;
    `withdrawn` says that there was one and the member took it back.
    """
    if valid_until is None:
        return "withdrawn" if withdrawn else "none"
    try:
        last = date.fromisoformat(valid_until)
    except ValueError:
        return "none"
    return "declared" if today <= last else "lapsed"
