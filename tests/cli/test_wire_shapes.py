"""What `apply` publishes, as other servers read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pecfed.language.schema import problems
from tests.together.files import actor, event, resource, statement
from tests.together.nodes import AS2, Node, get, read_json
from tests.together.world import World

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
LOCATED = {"id", "type", "actor", "published", "to", "object"}


@pytest.fixture(scope="module")
def served(shared_world: World) -> Node:
    """A node that serves one statement, one event, one resource."""
    velo = shared_world.new("velo")
    assert velo.init().code == 0
    velo.apply(actor() + statement() + event("ag") + resource("statuts"))
    velo.serve()
    return velo


def published(node: Node) -> dict[str, Any]:
    """The objects of the outbox's Creates, by what they are."""
    found = {}
    for activity in node.outbox():
        if activity["type"] == "Create":
            obj = activity["object"]
            kind = next((k for k in ("charterStatement", "resource") if k in obj), obj["type"])
            found[kind] = obj
    return found


def test_the_outbox(served: Node) -> None:
    """An OrderedCollection whose `first` is an address; its pages hold whole activities."""
    uri = f"{served.actor}/outbox"
    outbox = read_json(uri, AS2)
    assert (outbox["id"], outbox["type"], outbox["totalItems"]) == (uri, "OrderedCollection", 4)
    assert isinstance(outbox["first"], str)
    assert "orderedItems" not in outbox
    page = read_json(outbox["first"], AS2)
    assert (page["type"], page["partOf"]) == ("OrderedCollectionPage", uri)
    assert [each["type"] for each in page["orderedItems"]] == ["Create"] * 3 + ["Update"]
    for each in page["orderedItems"]:
        assert set(each) >= LOCATED
        assert each["actor"] == served.actor
        assert PUBLIC in each["to"]
        assert isinstance(each["object"], dict)
        again = read_json(each["id"], AS2)
        assert {key: again[key] for key in LOCATED} == {key: each[key] for key in LOCATED}


def test_a_long_outbox(velo: Node) -> None:
    """An outbox of several pages gives every activity once, the newest first."""
    velo.apply("".join(resource(f"r{number}") for number in range(120)))
    velo.serve()
    found = velo.outbox()
    assert len({each["id"] for each in found}) == len(found) == 120
    assert read_json(f"{velo.actor}/outbox", AS2)["totalItems"] == 120
    assert [each["published"] for each in found] == sorted(
        (each["published"] for each in found), reverse=True
    )
    assert get(f"{velo.actor}/outbox?page=x", AS2)[0] == 400


def test_a_statement(served: Node) -> None:
    """A Note that anybody can read, with the value that was agreed on."""
    note = published(served)["charterStatement"]
    assert note["type"] == "Note"
    assert note["attributedTo"] == served.actor
    assert "Une personne, une voix." in note["content"]
    assert not {"name", "summary"} & set(note)
    assert note["charterStatement"] == {
        "member": served.actor,
        "charter": "2018",
        "declared": "2026-11-16",
        "validUntil": "2099-11-23",
        "commitments": [
            {
                "commitment": "governance-1",
                "level": "practised",
                "explanation": {"fr": "Une personne, une voix."},
                "evidence": ["https://velo.example/statuts.pdf"],
            }
        ],
    }
    assert problems("statement", read_json(note["id"], AS2)) == []


def test_a_resource(served: Node) -> None:
    """A Note that anybody can read, with the resource as the file says it."""
    note = published(served)["resource"]
    assert note["type"] == "Note"
    assert note["attributedTo"] == served.actor
    assert "Nos statuts" in note["content"]
    assert not {"name", "summary"} & set(note)
    assert note["resource"] == {
        "uid": "statuts",
        "name": {"fr": "Nos statuts"},
        "kind": "statutes",
        "license": "CC-BY-SA-4.0",
        "openness": "public",
        "url": "https://velo.example/statuts.pdf",
        "version": "1",
        "workingGroup": "governance-legal",
    }
    assert problems("resource", read_json(note["id"], AS2)) == []


def test_an_event(served: Node) -> None:
    """An Event as Mobilizon and Mastodon read it, with its own offset and place."""
    found = published(served)["Event"]
    assert found["attributedTo"] == served.actor
    assert found["name"] == "Assemblée"
    assert (found["startTime"], found["endTime"], found["timezone"]) == (
        "2099-05-12T18:00:00+02:00", "2099-05-12T20:00:00+02:00", "Europe/Paris",
    )  # fmt: skip
    assert found["location"]["type"] == "Place"
    assert found["location"]["address"]["addressLocality"] == "Nantes"
    assert found["summary"].startswith("Mardi 12 mai 2099, 18\u00a0h–20\u00a0h · La Maison")
    assert (found["status"], found["uid"]) == ("CONFIRMED", "ag")
    assert problems("event", read_json(found["id"], AS2)) == []


def test_the_actor(served: Node) -> None:
    """An Organization with its profile; WebFinger leads to it, and from it to its page."""
    found = read_json(served.actor, AS2)
    assert (found["type"], found["preferredUsername"]) == ("Organization", "velo")
    assert found["profile"] == {"legalForm": "scic", "sectors": ["mobility"]}
    assert found["location"]["latitude"] == 47.2184
    assert problems("actor-profile", found) == []
    finger = read_json(f"{served.url}/.well-known/webfinger?resource=acct:{served.handle}")
    assert served.actor in {link.get("href") for link in finger["links"]}
    status, page = get(served.actor, "text/html")
    assert status == 200
    assert served.handle in page


def test_every_type_is_one_word(served: Node) -> None:
    """On the wire each `type` is one standard string, at every depth."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert isinstance(value.get("type", ""), str)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(served.outbox())
    walk(read_json(served.actor, AS2))


def test_what_was_withdrawn(velo: Node) -> None:
    """A withdrawn object answers 410 with a Tombstone, and its activities name it no more."""
    velo.apply(event("ag") + resource("statuts"))
    velo.serve()
    gone = published(velo)["resource"]["id"]
    velo.apply(event("ag"), "--prune")
    status, text = get(gone, AS2)
    assert status == 410
    tombstone = json.loads(text)
    assert (tombstone["type"], tombstone["id"]) == ("Tombstone", gone)
    assert "statuts.pdf" not in text
    assert get(gone, "text/html")[0] == 410
    said = {each["type"]: each for each in reversed(velo.outbox())}
    assert said["Delete"]["object"]["type"] == "Tombstone"
    assert "Nos statuts" not in json.dumps(velo.outbox())
