"""Mastodon, as modelled in mastodon.py, keeps and shows what our actors publish."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from pecfed import clock
from tests.cast import AS2
from tests.interop import mastodon, signed
from tests.interop.story import Document, Story, type_within
from tests.interop.timeline import reads, renders


def posts(story: Story) -> list[Document]:
    """Every object that was served or delivered, as it was then."""
    inner = [letter["object"] for letter in story.delivered() if type_within(letter)]
    served = [each.document for each in story.served]
    return [each for each in inner + served if each["type"] in {"Note", "Event"}]


def test_it_takes_every_letter(story: Story) -> None:
    """Nothing is refused; what belongs to the directory alone is passed over."""
    server = mastodon.Mastodon(fetch=story.known.get)
    came: Counter[tuple[str, str]] = Counter()
    for letter in story.delivered():
        verdict = server.accepts(letter)
        assert verdict in {"done", "ignored"}, (verdict, letter)
        inner = type_within(letter)
        came[(letter["type"], inner if letter["type"] in {"Accept", "Reject"} else verdict)] += 1
        assert verdict == ("ignored" if "Join" in inner else verdict)
    kinds = {kind for kind, verdict in came if verdict in {"done", "Follow"}}
    assert kinds == {"Create", "Update", "Delete", "Announce", "Follow", "Accept", "Undo", "Move"}
    ignored = {kind for kind, verdict in came if verdict in {"ignored", "Join"}}
    assert ignored == {"Accept", "Reject", "Add", "Remove", "Join", "Leave", "Ignore"}


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
        # a letter's object has no context and no proof of its own, unless it is a statement
        alone = {name: mine[url][name] for name in ("@context", "proof")}
        assert alone | post == mine[url]
    assert server.boosts
    for _, uri in server.boosts - {(story.hub_actor, each) for each in server.tombstones}:
        assert uri in mine
    assert server.profiles[story.node_actor]["name"] == "Vélo Commun"


@pytest.mark.case("O1")
def test_o1_a_note_shows_all_of_itself(story: Story) -> None:
    """No warning before it, complete text, and the language of its node."""
    seen = set()
    for note in posts(story):
        if note["type"] == "Note":
            shown = renders(note)
            assert "summary" not in note and "name" not in note and not shown.warning
            assert shown.text == next(iter(note["contentMap"].values()))
            assert shown.public
            ours = mastodon.host(note["id"]) == mastodon.host(story.hub)
            assert shown.language == ("fr" if ours else "en")
            seen.add(shown.language)
            if "resource" in note:
                assert note["resource"]["url"] in shown.text
    assert seen == {"fr", "en"}


def test_a_poll_shows_its_options(story: Story) -> None:
    """The question, the options and when it ends; nothing before it to be clicked away."""
    found = [each.document for each in story.served if each.document["type"] == "Question"]
    assert found
    for question in found:
        shown = renders(question)
        assert [each.name for each in shown.options] == ["Oui", "Non"]
        assert (shown.language, shown.multiple, shown.over) == ("fr", False, False)
        assert shown.ends and shown.public and not shown.warning and not shown.title
        assert shown.tags == ("Forum", "PlateformesEnCommuns")
        assert list(question["contentMap"]) == ["fr"]


def test_a_text_has_no_language_in_which_nobody_wrote(story: Story) -> None:
    """What is given in French alone is announced in French, whatever the node speaks."""
    only = {each["uid"]: each for each in posts(story) if each["type"] == "Event"}["sans-decimales"]
    shown = renders(only)
    assert shown.language == "fr" and list(only["contentMap"]) == ["fr"]
    assert shown.title == "Rencontre au carrefour des degrés"
    assert shown.text.startswith("Mardi 1er juin 2027, 10\u00a0h")


def test_hashtags_are_found_and_lead_to_a_page_of_ours(story: Story) -> None:
    """In `tag`, and in the text as Mastodon writes its own."""
    for post in posts(story):
        shown = renders(post)
        site = post["id"].partition("/objects/")[0]
        assert "PlateformesEnCommuns" in shown.tags
        for tag in post["tag"]:
            if tag["type"] == "Hashtag":
                assert tag["href"].startswith(f"{site}/tags/")
                link = f'<a href="{tag["href"]}" class="mention hashtag" rel="tag">#<span>'
                assert link in post["content"]


def test_an_event_shows_its_name_date_and_place(story: Story) -> None:
    """That is all it shows of one, so it has to be in name and summary."""
    shown = {}
    for event in posts(story):
        if event["type"] == "Event":
            shown[event["uid"]] = renders(event)
            told = shown[event["uid"]]
            assert told.public and not told.warning
            names = event["nameMap"]
            assert told.title == names.get(told.language, names["fr"])
            assert told.link == event["id"]
    assembly = shown["ag-2027"]
    assert assembly.title == "General assembly of Vélo Commun"
    day, place = assembly.text.split(" · ")
    assert day == "Wednesday 12 May 2027, 18:00–20:00"
    assert place == "La Maison, 1 rue des Communs, 44000 Nantes"
    assert shown["atelier-tarifs"].text.endswith(" · online")


@pytest.mark.case("O5")
def test_o5_featured_holds_ids_of_its_own_posts(story: Story) -> None:
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
    site, charter = velo["attachment"]
    assert mastodon.verified_link(site["value"]) == "https://velo.example"
    assert charter["name"] == "PEC charter"
    assert velo["discoverable"] and velo["indexable"] and not velo["manuallyApprovesFollowers"]


def test_every_request_is_signed_well_enough(story: Story) -> None:
    """Letters and reads alike."""
    for got in story.got:
        assert signed.lacks(got, clock.now()) == ""
        if got.method == "POST":
            key = re.search(r'keyId="([^"#]+)', got.headers["Signature"])
            assert key and key[1] == got.json["actor"]


A, B, NOTE = "https://node.example/a", "https://other.example/b", "https://node.example/o/1"


def note(**more: Any) -> Document:
    """A public Note of A's."""
    return {
        "id": NOTE, "type": "Note", "attributedTo": A, "content": "<p>!</p>",
        "to": [f"{AS2}#Public"], "published": clock.stamp(clock.now()),
    } | more  # fmt: skip


def letter(kind: str, obj: Any, actor: str = A, **more: Any) -> Document:
    """What an actor says of something."""
    return {"@context": AS2, "id": f"{actor}/{kind}", "type": kind, "actor": actor, "object": obj,
            "published": "2026-11-23T09:00:00Z"} | more  # fmt: skip


def test_what_concerns_nobody_is_dropped() -> None:
    """A post is kept of whom somebody follows, or that answers or names somebody here."""
    here = "https://mastodon.example"
    for obj, verdict in (
        (note(), "ignored"),
        (note(inReplyTo=f"{here}/users/o/statuses/1"), "done"),
        (note(cc=[f"{here}/users/o"]), "done"),
        (note(tag=[{"type": "Mention", "href": f"{here}/users/o"}]), "done"),
    ):
        assert mastodon.Mastodon(set()).accepts(letter("Create", obj)) == verdict
    assert mastodon.Mastodon({A}).accepts(letter("Create", note())) == "done"


def test_edits_and_counts_are_told_apart() -> None:
    """A newer `updated` is an edit; the old one refreshes a poll and nothing else."""
    server = mastodon.Mastodon()
    poll = note(type="Question", oneOf=[{"type": "Note", "name": "A"}], votersCount=0)
    server.accepts(letter("Create", poll))
    told = poll | {"votersCount": 3, "content": "<p>?</p>"}
    assert server.accepts(letter("Update", told)) == "done"
    assert (server.posts[NOTE]["votersCount"], server.posts[NOTE]["content"]) == (3, "<p>!</p>")
    assert server.edits == []
    later = told | {"updated": "2099-01-01T00:00:00Z"}
    assert server.accepts(letter("Update", later)) == "done" and server.edits == [NOTE]
    assert server.accepts(letter("Update", told)) == "ignored"
    old = note(id=f"{NOTE}0", published="2020-01-01T00:00:00Z")
    assert server.accepts(letter("Update", old)) == "ignored"


def test_what_is_deleted_never_comes_back() -> None:
    """An id that was withdrawn, also before it was seen; an actor takes its posts along."""
    server = mastodon.Mastodon()
    assert server.accepts(letter("Delete", {"id": NOTE, "type": "Tombstone"})) == "done"
    assert server.accepts(letter("Create", note())) == "ignored"
    server.accepts(letter("Create", note(id=f"{NOTE}2")))
    assert server.accepts(letter("Delete", f"{NOTE}2", B)) == "another host's post"
    assert server.accepts(letter("Delete", A)) == "done" and not server.posts


def test_moves_pins_and_undone_boosts() -> None:
    """Each as its rule says."""
    pages: dict[str, Document] = {
        A: {"featured": f"{A}/featured"}, B: {"alsoKnownAs": [A]}, f"{B}2": {},
    }  # fmt: skip
    server = mastodon.Mastodon(fetch=pages.get)
    assert server.accepts(letter("Move", A, target=f"{B}2")) == "the target doesn't know of it"
    assert server.accepts(letter("Move", A, target=B)) == "done" and server.moved == {A: B}
    assert server.accepts(letter("Add", NOTE, target=f"{A}/featured")) == "done"
    assert server.pinned == {A: [NOTE]}
    assert server.accepts(letter("Add", B, target=f"{A}/directory")) == "ignored"
    server.accepts(letter("Announce", f"{B}/o"))
    undo = letter("Undo", {"type": "Announce", "actor": A, "object": f"{B}/o"})
    assert server.accepts(undo) == "done" and not server.boosts
    private = note(id=f"{B}/p", attributedTo=B, to=[f"{B}/followers"])
    server.accepts(letter("Create", private, B))
    assert server.accepts(letter("Announce", f"{B}/p")) == "not for everybody"


def test_what_is_shown_of_attachments_and_texts() -> None:
    """Four media with their words, links apart; a warning; what is invisible isn't read."""
    image = {"type": "Image", "mediaType": "image/png", "url": f"{A}.png", "summary": "un vélo"}
    shown = renders(
        note(
            summary="attention",
            attachment=[image] * 5 + [{"type": "Link", "href": B}, image | {"mediaType": "x/y"}],
            content='<h2>T</h2><p><a href="https://a.example/b"><span class="invisible">https://'
            '</span><span class="ellipsis">a.exam</span><span class="invisible">ple/b</span></a>'
            "<script>no</script></p><ul><li>un</li><li>deux</li></ul>",
        )
    )
    assert [each.alt for each in shown.media] == ["un vélo"] * 4
    assert shown.links == (B, f"{A}.png")
    assert shown.warning == "attention"
    assert reads(shown.text) == "**T**\n\n‹a.exam…›\n  • un\n  • deux"
    article = note(type=["pec:X", "Article"], name="N", summary="<p>S</p>", content="<p>no</p>")
    told = renders(article)
    assert (told.title, told.text, told.warning) == ("N", "<p>S</p>", "")
    assert [renders(note(to=to, cc=cc)).visibility for to, cc in (
        (["as:Public"], []), ([], ["Public"]), ([f"{A}/followers"], []), ([B], []),
    )] == ["public", "unlisted", "private", "direct"]  # fmt: skip


SPOILED = {
    "keyId and signature, once each": {"Signature": 'keyId="a",keyId="b",signature="c"'},
    "the algorithm": {"Signature": 'keyId="a",algorithm="rsa-sha512",signature="c"'},
    "a signed digest": {"Signature": 'keyId="a",headers="date (request-target)",signature="c"'},
    "a signed date or (created)": {"Signature": 'keyId="a",headers="digest host",signature="c"'},
    "(created) and (expires) are for hs2019": {
        "Signature": 'keyId="a",algorithm="rsa-sha256",headers="(created) digest",signature="c"'
    },
    "a date of today": {"Date": "Mon, 23 Nov 2020 09:00:00 GMT"},
    "the body's digest": {"Digest": "SHA-512=abc"},
}


@pytest.mark.parametrize("verdict", SPOILED)
def test_a_signature_that_is_not_enough(verdict: str, story: Story) -> None:
    """Each rule, broken alone."""
    got = next(each for each in story.got if each.method == "POST")
    assert signed.lacks(got, clock.now()) == ""
    headers = CIMultiDict(got.headers)
    headers.update(SPOILED[verdict])
    again = replace(got, headers=CIMultiDictProxy(headers))
    assert signed.lacks(again, clock.now()) == verdict


WRONG: dict[str, tuple[Any, str]] = {
    "@context": ("https://www.w3.org/ns/activitystreams/", "no ActivityStreams context"),
    "id": ("https://elsewhere.example/1", "the id is not its actor's"),
    "object": ("https://elsewhere.example/2", "the object's host is not its actor's"),
}
WRONG_INSIDE: dict[str, tuple[Any, str]] = {
    "type": ("pec:CharterStatement", "no type that is shown"),
    "attributedTo": ("https://node.example/actors/other", "another author's"),
    "id": ("https://elsewhere.example/o/1", "the object's host is not its actor's"),
    "content": ("", "nothing to show"),
}


@pytest.mark.parametrize("name", [*WRONG, *(f"object/{name}" for name in WRONG_INSIDE)])
def test_the_model_does_refuse(name: str) -> None:
    """Being taken in means something."""
    good = letter("Create", note())
    assert mastodon.Mastodon().accepts(good) == "done"
    inside = name.startswith("object/")
    name = name.removeprefix("object/")
    value, verdict = (WRONG_INSIDE if inside else WRONG)[name]
    spoiled = good | ({"object": note(**{name: value})} if inside else {name: value})
    assert mastodon.Mastodon().accepts(spoiled) == verdict
