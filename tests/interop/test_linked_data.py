"""A reader that takes JSON-LD at its word loses nothing of what we serve and deliver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from pecfed.federation import vouching
from pecfed.federation.activities import BUILDERS
from pecfed.language import schema
from tests.cast import AS2
from tests.interop.story import Document, Story, type_within

CONTEXT = json.loads(
    (
        Path(__file__).resolve().parent.parent.parent
        / "vocab" / "external" / "activitystreams.jsonld"
    ).read_text("utf-8")
)  # fmt: skip


def offline(url: str, _: object) -> dict[str, Any]:
    """The one context that is not inline; anything else would have to be fetched."""
    assert url == AS2, f"{url} would have to be fetched"
    return {"contextUrl": None, "documentUrl": url, "document": CONTEXT}


def parts(value: Any) -> Iterator[Document]:
    """Each JSON object in a document, the contexts aside, and credentials: these are literals."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name not in {"@context", "credential"}:
                yield from parts(inner)
    elif isinstance(value, list):
        for each in value:
            yield from parts(each)


def test_the_story_has_everything_in_it(story: Story) -> None:
    """Each type of activity was delivered; each kind of document was served."""
    assert {letter["type"] for letter in story.delivered()} == set(BUILDERS)
    kinds = {each.document["type"] for each in story.served}
    assert kinds >= {
        "Organization", "Application", "OrderedCollection", "OrderedCollectionPage",
        "Note", "Event", "Question", "Tombstone", "Create", "Update", "Delete", "Announce", "Add",
        "Remove",
    }  # fmt: skip
    for holds in ("charterStatement", "resource", "credential"):
        assert any(holds in each.document for each in story.served)
    assert [each for each in story.served if each.status == 410]
    assert [each["reason"] for each in story.delivered("Reject")] == ["abuse", "other"]
    nameless = [
        each for each in story.delivered() if type_within(each) and "id" not in each["object"]
    ]
    assert {type_within(each) for each in nameless} == {"Follow", "Join"}


@pytest.mark.case("O4")
def test_o4_no_key_is_lost(story: Story) -> None:
    """Everything expands, offline, and each key has a meaning."""
    for where, document in story.documents():
        dropped: list[Any] = []
        expanded = jsonld.expand(
            document, {"documentLoader": offline}, on_property_dropped=dropped.append
        )
        assert not dropped, where
        # the ActivityStreams context sends what nobody defined to blank names
        assert '"_:' not in json.dumps(expanded), where


def test_each_document_keeps_to_its_schema(story: Story) -> None:
    """Served by itself or embedded in a letter."""
    checked = set()
    for where, document in story.documents():
        for part in parts(document):
            kind = kind_of(part)
            if kind:
                checked.add(kind)
                assert schema.problems(kind, part) == [], where
    assert checked == {
        "actor-profile", "statement", "event", "resource", "attestation", "label",
    }  # fmt: skip


def kind_of(part: Document) -> schema.Kind | None:
    """Which schema is about that, if one is."""
    if "charterStatement" in part:
        return "statement"
    if "credential" in part:
        return vouching.kind_of(part)
    if isinstance(part.get("resource"), dict):
        return "resource"
    if part.get("type") == "Event":
        return "event"
    return "actor-profile" if "publicKey" in part else None


@pytest.mark.case("O3")
def test_o3_every_type_is_one_string(story: Story) -> None:
    """Pleroma, Akkoma, Lemmy and Pixelfed refuse lists."""
    for where, document in story.documents():
        assert isinstance(document["type"], str), where
        for part in parts(document):
            assert isinstance(part.get("type", ""), str), where


def test_attachments_are_lists_with_media_types(story: Story) -> None:
    """Lemmy wants a list, Mastodon and GoToSocial the media type."""
    seen = 0
    for where, document in story.documents():
        for part in parts(document):
            attachment = part.get("attachment", [])
            assert isinstance(attachment, list), where
            for each in attachment:
                seen += 1
                assert each["type"] == "PropertyValue" or each["mediaType"], where
    assert seen


def test_coordinates_are_floats(story: Story) -> None:
    """Mobilizon passes over whole numbers; 48 goes out as 48.0."""
    seen = set()
    for where, document in story.documents():
        for part in parts(document):
            for name in {"latitude", "longitude"} & part.keys():
                assert isinstance(part[name], float), where
                seen.add(part[name])
    assert {48.0, -2.0, 47.2184} <= seen


def test_no_id_is_empty(story: Story) -> None:
    """What has no id says nothing, rather than null or an empty text."""
    for where, document in story.documents():
        for part in parts(document):
            assert part.get("id", "x"), where


def test_what_is_served_says_what_it_is(story: Story) -> None:
    """An id that can be asked, ActivityStreams first in the context."""
    for each in story.served:
        assert each.document["id"] == each.url
        assert each.document["@context"][0] == AS2
    for letter in story.delivered():
        assert letter["@context"][0] == AS2
        assert letter["actor"] in {story.hub_actor, story.node_actor}
