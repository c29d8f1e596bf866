"""Days and times in a file that people write: some in a zone, some whole days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_ZONE = "Europe/Paris"
LAST_YEAR = "9998"  # what Python can still count in every time zone


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; without one, that of most who write such files.

    Raises:
        ZoneInfoNotFoundError: there is none.
    """
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ValueError, OSError):
        raise ZoneInfoNotFoundError(name) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def times(item: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime | None, bool]:
    """Start, end and whether whole days are meant; an all-day end is the midnight after."""
    start, end = item["start"], item.get("end")
    if len(start) == 10:
        last = date.fromisoformat(end or start) + timedelta(days=1)
        return (
            _fixed(datetime.combine(date.fromisoformat(start), time(), zone)),
            _fixed(datetime.combine(last, time(), zone)),
            True,
        )
    return _fixed(_moment(start, zone)), _fixed(_moment(end, zone)) if end else None, False


def deadline(text: str, zone: ZoneInfo) -> datetime:
    """The moment itself; a day means its last minute."""
    if len(text) == 10:
        return _fixed(datetime.combine(date.fromisoformat(text), time(23, 59), zone))
    return _fixed(_moment(text, zone))


def _fixed(moment: datetime) -> datetime:
    """The same moment with its offset alone, as the wire and the database write it."""
    return datetime.fromisoformat(moment.isoformat())
