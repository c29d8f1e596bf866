"""What the docs tell programs: the API, the federation, the architecture's tables."""

import importlib
import json
import re
import tomllib
from datetime import date
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain import queue
from pecfed.domain import standing as standing_rules
from pecfed.domain.article import Article
from pecfed.domain.event import Event
from pecfed.domain.membership import DEEDS, STATES, TRANSITIONS
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.standing import STANDINGS, Standing
from pecfed.domain.statement import Declared, Statement
from pecfed.exports import items
from pecfed.federation import deliver
from pecfed.federation.activities import HANDLERS
from pecfed.http import query, routes
from pecfed.language import schema
from pecfed.store.directory import Entry, Listed
from pecfed.store.members import Member
from pecfed.store.objects import Stored
from tests import federation_page, test_rooms
from tests.docs import ROOT, fenced, rows, section, text, ticked

# ------------------------------------------------------------------ the API

PROFILE = Profile("Vélo")
MEMBER = Member(1, "velo@a.example", "https://a.example/1", "member", "Vélo", PROFILE, (), "", 0, 0)
STANDING: Standing = "declared"
STATEMENT = Statement("https://a.example/1", "2018", "2026-11-23", "2027-11-23",
                      (Declared("governance-1", "planned"),))  # fmt: skip


def kept(content: Any) -> Stored:
    """Something that a directory lists."""
    return Stored(1, "https://a.example/o", "https://a.example/1", None, content, "", 0, 0, None)


def api_item(name: str) -> dict[str, Any]:
    """One item as the API gives it."""
    if name == "A member":
        entry = Entry(MEMBER, STANDING, kept(STATEMENT))
        return items.member_item(entry, language="fr", base="https://h.example", commitments=True)
    if name == "An event":
        event = Event("e", {"fr": "E"}, clock.from_ms(0))
        return items.event_item(Listed(kept(event), MEMBER), language="fr", own={})
    if name == "An article":
        article = Article("a", "article", {"fr": "A"})
        return items.article_item(Listed(kept(article), MEMBER), language="fr", own={})
    resource = Resource("r", {"fr": "R"}, "statutes")
    return items.resource_item(Listed(kept(resource), MEMBER), language="fr", own={})


@pytest.mark.parametrize("name", ["A member", "An event", "A resource", "An article"])
def test_every_field_of_the_api_is_told(name: str) -> None:
    """In the order in which it comes."""
    part = section("docs/api.md", f"## {name}")
    told = [field for row in rows(part) for field in ticked(row[0])]
    item = api_item(name)
    assert sorted(told) == sorted(item)
    if name == "A member":
        inner = {*item["statement"], *item["statement"]["commitments"][0]}
        assert inner <= set(ticked(part.split("`statement` has")[1]))


def test_every_address_and_parameter_of_the_api_is_told() -> None:
    """The table of addresses, and one of what each parameter takes."""
    told = rows(section("docs/api.md", "## Addresses"))
    addresses = {ticked(row[0])[0]: ticked(row[2]) for row in told if len(row) == 3}
    assert addresses == {
        "/api/v1/members": list(query.MEMBERS),
        "/api/v1/members/{slug}": ["lang"],
        "/api/v1/events": list(query.EVENTS),
        "/api/v1/resources": list(query.RESOURCES),
        "/api/v1/articles": list(query.ARTICLES),
        "/api/v1/criteria": [],
    }
    assert list(addresses) == [route.path for route in routes.API]
    parameters = {name for row in told if len(row) == 2 for name in ticked(row[0])}
    known = {*query.PAGING, "lang", *query.MEMBERS, *query.EVENTS, *query.RESOURCES}
    assert parameters == known


# ------------------------------------------------------------------ federation


def test_the_tables_of_the_federation_are_the_codes() -> None:
    """Each stands in the page once; `./run docs` writes them anew."""
    page = text("FEDERATION.md")
    assert sorted(federation_page.places(page)) == sorted(federation_page.TABLES)
    stale = "FEDERATION.md is older than the cards and the code: ./run docs"
    assert page == federation_page.filled(page), stale


def test_a_stale_table_is_seen() -> None:
    """The checker can fail."""
    page = text("FEDERATION.md").replace("| `Follow` | hs |", "| `Follow` | h |")
    assert page != federation_page.filled(page)


def test_every_effect_is_told() -> None:
    """What comes of each activity that is handled."""
    told = {
        word
        for row in rows(section("FEDERATION.md", "## Activities"))
        if len(row) == 2
        for word in ticked(row[0])
    }
    assert set(HANDLERS) <= told


def test_every_proposal_in_the_code_is_told() -> None:
    """A FEP that the program names has a line in the table."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "pecfed").rglob("*.py"))
    named = {number.lower() for number in re.findall(r"FEP-([0-9a-fA-F]{4})", source)}
    told = {
        row[0].partition("[")[2][:4] for row in rows(section("FEDERATION.md", "## Supported FEPs"))
    }
    assert named - told == set()


def test_every_address_of_the_wire_is_told() -> None:
    """Health is for operators, the rest for other servers."""
    for route in routes.WIRE:
        page = "docs/operate.md" if "health" in route.handler.__module__ else "FEDERATION.md"
        assert f"`{route.path}`" in text(page), route.path


def test_the_examples_of_objects_are_valid() -> None:
    """By the schemas that hubs check with."""
    kinds: dict[str, schema.Kind] = {"Statement": "statement", "Resource": "resource",
                                     "Event": "event"}  # fmt: skip
    for name, kind in kinds.items():
        (block,) = fenced(section("FEDERATION.md", f"### {name}"), "json")
        document = {"@context": "https://www.w3.org/ns/activitystreams", **json.loads(block)}
        assert schema.problems(kind, document) == []


def test_the_example_of_invited_is_valid() -> None:
    """In both languages of the page, and the same."""
    blocks = [fenced(text(name), "toml")[0] for name in ("docs/hub.md", "docs/fr/annuaire.md")]
    assert blocks[0] == blocks[1]
    table = tomllib.loads(blocks[0])
    assert isinstance(table["gathered"], date)
    assert schema.problems("invited", table | {"gathered": table["gathered"].isoformat()}) == []


# ------------------------------------------------------------------ architecture


def test_the_rooms_are_those_that_the_test_enforces() -> None:
    """Row by row."""
    told = [set(ticked(row[1])) for row in rows(section("docs/architecture.md", "## The house"))]
    assert told == list(test_rooms.ROWS)


def test_every_table_is_told() -> None:
    """What the migrations make, and the file of the store that a table belongs to."""
    store = ROOT / "pecfed" / "store"
    scripts = [path.read_text("utf-8") for path in sorted((store / "migrations").glob("*.sql"))]
    made = {name for each in scripts for name in re.findall(r"CREATE TABLE (\w+)", each)}
    told = {
        name: ticked(row[2])
        for row in rows(section("docs/architecture.md", "## The store").split("\n### ")[0])
        for name in ticked(row[0])
    }
    assert told.keys() == made
    for name, files in told.items():
        assert any(name in (store / file).read_text("utf-8") for file in files), name


def test_the_transitions_are_told() -> None:
    """What each deed makes of an entry in each state."""
    told = {
        (state, ticked(row[0])[0]): cell
        for row in rows(section("docs/architecture.md", "## Membership"))
        for state, cell in zip(STATES, row[1:], strict=True)
        if cell
    }
    assert told == TRANSITIONS
    assert {deed for _, deed in told} == set(DEEDS)


def test_the_steps_of_the_queue_are_told() -> None:
    """What each step makes of an item in each state."""
    told = {
        (state, ticked(row[0])[0]): cell
        for row in rows(section("docs/architecture.md", "## Queue"))
        for state, cell in zip(queue.STATES, row[1:], strict=True)
        if cell
    }
    assert told == queue.TRANSITIONS


def test_the_ladder_is_told() -> None:
    """What each event can make of each standing."""
    told = {
        (standing, ticked(row[0])[0]): frozenset(cell.split())
        for row in rows(section("docs/architecture.md", "## Standing"))
        if len(row) == len(STANDINGS) + 1
        for standing, cell in zip(STANDINGS, row[1:], strict=True)
        if cell
    }
    assert told == standing_rules.TRANSITIONS


def limits() -> list[tuple[str, str]]:
    """What the table of limits says, and where in the code it stands."""
    return [
        (ticked(row[2])[0], row[1]) for row in rows(section("docs/architecture.md", "## Limits"))
    ]


@pytest.mark.parametrize(("where", "told"), limits())
def test_a_limit_is_what_the_code_says(where: str, told: str) -> None:
    """The number in the table is the constant, in its own unit."""
    module, _, name = where.rpartition(".")
    value = getattr(importlib.import_module(f"pecfed.{module}"), name)
    number = re.sub(r"(?<=\d),(?=\d{3})", "", told).split()[0]
    if where == "federation.deliver.BACK_OFF":
        first = [int(part.replace(",", "")) for part in re.findall(r"\d[\d,]*\d|\d+", told)]
        assert (*first[:-1], *first[-1:] * 6) == deliver.BACK_OFF
    elif hasattr(value, "total_seconds"):
        assert told.startswith(f"{value.total_seconds() / 60:g} minutes")
    else:
        assert int(number) == value


def test_every_refusal_of_the_inbox_is_told() -> None:
    """Each code that the way in can answer with, and no other."""
    files = ("federation/receive.py", "federation/signers.py", "federation/signing_rules.py",
             "federation/cavage.py", "federation/messages.py", "federation/public_keys.py",
             "language/wire.py", "http/inbox.py")  # fmt: skip
    source = "".join((ROOT / "pecfed" / name).read_text("utf-8") for name in files)
    codes = set(re.findall(r'(?:code=|\bno\(|_bad\()\s*"(\w+)"', source))
    part = section("docs/architecture.md", "## Receiving").split("\n### ")[0]
    told = {code for row in rows(part) for code in ticked(row[2])}
    assert told == codes | {"misdirected", "not_found", "too_many_keys"}
