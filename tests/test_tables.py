"""Nothing is forgotten: each file stands in its table, each word of a card has its code.

Each complaint names what is missing, and where it belongs.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pecfed import exports
from pecfed.cli import COMMANDS
from pecfed.domain.account import ROLES
from pecfed.domain.content import CLASSES
from pecfed.federation.activities import BUILDERS, HANDLERS
from pecfed.federation.dispatch import heard
from pecfed.federation.objects import GATHERED, KINDS, read
from pecfed.http import routes
from pecfed.language.cast import card, kinds
from pecfed.language.context import TERMS
from pecfed.language.schema import is_valid, read_schema

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pecfed"
EXAMPLES = ROOT / "vocab" / "v1" / "examples"
PLAYED = ("hub", "member", "group", "instance")
"""The cards whose actors this program makes."""


ALSO = {"like": {"EmojiReact"}}
"""Words that another word's file handles: they mean the same."""


def files(folder: str) -> list[str]:
    """The modules of a folder with one file for each thing."""
    found = sorted(path.stem for path in (PACKAGE / folder).glob("*.py"))
    return [name for name in found if name != "__init__"]


def test_there_is_a_card_for_each_actor_that_is_played() -> None:
    """And none that is neither played nor known to wait."""
    assert set(kinds()) == set(PLAYED)


@pytest.mark.parametrize("kind", PLAYED)
def test_what_a_card_hears_is_handled(kind: str) -> None:
    """Each word has a handler, and nobody's handler is deaf."""
    for word in sorted(card(kind).hears):
        assert word in HANDLERS, f"actors/{kind}.toml hears {word}: it needs a line in HANDLERS"


@pytest.mark.parametrize("kind", PLAYED)
def test_what_a_card_says_is_written(kind: str) -> None:
    """Each word has a builder."""
    for word in sorted(card(kind).says):
        assert word in BUILDERS, f"actors/{kind}.toml says {word}: it needs a line in BUILDERS"


def test_no_handler_is_for_nothing() -> None:
    """What is handled is heard by somebody, what is built said by somebody."""
    everything = [card(kind) for kind in PLAYED]
    for word in HANDLERS:
        assert any(word in each.hears for each in everything), f"no card hears {word}"
    for word in BUILDERS:
        assert any(word in each.says for each in everything), f"no card says {word}"


class _Node:
    """As much of a node as `heard` looks at."""

    def __init__(self, role: str) -> None:
        self.settings = type("Settings", (), {"is_hub": role == "hub"})()


@pytest.mark.parametrize("role", ["hub", "member"])
def test_a_node_hears_what_its_cards_hear(role: str) -> None:
    """Its speaker's words and the instance actor's."""
    node: Any = _Node(role)
    assert heard(node) == card(role).hears | card("instance").hears


@pytest.mark.parametrize("name", files("federation/activities"))
def test_each_activity_stands_in_both_tables(name: str) -> None:
    """A file that no table names would never be asked."""
    module = import_module(f"pecfed.federation.activities.{name}")
    for table, its, function in (("HANDLERS", HANDLERS, "handle"), ("BUILDERS", BUILDERS, "build")):
        named = {word for word, each in its.items() if each.__module__ == module.__name__}
        wanted = {name.capitalize(), *ALSO.get(name, ())} if hasattr(module, function) else set()
        assert named == wanted, f"activities/{name}.py needs a line in {table}"
    assert hasattr(module, "handle") or hasattr(module, "build")


@pytest.mark.parametrize("name", files("federation/objects"))
def test_each_object_stands_in_its_table(name: str) -> None:
    """With its class in the domain and its terms in the context."""
    assert name in KINDS, f"objects/{name}.py needs a line in KINDS"
    assert KINDS[name].from_wire.__module__ == f"pecfed.federation.objects.{name}"
    assert name in CLASSES, f"domain/content.py needs a line for {name} in CLASSES"
    assert name in TERMS, f"language/context.py needs the terms of {name}"


def test_no_table_names_what_is_not_there() -> None:
    """The tables and the folders say the same."""
    assert sorted(KINDS) == files("federation/objects") == sorted(CLASSES)
    words = {*HANDLERS, *BUILDERS} - {word for also in ALSO.values() for word in also}
    assert sorted(word.lower() for word in words) == files("federation/activities")


@pytest.mark.parametrize("name", GATHERED)
def test_each_kind_has_its_schema_and_example(name: Any) -> None:
    """What a hub keeps is described in vocab/, with an example that we read ourselves."""
    assert read_schema(name)["$id"], f"vocab/v1/schemas/{name}.schema.json is missing"
    path = EXAMPLES / f"{name}.json"
    assert path.exists(), f"vocab/v1/examples/{name}.json is missing"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert is_valid(name, document)
    found = read(document, document["attributedTo"])
    assert found is not None and isinstance(found.content, CLASSES[name])


@pytest.mark.parametrize("word", sorted(BUILDERS))
def test_each_activity_has_its_example(word: str) -> None:
    """A newcomer finds each of them in vocab/, under its own name."""
    path = EXAMPLES / f"{word.lower()}.json"
    assert path.exists(), f"vocab/v1/examples/{word.lower()}.json is missing"
    assert json.loads(path.read_text(encoding="utf-8"))["type"] == word


ROUTES = (*routes.PAGES, *routes.PINNED, *routes.API, *routes.ADMIN, *routes.WIRE)


@pytest.mark.parametrize(
    ("folder", "name"),
    [(folder, name) for folder in ("http/pages", "http/api") for name in files(folder)],
)
def test_each_page_has_its_address(folder: str, name: str) -> None:
    """A page without a route is a page that nobody sees."""
    if (folder, name) == ("http/api", "answer"):
        return  # what all answers of the API share
    module = f"pecfed.{folder.replace('/', '.')}.{name}"
    homes = {route.handler.__module__ for route in ROUTES}
    assert module in homes, f"{folder}/{name}.py needs a line in http/routes.py"


def test_each_route_says_who_may_ask() -> None:
    """And none stands in two tables."""
    seen = set()
    for route in ROUTES:
        known = {"public", "unready", *ROLES} if route in routes.ADMIN else {"public", "signed"}
        assert route.access in known, f"{route.path}: who may ask?"
        assert route.method == "POST" or not route.confirm, f"{route.path}: looking is free"
        key = (route.method, route.path, route in routes.PINNED)
        assert key not in seen, f"{route.path} stands twice in http/routes.py"
        seen.add(key)


@pytest.mark.parametrize("name", files("exports"))
def test_each_export_stands_in_its_table(name: str) -> None:
    """But for what all exports share."""
    known = {"items", *getattr(exports, "FORMATS", {})}
    assert name in known, f"exports/{name}.py needs a line in FORMATS"


@pytest.mark.parametrize("name", files("cli"))
def test_each_command_stands_in_its_table(name: str) -> None:
    """A file of commands that the parser doesn't know can't be called."""
    if name in {"command", "watching", "vouching", "letters"}:
        return  # what all commands share, and parts of `members` and `assessment`
    homes = {row.partition(".")[0] for row in COMMANDS.values()}
    assert name in homes, f"cli/{name}.py needs a line in COMMANDS"
