"""Dates and times as people write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pecfed import clock
from pecfed.language.dates import MONTHS, day, span


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+02:00")


def test_day() -> None:
    """French says the first of a month in words of its own."""
    assert day(date(2027, 5, 12), "fr") == "12 mai 2027"
    assert day(date(2027, 5, 1), "fr") == "1er mai 2027"
    assert day(date(2027, 5, 1), "en") == "1 May 2027"
    assert day(date(2027, 5, 1), "br") == "1 May 2027"
    assert [len(months) for months in MONTHS.values()] == [12, 12]


@pytest.mark.parametrize(
    ("start", "end", "all_day", "fr", "en"),
    [
        ("2027-05-12T18:00", "2027-05-12T20:00", False, "mercredi 12 mai 2027, 18\u00a0h–20\u00a0h",
         "Wednesday 12 May 2027, 18:00–20:00"),
        ("2027-05-12T18:30", None, False, "mercredi 12 mai 2027, 18\u00a0h\u00a030",
         "Wednesday 12 May 2027, 18:30"),
        ("2027-05-12T18:00", "2027-05-12T18:00", False, "mercredi 12 mai 2027, 18\u00a0h",
         "Wednesday 12 May 2027, 18:00"),
        ("2027-05-12T00:00", "2027-05-13T00:00", True, "mercredi 12 mai 2027",
         "Wednesday 12 May 2027"),
        ("2027-05-12T00:00", None, True, "mercredi 12 mai 2027", "Wednesday 12 May 2027"),
        ("2027-01-11T00:00", "2027-01-13T00:00", True,
         "du 11 au 12 janvier 2027", "11 to 12 January 2027"),
        ("2027-01-31T00:00", "2027-04-01T00:00", True,
         "du 31 janvier au 31 mars 2027", "31 January to 31 March 2027"),
        ("2026-12-31T00:00", "2027-01-02T00:00", True,
         "du 31 décembre 2026 au 1er janvier 2027", "31 December 2026 to 1 January 2027"),
        ("2027-05-12T22:00", "2027-05-13T02:00", False,
         "du 12 mai 2027, 22\u00a0h au 13 mai 2027, 2\u00a0h",
         "12 May 2027, 22:00 to 13 May 2027, 02:00"),
        ("2027-05-12T22:00", "2027-05-13T00:00", False,
         "du 12 mai 2027, 22\u00a0h au 13 mai 2027, 0\u00a0h",
         "12 May 2027, 22:00 to 13 May 2027, 00:00"),
    ],
)  # fmt: skip
def test_span(start: str, end: str | None, all_day: bool, fr: str, en: str) -> None:
    """From when to when, without saying a day twice; an all-day end is the day after."""
    last = at(end) if end else None
    assert span(at(start), last, all_day=all_day, language="fr") == fr
    assert span(at(start), last, all_day=all_day, language="en") == en


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00", 0),
        ("1970-01-01T00:00:00.500Z", 0.5),
    ],
)
def test_a_wire_time(text: str, seconds: float) -> None:
    """Without an offset, UTC is meant."""
    assert clock.from_iso(text).timestamp() == seconds


NEVER = [
    "",
    "soon",
    "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "12026-01-01T00:00:00Z",
    "2026-13-01",
]


@pytest.mark.parametrize("text", NEVER)
def test_no_wire_time(text: str) -> None:
    """What is no time, or one that no time zone can hold, is refused."""
    with pytest.raises(ValueError):
        clock.from_iso(text)


def test_stamps_say_what_they_are() -> None:
    """Milliseconds and Z on the wire, GMT in a header."""
    moment = clock.from_ms(1_795_424_400_123)
    assert clock.stamp(moment) == "2026-11-23T09:00:00.123Z"
    assert clock.http_date(moment) == "Mon, 23 Nov 2026 09:00:00 GMT"
    assert clock.to_ms(moment) == 1_795_424_400_123
