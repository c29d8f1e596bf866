"""little_boxes 0.1.0, a strict reader of 2018, which knew few types and no extension.

It checks actors and objects by asking its one global, BACKEND; ours answers from what the
story served. It wants an `actor` in every Note, which nobody's Notes have, so those are
left out, as are events and answers to a Join, for which it has no words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from little_boxes import activitypub

from tests.interop.story import Document, Story


class Offline:
    """Answers from the story and asks nobody."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def fetch_iri(self, iri: str) -> Document:
        """A copy of what stands there."""
        return self._story.fetch(iri)


@pytest.fixture(autouse=True)
def reader(story: Story) -> Iterator[None]:
    """Its global, set for a test."""
    activitypub.use_backend(Offline(story))
    yield
    activitypub.use_backend(None)


def read(letter: Document) -> Any:
    """The letter as it understands it."""
    return activitypub.parse_activity(json.loads(json.dumps(letter)))


def test_it_reads_a_follow(story: Story) -> None:
    """Who, and whom, by address."""
    (letter,) = story.delivered("Follow")
    follow = read(letter)
    assert follow.ACTIVITY_TYPE == activitypub.ActivityType.FOLLOW
    assert (follow.id, follow.actor) == (letter["id"], story.hub_actor)
    assert follow.get_object().id == story.corbeau


def test_it_reads_an_accept_and_finds_its_follow(story: Story) -> None:
    """It matches by the whole Follow that comes back."""
    letters = [each for each in story.delivered("Accept", "Follow") if "id" in each["object"]]
    assert {each["actor"] for each in letters} == {story.hub_actor, story.node_actor}
    for letter in letters:
        accept = read(letter)
        follow = accept.get_object()
        assert accept.actor == follow.object == letter["actor"]
        assert follow.get_actor().id == story.corbeau
        assert follow.id.startswith(story.corbeau.partition("/actors")[0])


def test_it_reads_an_undo_of_what_it_read_before(story: Story) -> None:
    """The Follow inside is the one that was sent, by the same actor."""
    (letter,) = (each for each in story.delivered("Undo") if each["object"]["type"] == "Follow")
    undone = read(letter).get_object()
    (sent,) = story.delivered("Follow")
    assert (undone.id, undone.actor) == (sent["id"], sent["actor"])
    assert undone.get_object().id == story.corbeau


def test_it_reads_an_announce(story: Story) -> None:
    """By address; what is announced comes from its origin."""
    letters = story.delivered("Announce")
    assert letters
    for letter in letters:
        announce = read(letter)
        assert announce.actor == story.hub_actor
        assert announce.object.startswith(f"{story.node}/objects/")
        assert announce.to[0] == activitypub.AS_PUBLIC


def test_it_reads_a_delete_as_a_tombstone(story: Story) -> None:
    """What was withdrawn stays known by its id."""
    letters = story.delivered("Delete")
    assert letters
    for letter in letters:
        tombstone = read(letter).get_object()
        assert tombstone.ACTIVITY_TYPE == activitypub.ActivityType.TOMBSTONE
        assert tombstone.id == letter["object"]["id"]


def test_it_refuses_what_is_wrong(story: Story) -> None:
    """So that reading well means something: an Accept of nothing, a Follow by nobody."""
    (follow,) = story.delivered("Follow")
    for wrong in ({"object": {"type": "Follow"}}, {"type": "Accept", "object": {"id": "x"}}):
        with pytest.raises(activitypub.BadActivityError):
            read(follow | wrong)
    with pytest.raises(activitypub.BadActivityError):
        read({name: value for name, value in follow.items() if name != "actor"})
