"""The listings that scripts read: the public API and the directory, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.test_members import FIELDS, INVITED, fill
from tests.together.files import event, resource
from tests.together.nodes import AS2, Node, get, read_json
from tests.together.world import World

EVENT = {"uri", "member", "name", "startTime", "endTime", "timezone", "location", "status", "url"}
RESOURCE = {"uri", "member", "name", "kind", "license", "openness", "url"}


@pytest.fixture(scope="module")
def full(shared_world: World) -> Node:
    """A hub that serves, with members and invited, and events and resources of its own."""
    hub = shared_world.made("communs")[0]
    fill(hub, *(f"m{number:02}" for number in range(11)), state="member")
    fill(hub, "asks")
    fill(hub, "gone", state="left")
    assert hub.run("members", "invite", hub.write(INVITED)).code == 0
    unknown = resource("inconnue").replace('license = "CC-BY-SA-4.0"\n', "")
    hub.apply(
        "".join(event(f"e{n:02}", f"Événement {n}", f"2099-05-{n + 1:02}") for n in range(7))
        + "".join(resource(f"r{number:02}") for number in range(6))
        + unknown
    )
    hub.serve()
    return hub


def walk(first: str, step: int) -> tuple[list[dict[str, Any]], int]:
    """Every item of a listing, read `step` at a time, and how many pages that took."""
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = read_json(f"{first}?limit={step}" + (f"&cursor={cursor}" if cursor else ""))
        assert set(page) == {"items", "total", "next"}
        assert len(page["items"]) == step or page["next"] is None
        found += page["items"]
        cursor, pages = page["next"], pages + 1
        assert page["total"] >= len(found)
    assert page["total"] == len(found)
    return found, pages


def steady(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what the hub may learn between two requests: it probes its members."""
    return {name: value for name, value in item.items() if name != "liveness"}


def test_members(full: Node) -> None:
    """Members and invited, nobody else, with the agreed fields, each once at every page size."""
    api = f"{full.url}/api/v1/members"
    items, pages = walk(api, 5)
    assert pages == 3
    assert all(set(item) >= FIELDS for item in items)
    items = [steady(item) for item in items]
    assert {item["membership"] for item in items} == {"member", "invited"}
    assert len({item["id"] for item in items}) == len(items) == 12
    for size in (1, 200):
        assert [steady(item) for item in walk(api, size)[0]] == items
    one = read_json(f"{api}/m03@m03.example")
    assert set(one) >= FIELDS
    assert one["name"] == "M03"
    assert get(f"{api}/asks@asks.example")[0] == 404


def test_events(full: Node) -> None:
    """Events with the agreed fields, by their start, each once whatever the page size."""
    api = f"{full.url}/api/v1/events"
    items, pages = walk(api, 3)
    assert pages == 3
    assert [item["uid"] for item in items] == [f"e{number:02}" for number in range(7)]
    assert (walk(api, 1)[0], walk(api, 200)[0]) == (items, items)
    first = items[0]
    assert set(first) >= EVENT
    assert first["uri"].startswith(f"{full.url}/objects/")
    assert first["member"] == full.handle
    assert first["name"] == "Événement 0"
    assert (first["startTime"], first["endTime"], first["timezone"]) == (
        "2099-05-01T18:00:00+02:00", "2099-05-01T20:00:00+02:00", "Europe/Paris",
    )  # fmt: skip
    assert first["location"]["name"] == "La Maison"
    assert first["status"] == "scheduled"
    assert first["url"] == first["uri"]


def test_resources(full: Node) -> None:
    """Resources with the agreed fields, a licence that isn't known is null."""
    api = f"{full.url}/api/v1/resources"
    items, pages = walk(api, 2)
    assert pages == 4
    assert len({item["uri"] for item in items}) == 7
    assert (walk(api, 1)[0], walk(api, 200)[0]) == (items, items)
    by_uid = {item["uid"]: item for item in items}
    known = by_uid["r00"]
    assert set(known) >= RESOURCE
    assert {key: known[key] for key in RESOURCE - {"uri"}} == {
        "member": full.handle, "name": "Nos statuts", "kind": "statutes",
        "license": "CC-BY-SA-4.0", "openness": "public",
        "url": "https://velo.example/statuts.pdf",
    }  # fmt: skip
    assert by_uid["inconnue"]["license"] is None


@pytest.mark.parametrize("what", ["members", "events", "resources"])
def test_bounds(full: Node, what: str) -> None:
    """`limit` up to 200, a cursor of ours: anything else answers 400 with a short JSON reason."""
    api = f"{full.url}/api/v1/{what}"
    assert read_json(f"{api}?limit=200")["next"] is None
    other = "events" if what == "members" else "members"
    foreign = read_json(f"{full.url}/api/v1/{other}?limit=1")["next"]
    for wrong in (
        "limit=0", "limit=201", "limit=x", "limit=-1", "cursor=x", "cursor=W10", "cursor=%00",
        f"cursor={foreign}", "limit=1&limit=2", "nothing=1",
    ):  # fmt: skip
        status, text = get(f"{api}?{wrong}")
        assert status == 400, wrong
        assert len(text) < 300
        assert text.startswith('{"')


def test_the_directory(full: Node) -> None:
    """To an ActivityPub client `/directory` is an OrderedCollection of the members' actor uris."""
    uris = [f"https://m{n:02}.example/actors/m{n:02}" for n in range(11)]
    found = read_json(f"{full.url}/directory", AS2)
    assert found["type"] == "OrderedCollection"
    assert found["id"] == f"{full.url}/directory"
    assert found["totalItems"] == 11
    assert found["orderedItems"] == uris
    assert found["attributedTo"] == full.actor
    page = read_json(found["first"], AS2)
    assert page["type"] == "OrderedCollectionPage"
    assert page["orderedItems"] == uris
    ld = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    assert read_json(f"{full.url}/directory", ld) == found
    status, text = get(f"{full.url}/directory", "text/html")
    assert status == 200
    assert text.lstrip().startswith("<!doctype html>")


def test_pages_and_api_agree(full: Node) -> None:
    """The pages for people name what the API lists, in French and in English."""

    def read(path: str) -> str:
        return get(f"{full.url}{path}", "text/html")[1]

    for language in ("fr", "en"):
        members, events = read(f"/{language}/members"), read(f"/{language}/events")
        assert all(name in members for name in ("M00", "M10", "L&#39;Abeille"))
        assert "Asks" not in members
        assert all(f"Événement {number}" in events for number in range(7))
