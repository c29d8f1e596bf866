"""Dates and times as people write them, in French and English."""

from __future__ import annotations

from datetime import date, datetime, timedelta

MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip
_FROM_TO = {"fr": ("du", "au"), "en": ("", "to")}


def day(when: date, language: str) -> str:
    """A day: `12 mai 2027`, `12 May 2027`, `1er mai 2027`."""
    months = MONTHS.get(language, MONTHS["en"])
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {months[when.month - 1]} {when.year}"


def span(start: datetime, end: datetime | None, *, all_day: bool, language: str) -> str:
    """When something takes place, in its own time zone; an all-day `end` is the day after."""
    last = end - timedelta(seconds=1) if all_day and end else end
    if last is None or last.date() == start.date():
        if all_day:
            return day(start, language)
        hours = f"{start:%H:%M}" + (f"–{end:%H:%M}" if end and end > start else "")
        return f"{day(start, language)}, {hours}"
    since, until = _FROM_TO.get(language, _FROM_TO["en"])
    first_day = day(start, language) + ("" if all_day else f", {start:%H:%M}")
    last_day = day(last, language) + ("" if all_day else f", {last:%H:%M}")
    return f"{since} {first_day} {until} {last_day}".strip()
