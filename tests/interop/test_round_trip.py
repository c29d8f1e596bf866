"""What a platform writes in its apply file is what another node reads off the wire."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pecfed.connectors import apply_file
from pecfed.domain.content import kind_of
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Wanted
from pecfed.federation import actor
from pecfed.federation.objects import KINDS
from pecfed.language.wire import Document, parse
from pecfed.settings import make
from pecfed.store.actors import LocalActor
from pecfed.store.keys import OwnKey
from tests.interop.story import COMMUNITY

ACTOR = "https://node.example/actors/velo"
FILES = [path for path in sorted(COMMUNITY.rglob("*.toml")) if path.stem != "invited"]


def wanted(path: Path, language: str) -> Wanted:
    """Everything in an apply file."""
    return apply_file.read(path, actor_uri=ACTOR, username="velo", language=language, name="Vélo")


def wire(document: Document) -> Document:
    """What the other side reads out of the bytes."""
    return parse(json.dumps(document, ensure_ascii=False).encode())


def test_every_community_file_is_there() -> None:
    """The five platforms, the hub and a later state."""
    assert len(FILES) == 7
    kinds = {kind_of(each) for path in FILES for each in wanted(path, "fr").contents}
    assert kinds == {"statement", "event", "resource"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_content_comes_back_equal(path: Path, language: str) -> None:
    """Equal as a value, and to the letter in the form that is kept."""
    for content in wanted(path, language).contents:
        kind = KINDS[kind_of(content)]
        document = kind.to_wire(content, f"{ACTOR}/1", ACTOR, 1000, 2000, language)
        back = kind.from_wire(wire(document), ACTOR)
        assert back == content
        assert back.to_data() == content.to_data()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_profile_comes_back_equal(path: Path, language: str) -> None:
    """Out of the actor's document; an actor that names no site is found at its page."""
    settings = make(Path(), {"url": "https://node.example", "language": language})
    profile = wanted(path, language).profile
    keys = OwnKey(f"{ACTOR}#1", "rsa", "PEM", 1), OwnKey(f"{ACTOR}#2", "ed25519", "z6Mk", 1)
    speaker = LocalActor(1, "velo", "member", ACTOR, profile, 1000, 1000, keys)
    document = wire(actor.document(speaker, Uris(settings.url), settings))
    back = actor.read_profile(document, profile.name)
    given = profile.to_data()
    assert back.to_data() == given | {"url": given["url"] or document["url"]}
