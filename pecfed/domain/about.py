"""What a vouching is about: one exact version of one member's statement, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from pecfed.domain.statement import Statement, digest
from pecfed.errors import RefusedError, UsageError


@dataclass(frozen=True, slots=True)
class About:
    """A statement as somebody read it: whose (`member`, an actor's id), which, when declared.

    `name` and `handle` are how people called the member then; `statement` is the Note's id,
    `digest` the SHA-256 of its `charterStatement` (domain/statement.py), `declared` an ISO date.
    """

    member: str
    name: str
    handle: str
    statement: str
    digest: str
    charter: str
    declared: str

    @classmethod
    def of(cls, statement: Statement, uri: str, *, name: str, handle: str) -> About:
        """That version of a statement; `uri` is the id of the Note it came in."""
        return cls(
            member=statement.member,
            name=name,
            handle=handle,
            statement=uri,
            digest=digest(statement.to_value()),
            charter=statement.charter,
            declared=statement.declared,
        )

    def to_data(self) -> dict[str, str]:
        """The facts as JSON values, for the database."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> About:
        """The inverse of `to_data`."""
        return cls(**data)


def last_day(today: date, days: int, *bounds: str, wanted: str = "") -> str:
    """The last day of a vouching, as an ISO date.

    That is `wanted` (an ISO date), else `days` after today; never after one of `bounds`,
    the last days of what it rests on: nobody vouches for longer than was declared.

    Raises:
        UsageError: `wanted` is no date, or is over.
        RefusedError: what it rests on is over.
    """
    try:
        last = date.fromisoformat(wanted) if wanted else today + timedelta(days=days)
    except ValueError:
        raise UsageError(f"{wanted!r}: write the last day as 2027-11-23") from None
    if last < today:
        raise UsageError(f"{wanted} is over; it is {today.isoformat()}")
    last = min(last, *(date.fromisoformat(each) for each in bounds)) if bounds else last
    if last < today:
        raise RefusedError(
            f"what was declared held until {last.isoformat()}: there must be a new statement first",
            status=409,
            code="lapsed",
        )
    return last.isoformat()
