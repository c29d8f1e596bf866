"""Hashtags: what is one, and when two are the same."""

from __future__ import annotations

import pytest

from pecfed.domain.event import Event
from pecfed.domain.hashtag import MOST, carried, distinct, found_by, is_hashtag, key, own, spelled
from pecfed.domain.note import Note
from tests.http.hive import event, resource


@pytest.mark.parametrize("word", ["Nantes", "communs_numériques", "2027a", "Ébène", "合作社", "x"])
def test_a_hashtag(word: str) -> None:
    """Letters, digits and _, in any script."""
    assert is_hashtag(word)


@pytest.mark.parametrize(
    "word", ["", "2027", "_", "a b", "a-b", "#a", "a.b", "<b>", "x" * 61, "a/b"]
)
def test_no_hashtag(word: str) -> None:
    """What Mastodon would not link whole."""
    assert not is_hashtag(word)


def test_case_and_accents_make_no_difference() -> None:
    """As on Mastodon; the first spelling is shown."""
    assert key("ÉCONOMIE") == key("economie") == "economie"
    assert distinct(["Économie", "economie", "2027", "Nantes"]) == ("Économie", "Nantes")


def test_a_post_carries_its_own_first() -> None:
    """Then its kind's in the post's language, then the community's; each once."""
    call: Event = event(kind="call", tags=("Nantes", "plateformesencommuns"))
    assert carried(call, "fr") == ("Nantes", "plateformesencommuns", "AppelAProjets")
    assert carried(event(), "en") == ("PlateformesEnCommuns",)
    assert carried(resource(), "en") == ("Commons", "PlateformesEnCommuns")
    assert carried(resource(), "br") == ("Commons", "PlateformesEnCommuns")
    assert carried(Note("n", {"fr": "…"}), "fr") == ()
    assert found_by(resource()) == ("communs", "plateformesencommuns", "commons")


def test_what_any_post_carries_is_nobodys_own() -> None:
    """And there is an end to one's own."""
    assert own(["COMMUNS", "Nantes", "commons"], "resource") == ("Nantes",)
    assert own(["CallForProjects"], "event") == ()
    assert own(["Communs"], "event") == ("Communs",)
    assert len(own((f"a{n}" for n in range(99)), "event")) == MOST


def test_an_address_is_spelled_as_its_posts_do() -> None:
    """The page of /tags/nantes says #Nantes."""
    assert spelled("nantes", [event(tags=("Nantes",))]) == "Nantes"
    assert spelled("nantes", []) == "nantes"
