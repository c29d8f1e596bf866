"""Our events pass every reader's model (O2); the models refuse what those readers can't take."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pecfed.domain.event import Event
from pecfed.domain.place import Place
from pecfed.federation.objects import KINDS
from tests.interop.readers import READERS, fep_8a8e, gancio, mobilizon
from tests.interop.story import Document, Story, type_within
from tests.interop.test_round_trip import ACTOR, FILES, wanted, wire


def written(content: Any, language: str = "fr") -> Document:
    """An event of ours as others read it."""
    return wire(KINDS["event"].to_wire(content, f"{ACTOR}/1", ACTOR, 1000, 2000, language))


def events(path: Path) -> list[Document]:
    """The events of a file of the cast."""
    return [written(each) for each in wanted(path, "fr").contents if isinstance(each, Event)]


EVERY = [event for path in FILES for event in events(path)]


@pytest.mark.case("O2")
@pytest.mark.parametrize("reader", READERS)
def test_o2_each_reader_takes_our_events(reader: str, story: Story) -> None:
    """Those of the whole cast, and those that really were served and delivered."""
    said = [letter["object"] for letter in story.delivered() if type_within(letter) == "Event"]
    said += [each.document for each in story.served if each.document["type"] == "Event"]
    assert len(EVERY) > 20 and len(said) > 10
    for event in (*EVERY, *said):
        assert READERS[reader](event) == [], event["name"]


def test_the_cast_has_each_kind_of_event() -> None:
    """Passing means something: online, on the spot, calls."""
    kinds = {(event.get("location") or {}).get("type", "nowhere") for event in EVERY}
    assert kinds == {"Place", "VirtualLocation", "nowhere"}
    assert {event["eventKind"] for event in EVERY} == {"event", "call"}
    assert {event["category"] for event in EVERY} == {"MEETING", "COMMUNITY"}
    assert {event["joinMode"] for event in EVERY} == {"none", "external"}


def open_ended() -> Event:
    """One without an end, in a place with whole degrees, and online."""
    start = EVERY[0]["startTime"]
    return Event(
        "e", {"fr": "E"}, datetime.fromisoformat(start), timezone="Europe/Paris",
        place=Place("Carrefour", latitude=48, longitude=-2), online_url="https://a.example/v",
    )  # fmt: skip


def test_an_open_end_is_not_shown() -> None:
    """FEP-8a8e wants an end: ours is marked as not to be shown, and is none when it comes back."""
    event = written(open_ended())
    for name, reader in READERS.items():
        assert reader(event) == [], name
    assert event["displayEndTime"] is False
    back = KINDS["event"].from_wire(event, ACTOR)
    assert back == open_ended()


SPOILED: list[tuple[Any, dict[str, Any]]] = [
    (mobilizon, {"attachment": {"type": "Link"}}),
    (mobilizon, {"location": [{"type": "Place", "name": "A"}]}),
    (mobilizon, {"location": {"type": "Place", "latitude": 45, "longitude": 1}}),
    (mobilizon, {"joinMode": None}),
    (mobilizon, {"category": "meeting"}),
    (mobilizon, {"joinMode": "external", "externalParticipationUrl": None}),
    (mobilizon, {"location": {"type": "VirtualLocation", "url": "https://a.example"}}),
    (gancio, {"attachment": [{"type": "Link", "href": "https://a.example"}]}),
    (gancio, {"location": "Nantes"}),
    (fep_8a8e, {"endTime": None}),
    (fep_8a8e, {"startTime": "2027-05-12T18:00:00"}),
    (fep_8a8e, {"timezone": "Paris"}),
    (fep_8a8e, {"location": ["Nantes"]}),
    (fep_8a8e, {"organizers": {"type": "Organization"}}),
    (fep_8a8e, {"eventStatus": "CANCELLED"}),
    (fep_8a8e, {"to": ["https://a.example/followers"]}),
    (READERS["the rest"], {"type": ["Event", "pec:Event"]}),
    (READERS["the rest"], {"summary": "<p>Demain</p>"}),
]


@pytest.mark.parametrize(("reader", "change"), SPOILED)
def test_a_reader_does_refuse(reader: Any, change: dict[str, Any]) -> None:
    """Each of their rules, broken alone."""
    event = next(each for each in EVERY if each["uid"] == "ag-2027")
    assert reader(event) == []
    assert len(reader(event | change)) >= 1
