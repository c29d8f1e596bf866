"""Mastodon, as modelled in mastodon.py, keeps and shows what our actors publish."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from pecfed import clock
from tests.cast import AS2
from tests.interop import mastodon
from tests.interop.story import Document, Story, type_within


def posts(story: Story) -> list[Document]:
    """Every object that was served or delivered, as it was then."""
    inner = [letter["object"] for letter in story.delivered() if type_within(letter)]
    served = [each.document for each in story.served]
    return [each for each in inner + served if each["type"] in {"Note", "Event"}]


def test_it_takes_every_letter(story: Story) -> None:
    """Nothing is refused; what belongs to the directory alone is passed over."""
    server = mastodon.Mastodon()
    came: Counter[tuple[str, str]] = Counter()
    for letter in story.delivered():
        verdict = server.accepts(letter)
        assert verdict in {"done", "ignored"}, (verdict, letter)
        inner = type_within(letter)
        came[(letter["type"], inner if letter["type"] in {"Accept", "Reject"} else verdict)] += 1
        assert verdict == ("ignored" if "Join" in inner else verdict)
    kinds = {kind for kind, verdict in came if verdict in {"done", "Follow"}}
    assert kinds == {"Create", "Update", "Delete", "Announce", "Follow", "Accept", "Undo"}
    ignored = {kind for kind, verdict in came if verdict in {"ignored", "Join"}}
    assert ignored == {"Accept", "Reject", "Add", "Remove", "Join", "Leave"}


def test_it_ends_with_what_we_serve(story: Story) -> None:
    """Every edit is newer, every withdrawal is heard, every boost can be fetched."""
    server = mastodon.Mastodon()
    for letter in story.delivered():
        server.accepts(letter)
    now = {
        each.url: (each.status, each.document) for each in story.served if "/objects/" in each.url
    }
    assert server.tombstones == {url for url, (status, _) in now.items() if status == 410}
    mine = {url: document for url, (status, document) in now.items() if status == 200}
    assert server.posts.keys() == mine.keys()
    for url, post in server.posts.items():
        assert {"@context": mine[url]["@context"], **post} == mine[url]
    assert server.boosts
    for _, uri in server.boosts - {(story.hub_actor, each) for each in server.tombstones}:
        assert uri in mine
    assert server.profiles[story.node_actor]["name"] == "Vélo Commun"


def test_a_note_shows_all_of_itself(story: Story) -> None:
    """No warning before it, complete text, and the language of its node."""
    seen = set()
    for note in posts(story):
        if note["type"] == "Note":
            shown = mastodon.renders(note)
            assert "summary" not in note and "name" not in note and not shown.warning
            assert shown.text == next(iter(note["contentMap"].values()))
            assert shown.public
            ours = mastodon.host(note["id"]) == mastodon.host(story.hub)
            assert shown.language == ("fr" if ours else "en")
            seen.add(shown.language)
            if "resource" in note:
                assert note["resource"]["url"] in shown.text
    assert seen == {"fr", "en"}


def test_an_event_shows_its_name_date_and_place(story: Story) -> None:
    """That is all it shows of one, so it has to be in name and summary."""
    shown = {}
    for event in posts(story):
        if event["type"] == "Event":
            shown[event["uid"]] = mastodon.renders(event)
            told = shown[event["uid"]]
            assert told.public and not told.warning
            names = event["nameMap"]
            assert told.title == names.get(told.language, names["fr"])
            assert told.link == event["id"]
    assembly = shown["ag-2027"]
    assert assembly.title == "General assembly of Vélo Commun"
    day, place = assembly.text.split(" · ")
    assert re.search(r"12 May 2027", day) and "18:00" in day
    assert place == "La Maison, 1 rue des Communs, 44000 Nantes"
    assert shown["atelier-tarifs"].text.endswith(" · online")


def test_featured_holds_ids_of_its_own_posts(story: Story) -> None:
    """At most five, each at the actor's host and by it; the statement comes first."""
    for uri in (story.node_actor, story.hub_actor):
        featured = story.fetch(story.fetch(uri)["featured"])
        items = featured["orderedItems"]
        assert len(items) == featured["totalItems"] <= 5
        assert all(isinstance(item, str) for item in items)
        for item in items:
            assert mastodon.host(item) == mastodon.host(uri)
            assert story.fetch(item)["attributedTo"] == uri
    first = story.fetch(story.fetch(f"{story.node_actor}/featured")["orderedItems"][0])
    assert "charterStatement" in first


def test_our_actors_have_all_it_asks_for(story: Story) -> None:
    """The instance actors too; the handle leads back to the actor."""
    for uri in (story.hub_actor, story.node_actor, f"{story.hub}/actor", f"{story.node}/actor"):
        assert mastodon.actor_lacks(story.fetch(uri), story.fetch, story.jrds.__getitem__) == []
    velo = story.fetch(story.node_actor)
    (site,) = velo["attachment"]
    assert mastodon.verified_link(site["value"]) == "https://velo.example"
    assert velo["discoverable"] and velo["indexable"] and not velo["manuallyApprovesFollowers"]


def test_every_request_is_signed_well_enough(story: Story) -> None:
    """Letters and reads alike."""
    for got in story.got:
        assert mastodon.signature_lacks(got, clock.now()) == ""
        if got.method == "POST":
            key = re.search(r'keyId="([^"#]+)', got.headers["Signature"])
            assert key and key[1] == got.json["actor"]


WRONG: dict[str, tuple[Any, str]] = {
    "@context": ("https://www.w3.org/ns/activitystreams/", "no ActivityStreams context"),
    "id": ("https://elsewhere.example/1", "the id is not its actor's"),
    "object": ("https://elsewhere.example/2", "the object's host is not its actor's"),
}
WRONG_INSIDE: dict[str, tuple[Any, str]] = {
    "type": ("pec:CharterStatement", "no type that is shown"),
    "attributedTo": ("https://node.example/actors/other", "another author's"),
    "to": ([], "not public"),
    "content": ("", "nothing to show"),
    "attachment": ([{"type": "Link"}], "an attachment without its media type"),
}


@pytest.mark.parametrize("name", [*WRONG, *WRONG_INSIDE])
def test_the_model_does_refuse(name: str) -> None:
    """Being taken in means something."""
    base = "https://node.example"
    note = {
        "id": f"{base}/o/1", "type": "Note", "attributedTo": f"{base}/a", "content": "<p>!</p>",
        "to": [f"{AS2}#Public"], "published": "2026-11-23T09:00:00Z",
    }  # fmt: skip
    letter: Document = {
        "@context": AS2, "id": f"{base}/1", "type": "Create", "actor": f"{base}/a", "object": note,
    }  # fmt: skip
    assert mastodon.Mastodon().accepts(letter) == "done"
    inside = name in WRONG_INSIDE
    value, verdict = (WRONG_INSIDE if inside else WRONG)[name]
    spoiled = letter | ({"object": note | {name: value}} if inside else {name: value})
    assert mastodon.Mastodon().accepts(spoiled) == verdict
