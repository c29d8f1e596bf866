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
WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
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
        weekday = WEEKDAYS.get(language, WEEKDAYS["en"])[start.weekday()]
        one = f"{weekday} {day(start, language)}"
        if all_day:
            return one
        hours = hour(start, language)
        return f"{one}, {hours}–{hour(end, language)}" if end and end > start else f"{one}, {hours}"
    since, until = _FROM_TO.get(language, _FROM_TO["en"])
    if not all_day:
        first_day = f"{day(start, language)}, {hour(start, language)}"
        return f"{since} {first_day} {until} {day(last, language)}, {hour(last, language)}".strip()
    # what both days share is said once
    words = day(start, language).split(" ")
    shared = 2 if start.month == last.month else 1
    first_day = " ".join(words[: 3 - shared] if start.year == last.year else words)
    return f"{since} {first_day} {until} {day(last, language)}".strip()


def hour(when: datetime, language: str) -> str:
    """A time of day: `18 h 30`, `18:30`."""
    if language != "fr":
        return f"{when:%H:%M}"
    return f"{when.hour}\u00a0h" + (f"\u00a0{when:%M}" if when.minute else "")
