"""What a platform writes in its apply file is what another node reads off the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pecfed.connectors import apply_file
from pecfed.domain.content import kind_of
from pecfed.domain.poll import Poll
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Wanted
from pecfed.errors import RefusedError
from pecfed.federation import actor
from pecfed.federation.objects import KINDS
from pecfed.language.wire import Document, parse
from pecfed.settings import make
from pecfed.store.actors import LocalActor
from pecfed.store.keys import OwnKey
from tests.interop.story import COMMUNITY

ACTOR = "https://node.example/actors/velo"
FILES = [
    path for path in sorted(COMMUNITY.rglob("*.toml")) if path.stem not in {"invited", "vouching"}
]


def wanted(path: Path, language: str) -> Wanted:
    """Everything in an apply file."""
    return apply_file.read(path, actor_uri=ACTOR, username="velo", language=language, name="Vélo")


def wire(document: Document) -> Document:
    """What the other side reads out of the bytes."""
    return parse(json.dumps(document, ensure_ascii=False).encode())


def test_every_community_file_is_there() -> None:
    """The five platforms, the hub and two later states."""
    assert len(FILES) == 8
    kinds = {kind_of(each) for path in FILES for each in wanted(path, "fr").contents}
    assert kinds == {"statement", "event", "resource", "question"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_content_comes_back_equal(path: Path, language: str) -> None:
    """Equal as a value, and to the letter in the form that is kept.

    A poll is written in one language and without its uid: no directory keeps it.
    """
    for content in wanted(path, language).contents:
        if isinstance(content, Poll):
            continue
        kind = KINDS[kind_of(content)]
        document = kind.to_wire(content, f"{ACTOR}/1", ACTOR, 1000, 2000, language)
        back = kind.from_wire(wire(document), ACTOR)
        assert back == content
        assert back.to_data() == content.to_data()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_profile_comes_back_equal(path: Path, language: str) -> None:
    """Out of the actor's document; an actor that names no site is found at its page.

    The working groups that it follows hear that in a Follow, and are no part of the document.
    """
    settings = make(Path(), {"url": "https://node.example", "language": language})
    profile = wanted(path, language).profile
    keys = OwnKey(f"{ACTOR}#1", "rsa", "PEM", 1), OwnKey(f"{ACTOR}#2", "ed25519", "z6Mk", 1)
    speaker = LocalActor(1, "velo", "member", ACTOR, profile, 1000, 1000, keys)
    document = wire(actor.document(speaker, Uris(settings.url), settings))
    back = actor.read_profile(document, profile.name)
    given = profile.to_data()
    assert back.to_data() == given | {
        "url": given["url"] or document["url"],
        "working_groups": [],
    }


def test_hashtags_come_back_without_those_that_any_post_carries() -> None:
    """The author's own, in its spelling; the community's and the kind's are everybody's."""
    velo = {each.uid: each for each in wanted(COMMUNITY / "velo.toml", "fr").contents}
    for uid, tags in (("ag-2027", ("Nantes",)), ("itineraires", ("Nantes", "Vélo"))):
        kind = kind_of(velo[uid])
        document = wire(KINDS[kind].to_wire(velo[uid], f"{ACTOR}/1", ACTOR, 0, 0, "fr"))
        names = [each["name"].removeprefix("#") for each in document["tag"]]
        assert names[: len(tags)] == [*tags] and names[-1] == "PlateformesEnCommuns"
        again: Any = KINDS[kind].from_wire(document, ACTOR)
        assert again.tags == tags
        shouted = [each | {"name": each["name"].upper()} for each in document["tag"]]
        loud: Any = KINDS[kind].from_wire(document | {"tag": shouted}, ACTOR)
        assert loud.tags == tuple(tag.upper() for tag in tags)
        assert loud.description == again.description


def test_a_poll_comes_back_in_its_one_language() -> None:
    """With its tally; what can't be answered is refused."""
    poll = Poll(
        f"{ACTOR}/1", {"fr": "Quand ?"}, ({"fr": "Mardi"}, {"fr": "Jeudi"}),
        datetime.fromisoformat("2027-01-12T20:00:00+01:00"), tags=("Nantes",),
        counts=(2, 1), voters=3, closed=True,
    )  # fmt: skip
    question = KINDS["question"]
    document = wire(question.to_wire(poll, f"{ACTOR}/1", ACTOR, 0, 0, "en"))
    back: Any = question.from_wire(document, ACTOR)
    assert back == replace(poll, ends=back.ends) and back.ends == poll.ends
    assert (back.counts, back.voters, back.closed) == ((2, 1), 3, True)
    for change in (
        {"oneOf": [{"type": "Note", "name": "A"}]},
        {"oneOf": [{"type": "Note", "name": str(n)} for n in range(30)]},
        {"oneOf": "A"},
        {"endTime": "soon"},
        {"endTime": 7},
    ):
        with pytest.raises(RefusedError):
            question.from_wire(document | change, ACTOR)
