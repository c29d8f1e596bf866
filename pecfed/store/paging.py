"""Listings page by page: what is asked for, where a page begins, which conditions hold."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from pecfed.domain import text
from pecfed.errors import UsageError

T = TypeVar("T")
MAX_LIMIT = 200
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `next` is the cursor of the page after it, or None."""

    items: Sequence[T]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor asks for; empty texts and None ask for everything.

    `member` is a slug or an actor's uri; `since` and `until` are milliseconds and
    choose events that are under way between them; `over` those that ended before it,
    the latest first; `today` decides about standing.
    """

    today: date
    limit: int = DEFAULT_LIMIT
    cursor: str = ""
    q: str = ""
    member: str = ""
    membership: str = ""
    standing: str = ""
    sector: str = ""
    legal_form: str = ""
    country: str = ""
    kind: str = ""
    license: str = ""
    openness: str = ""
    status: str = ""
    working_group: str = ""
    since: int | None = None
    until: int | None = None
    over: int | None = None


def cursor(*keys: Any) -> str:
    """The place after a row in a listing, opaque to whoever holds it."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def place(value: str, types: tuple[type, ...]) -> tuple[Any, ...] | None:
    """What `cursor` was made of.

    Raises:
        UsageError: it isn't one that we gave out.
    """
    if not value:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        ok = isinstance(keys, list) and [type(key) for key in keys] == list(types)
        ok = ok and all(abs(key) < 2**62 for key in keys if isinstance(key, int))
        ok = ok and all(key.isprintable() for key in keys if isinstance(key, str))
    except (binascii.Error, ValueError, RecursionError):
        ok = False
    if not ok:
        raise UsageError("cursor: not one of ours; start again without it", code="bad_cursor")
    return tuple(keys)


class Where:
    """Conditions and their values, collected side by side."""

    def __init__(self) -> None:
        self.parts: list[str] = ["1 = 1"]
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Ask for one thing more."""
        self.parts.append(condition)
        self.values += values

    def words(self, column: str, q: str) -> None:
        """Ask that every word of `q` stands in a folded column."""
        for word in text.fold([q[:200]]).split()[:10]:
            self.add(f"{column} LIKE ?", f"%{word}%")

    def __str__(self) -> str:
        return " AND ".join(self.parts)
