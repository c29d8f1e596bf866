"""Pictures on the wire: what we write comes back, what others write is taken with care."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.domain.picture import Picture
from pecfed.federation.objects import KINDS
from pecfed.federation.pictures import read_picture, write_picture
from pecfed.language.schema import problems
from tests.things import event, resource

ALT = {"fr": "Un vélo cargo", "en": "A cargo bike"}
PICTURE = Picture("https://node.example/media/abc.jpg", "image/jpeg", ALT, 1600, 900)
ACTOR = "https://node.example/actors/velo"


def test_an_events_picture_is_its_banner() -> None:
    """Mobilizon finds it by its name, Mastodon the alternative text in `summary`; it comes back."""
    # an event with a French name alone is announced as French, whoever's node it is
    given = event(picture=PICTURE, url="https://velo.example/ag")
    document = KINDS["event"].to_wire(given, f"{ACTOR}/1", ACTOR, 0, 1, "en")
    image = document["attachment"][0]
    assert image == {
        "type": "Image", "mediaType": "image/jpeg", "url": PICTURE.url, "name": "Banner",
        "summary": "Un vélo cargo", "summaryMap": {"fr": "Un vélo cargo", "en": "A cargo bike"},
        "width": 1600, "height": 900,
    }  # fmt: skip
    assert problems("event", document) == []
    assert KINDS["event"].from_wire(document, ACTOR) == given


def test_a_resources_picture_is_told_in_both_properties() -> None:
    """`name` is the alternative text for those who don't read `summary`."""
    given = resource(picture=PICTURE)
    document = KINDS["resource"].to_wire(given, f"{ACTOR}/1", ACTOR, 0, 1, "fr")
    (image,) = document["attachment"]
    assert image["name"] == image["summary"] == "Un vélo cargo"
    assert problems("resource", document) == []
    assert KINDS["resource"].from_wire(document, ACTOR) == given


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"type": "Document", "mediaType": "image/png", "url": "https://a.example/x", "name": "un"},
         Picture("https://a.example/x", "image/png", {"und": "un"})),
        ([{"type": "Link", "mediaType": "image/png", "href": "https://a.example/y"},
          {"type": "Image", "mediaType": "image/webp", "name": "Banner", "width": True,
           "url": [{"type": "Link", "href": "https://a.example/z"}]}],
         Picture("https://a.example/z", "image/webp", {})),
        ({"type": "Image", "mediaType": "image/svg+xml", "url": "https://a.example/x"}, None),
        ({"type": "Image", "mediaType": ["image/png"], "url": "https://a.example/x"}, None),
        ({"type": ["Link", {}], "mediaType": "image/png", "url": "https://a.example/x"}, None),
        ({"type": "Image", "mediaType": "image/png", "url": "javascript:alert(1)"}, None),
        ({"type": "Image", "mediaType": "image/png", "url": {"href": 7}}, None),
        ("https://a.example/x.png", None), (None, None), ([[], 7, None, {}], None),
    ],
)  # fmt: skip
def test_others_pictures(value: Any, found: Picture | None) -> None:
    """An Image or Document of a kind that browsers show, at a web address; else nothing."""
    assert read_picture(value) == found


def test_a_long_alternative_text_is_cut() -> None:
    """Nobody makes us keep a book."""
    image = write_picture(PICTURE, "fr") | {"summaryMap": {f"x{n}": "a" * 9999 for n in range(99)}}
    found = read_picture(image)
    assert found and len(found.alt) == 8 and {len(text) for text in found.alt.values()} == {1500}
