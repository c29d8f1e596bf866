"""The one place that reads the wall clock (a leaf room).

Times inside the program are aware datetimes in UTC; in the database they are
whole milliseconds since 1970 (`BIGINT`), so that both engines sort them alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class _Offset:
    """How far the program's clock runs ahead of the machine's; zero outside tests."""

    ahead = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _Offset.ahead


def now_ms() -> int:
    """The present moment in whole milliseconds since 1970-01-01 UTC."""
    return to_ms(now())


def to_ms(moment: datetime) -> int:
    """An aware datetime as whole milliseconds since 1970-01-01 UTC."""
    return round(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """Milliseconds since 1970-01-01 UTC as an aware datetime in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def stamp(moment: datetime) -> str:
    """An aware datetime as the wire writes it: `2026-11-23T09:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(moment: datetime) -> str:
    """An aware datetime in whole seconds: some verifiers write a time anew, without zeros."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(moment: datetime) -> str:
    """An aware datetime as an HTTP `Date` header (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


@contextmanager
def running_ahead(by: timedelta) -> Iterator[None]:
    """Let the whole program believe that `by` more time has passed (simulations only)."""
    before = _Offset.ahead
    _Offset.ahead = before + by
    try:
        yield
    finally:
        _Offset.ahead = before


def from_iso(text: str) -> datetime:
    """A wire time as an aware datetime in its own offset; without one, UTC is meant.

    Raises:
        ValueError: it is no date and time, or lies outside the years 2 to 9998.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not 2 <= moment.year <= 9998:
        raise ValueError(f"{text!r} is outside the years 2 to 9998")
    return moment


def midnight(day: str) -> int:
    """The beginning of a day (ISO, UTC) in milliseconds since 1970.

    Raises:
        ValueError: it is no day.
    """
    return to_ms(from_iso(f"{day}T00:00:00+00:00"))
