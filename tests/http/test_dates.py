"""Dates and times as people write them, where the event is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pecfed.domain.event import Event
from pecfed.http import dates

H = "\u00a0h"


def at(text: str) -> datetime:
    """A moment with its offset."""
    return datetime.fromisoformat(text)


def event(
    start: str, end: str | None = None, zone: str = "Europe/Paris", *, days: bool = False
) -> Event:
    """An event at that time."""
    return Event("x", {}, at(start), at(end) if end else None, days, zone)


@pytest.mark.parametrize(
    ("when", "french", "english"),
    [
        (
            event("2027-05-12T18:00:00+02:00", "2027-05-12T20:30:00+02:00"),
            f"mercredi 12 mai 2027, de 18{H} à 20{H}\u00a030 (Europe/Paris)",
            "Wednesday 12 May 2027, 18:00 to 20:30 (Europe/Paris)",
        ),
        (  # given in UTC, told in its own zone, in winter time
            event("2027-02-01T09:05:00+00:00"),
            f"lundi 1er février 2027 à 10{H}\u00a005 (Europe/Paris)",
            "Monday 1 February 2027 at 10:05 (Europe/Paris)",
        ),
        (
            event("2027-05-12T22:00:00+02:00", "2027-05-13T02:00:00+02:00"),
            f"du mercredi 12 mai 2027, 22{H}, au jeudi 13 mai 2027, 2{H} (Europe/Paris)",
            "Wednesday 12 May 2027, 22:00, to Thursday 13 May 2027, 2:00 (Europe/Paris)",
        ),
        (
            event("2027-05-12T18:00:00-03:30", zone=""),
            f"mercredi 12 mai 2027 à 18{H} (UTC-03:30)",
            "Wednesday 12 May 2027 at 18:00 (UTC-03:30)",
        ),
        (
            event("2027-05-12T18:00:00+00:00", zone="Mars/Olympus"),
            f"mercredi 12 mai 2027 à 18{H} (UTC)",
            "Wednesday 12 May 2027 at 18:00 (UTC)",
        ),
        (
            event("2017-12-05T00:00:00+01:00", "2017-12-06T00:00:00+01:00", days=True),
            "mardi 5 décembre 2017",
            "Tuesday 5 December 2017",
        ),
        (  # midnight in Paris, sent in UTC
            event("2017-12-04T23:00:00+00:00", "2017-12-05T23:00:00+00:00", days=True),
            "mardi 5 décembre 2017",
            "Tuesday 5 December 2017",
        ),
        (
            event("2018-03-01T00:00:00+01:00", days=True),
            "jeudi 1er mars 2018",
            "Thursday 1 March 2018",
        ),
        (
            event("2027-01-11T00:00:00+01:00", "2027-01-13T00:00:00+01:00", days=True),
            "du 11 au 12 janvier 2027",
            "11 to 12 January 2027",
        ),
        (  # over the change to summer time
            event("2027-01-11T00:00:00+01:00", "2027-04-01T00:00:00+02:00", days=True),
            "du 11 janvier au 31 mars 2027",
            "11 January to 31 March 2027",
        ),
        (
            event("2026-12-31T00:00:00+01:00", "2027-01-02T00:00:00+01:00", days=True),
            "du 31 décembre 2026 au 1er janvier 2027",
            "31 December 2026 to 1 January 2027",
        ),
        (  # an end before the start is passed over
            event("2027-05-12T18:00:00+02:00", "2026-01-01T00:00:00+01:00"),
            f"mercredi 12 mai 2027 à 18{H} (Europe/Paris)",
            "Wednesday 12 May 2027 at 18:00 (Europe/Paris)",
        ),
    ],
)  # fmt: skip
def test_when_an_event_is(when: Event, french: str, english: str) -> None:
    """One phrase in each language."""
    assert dates.span(when, "fr") == french
    assert dates.span(when, "en") == english


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        ("2018", "2018", "2018"),
        ("2018-02", "février 2018", "February 2018"),
        ("2018-08-01", "1er août 2018", "1 August 2018"),
        ("2018-13", "2018-13", "2018-13"),
        ("2018-02-30", "2018-02-30", "2018-02-30"),
        ("vers 1900", "vers 1900", "vers 1900"),
        ("-", "-", "-"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(value: str, french: str, english: str) -> None:
    """A year stays a year; what is no date is shown as it was written."""
    assert dates.rough_day(value, "fr") == french
    assert dates.rough_day(value, "en") == english


def test_the_machine_form_has_the_offset() -> None:
    """For `time` elements: a date for whole days, else with the offset of the place."""
    assert dates.machine(event("2027-05-12T16:00:00+00:00")) == "2027-05-12T18:00+02:00"
    assert dates.machine(event("2017-12-04T23:00:00+00:00", days=True)) == "2017-12-05"
    edge = event("9999-12-31T23:59:00+00:00", zone="Pacific/Kiritimati")
    assert dates.local(edge.start, edge.timezone) == datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
