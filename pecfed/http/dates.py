"""Dates and times as people write them, in French and English, in the event's own time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pecfed.domain.event import Event
from pecfed.http.language import table, word


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    """The zone of that name, or None where a remote server made it up."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def local(moment: datetime, timezone: str) -> datetime:
    """A moment on the clocks of its own place; its own offset where the zone isn't known."""
    zone = _zone(timezone) if timezone else None
    try:
        return moment.astimezone(zone) if zone else moment
    except OverflowError:
        return moment


def day(value: date, language: str, *, weekday: bool = False, parts: int = 3) -> str:
    """`12 mai 2027`; `parts` 2 leaves the year out, 1 the month too."""
    calendar = table(language)["calendar"]
    number = calendar["first"] if value.day == 1 else str(value.day)
    text = " ".join([number, calendar["months"][value.month - 1], str(value.year)][:parts])
    return f"{calendar['weekdays'][value.weekday()]} {text}" if weekday else text


def rough_day(value: str, language: str) -> str:
    """A date as exact as it is known: `2018`, `2018-02` or `2018-02-14`; odd ones as they are."""
    year, _, rest = value.partition("-")
    try:
        if not rest:
            return value
        if "-" not in rest:
            month = date(int(year), int(rest), 1).month
            return f"{table(language)['calendar']['months'][month - 1]} {year}"
        return day(date.fromisoformat(value), language)
    except ValueError:
        return value


def time_of_day(moment: datetime, language: str) -> str:
    """`18 h 30`, `18:30`."""
    if language == "fr":
        minutes = f"\u00a0{moment.minute:02}" if moment.minute else ""
        return f"{moment.hour}\u00a0h{minutes}"
    return f"{moment.hour}:{moment.minute:02}"


def moment(value: datetime, timezone: str, language: str) -> str:
    """A day, a time and a zone: `mardi 12 mai 2027 à 18 h (Europe/Paris)`."""
    there = local(value, timezone)
    said = word(
        language, "dates.at", day=day(there, language, weekday=True),
        time=time_of_day(there, language),
    )  # fmt: skip
    return f"{said} ({_zone_name(there, timezone)})"


def _zone_name(there: datetime, timezone: str) -> str:
    if _zone(timezone) is not None:
        return timezone
    offset = there.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}" if there.utcoffset() else "UTC"


def days_of(event: Event) -> tuple[date, date]:
    """The first and the last day of an event, where it is."""
    first = local(event.start, event.timezone)
    last = local(event.end or event.start, event.timezone)
    if event.all_day and last > first:
        last -= timedelta(days=1)  # it ends at the midnight after its last day
    return first.date(), max(first.date(), last.date())


def span(event: Event, language: str) -> str:
    """When an event is, in one phrase."""
    first, last = days_of(event)
    if event.all_day:
        if first == last:
            return day(first, language, weekday=True)
        parts = 3 if first.year != last.year else 2 if first.month != last.month else 1
        return word(
            language, "dates.days",
            first=day(first, language, parts=parts), last=day(last, language),
        )  # fmt: skip
    if event.end is None or event.end <= event.start:
        return moment(event.start, event.timezone, language)
    start, end = local(event.start, event.timezone), local(event.end, event.timezone)
    said = word(
        language, "dates.hours" if first == last else "dates.days_and_hours",
        day=day(first, language, weekday=True), last=day(last, language, weekday=True),
        start=time_of_day(start, language), end=time_of_day(end, language),
    )  # fmt: skip
    return f"{said} ({_zone_name(start, event.timezone)})"


def machine(event: Event) -> str:
    """The start for a `time` element: a date for whole days, else with its offset."""
    there = local(event.start, event.timezone)
    return there.date().isoformat() if event.all_day else there.isoformat(timespec="minutes")
