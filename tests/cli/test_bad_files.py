"""An invalid file is refused: which file, where in it, what is wrong, what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import Node
from tests.together.world import World

GOOD = actor() + statement() + event("ag") + resource("statuts")


def changed(old: str, new: str) -> str:
    """The good file with one thing that is wrong."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# what is wrong: (the file's text, what is said after the file's name)
TABLE = {
    "an open quote": (changed('"Vélo Commun"', '"Vélo Commun'), "(at line 2, column 20)"),
    "no value": (changed('name = "Vélo Commun"', "name ="), "(at line 2, column 7)"),
    "a key twice": (changed("[actor]\n", '[actor]\nname = "A"\n'), "(at line 3"),
    "a day that isn't": (changed("declared = 2026-11-16", "declared = 2026-02-30"), "(at line"),
    "a misspelt key": (
        changed("legal_form", "legal_from"),
        "/actor: the key 'legal_from' is unknown; did you mean 'legal_form'?",
    ),
    "a misspelt table": (
        changed("[[event]]", "[[events]]"),
        "/: the key 'events' is unknown; did you mean 'event'?",
    ),
    "one event, not a list": (changed("[[event]]", "[event]"), "/event: a table is not a list"),
    "an unknown commitment": (
        changed("governance-1", "governance-9"),
        "/charter/commitments: the key 'governance-9' is unknown; did you mean",
    ),
    "an unknown level": (
        changed("practised", "practiced"),
        "/charter/commitments/governance-1/level: 'practiced' is not one of practised, "
        "in-progress, planned, not-applicable; did you mean 'practised'?",
    ),
    "an unknown charter": (
        changed('version = "2018"', 'version = "2017"'), "/charter/version: '2017' is not '2018'",
    ),
    "a statement that has ended": (
        changed("2099-11-23", "2026-11-01"),
        "/charter/valid_until: 2026-11-01 is before the day the statement is made, 2026-11-16",
    ),
    "a statement without an end": (
        changed("valid_until = 2099-11-23\n", ""), "/charter: the key 'valid_until' is missing",
    ),
    "a date in words": (
        changed("2099-05-12T18:00:00", '"12 mai 2099"'),
        "/event/0/start: '12 mai 2099' is not a date (2027-05-12), a local time",
    ),
    "a time of day": (changed("2099-05-12T18:00:00", "18:00:00"), "/event/0/start: '18:00:00' is"),
    "an end before the start": (
        changed("2099-05-12T20:00:00", "2099-05-12T17:00:00"),
        "/event/0/end: 2099-05-12T17:00:00 is before the start, 2099-05-12T18:00:00",
    ),
    "an end before the start, by its offset": (
        changed("2099-05-12T20:00:00", "2099-05-12T20:00:00+05:00"),
        "/event/0/end: 2099-05-12T20:00:00+05:00 is before the start, 2099-05-12T18:00:00",
    ),
    "the end of time": (
        changed("start = 2099-05-12T18:00:00\nend = 2099-05-12T20:00:00", "start = 9999-12-31"),
        "/event/0/start: 9999-12-31 is not in a year before 9998",
    ),
    "an event without a name": (
        changed('name.fr = "Assemblée"\n', ""), "/event/0: the key 'name' is missing",
    ),
    "a uid twice": (
        GOOD + event("ag"),
        "/event/1/uid: 'ag' is already the uid of event 0; each needs its own",
    ),
    "a resource's uid twice": (
        GOOD + resource("guide") + resource("statuts"),
        "/resource/2/uid: 'statuts' is already the uid of resource 0; each needs its own",
    ),
    "a uid with a space": (changed('"statuts"', '"nos statuts"'), "/resource/0/uid: 'nos statuts'"),
    "an unknown time zone": (
        changed("Europe/Paris", "Europe/Nantes"),
        "/event/0/timezone: 'Europe/Nantes' is no time zone; write one as Europe/Paris",
    ),
    "half a time zone": (
        changed("Europe/Paris", "Europe"),
        "/event/0/timezone: 'Europe' is no time zone; write one as Europe/Paris",
    ),
    "a time zone out of its folder": (
        changed("Europe/Paris", "../../etc/passwd"), "/event/0/timezone: '../../etc/passwd' is not",
    ),
    "a local time without a zone": (
        changed('timezone = "Europe/Paris"\n', ""), "/event/0: the key 'timezone' is missing",
    ),
    "an address that isn't": (
        changed('"public"\nurl = "https://velo.example/statuts.pdf"', '"public"\nurl = "velo"'),
        "/resource/0/url: 'velo' is not an http or https address",
    ),
    "a script for an address": (
        changed('evidence = ["https://velo.example/statuts.pdf"]', 'evidence = ["javascript:x()"]'),
        "/charter/commitments/governance-1/evidence/0: 'javascript:x()' is not an http or https",
    ),
    "an unknown kind": (changed('"statutes"', '"statute"'), "did you mean 'statutes'?"),
    "an unknown openness": (
        changed('"public"', '"open"'), "/resource/0/openness: 'open' is not one of public, members",
    ),
    "no openness": (
        changed('openness = "public"\n', ""), "/resource/0: the key 'openness' is missing",
    ),
    "an unknown sector": (changed('"mobility"', '"mobilité"'), "did you mean 'mobility'?"),
    "an unknown working group": (
        GOOD.replace("governance-legal", "governance", 1), "did you mean 'governance-legal'?",
    ),
    "a country by its name": (
        changed('name = "Nantes", country = "FR"', 'name = "Nantes", country = "France"'),
        "/actor/location/country: 'France' is not a country's two capital letters",
    ),
    "a user name with an accent": (
        changed("[actor]\n", '[actor]\nusername = "vélo"\n'),
        "/actor/username: 'vélo' is not a name of 1 to 30 characters",
    ),
    "a number for a user name": (
        changed("[actor]\n", "[actor]\nusername = 7\n"), "/actor/username: 7 is not a text",
    ),
    "not a number": (changed("47.2184", "nan"), "/actor/location/latitude: nan is not a number"),
    "a text that holds nothing": (changed('name = "Vélo Commun"', 'name = ""'), "/actor/name"),
    "a text that can't be stored": (
        changed('name = "Vélo Commun"', 'name = "V\\u0000lo"'),
        "/actor/name: the text holds a null character",
    ),
    "nothing": ("", "/: there is nothing in it"),
    "lists without end": ("a = " + "[" * 5000 + "]" * 5000, "nested too deep"),
    "a number without end": ("a = 1" + "0" * 5000, "a number in it is too long"),
}  # fmt: skip


def everything(node: Node) -> list[Any]:
    """What the node's database holds."""
    tables = ("actors", "objects", "activities", "deliveries", "statement_versions")
    return [node.rows(f"SELECT * FROM {table}") for table in tables]


def refused(node: Node, file: Path) -> str:
    """What is said after the file's name, when the file is refused and nothing has happened."""
    before = everything(node)
    ran = node.run("apply", file, "--yes", "--json")
    assert everything(node) == before
    assert (ran.code, ran.out) == (1, ""), ran
    start = f"pecfed: {file}: "
    assert ran.err.startswith(start), ran.err
    return ran.err.removeprefix(start)


@pytest.fixture(scope="module")
def untouched(shared_world: World) -> Node:
    """A node that publishes nothing, for files that must not change that."""
    node = shared_world.new("velo")
    assert node.init().code == 0
    return node


@pytest.mark.parametrize("what", TABLE)
def test_refused(untouched: Node, what: str) -> None:
    """Each invalid file is refused with its place and what would be right; nothing is published."""
    text, words = TABLE[what]
    said = refused(untouched, untouched.write(text))
    assert words in said
    if words.startswith("/"):
        assert said.startswith(words)
    assert said.count("\n") == 1


def test_the_good_one(velo: Node) -> None:
    """The file that all of these were made from is applied."""
    assert velo.apply(GOOD)["created"] == 3


def test_files_that_are_no_text(velo: Node, tmp_path: Path) -> None:
    """A missing file, a folder, bytes that are no UTF-8, and too many of them."""
    assert refused(velo, tmp_path / "missing.toml") == "No such file or directory\n"
    assert refused(velo, tmp_path) == "Is a directory\n"
    latin = tmp_path / "latin.toml"
    latin.write_bytes(GOOD.encode("latin-1"))
    assert "UTF-8" in refused(velo, latin)
    large = velo.write(GOOD + "#" * 2_000_000)
    assert refused(velo, large) == "larger than 2000000 bytes\n"


def test_a_mark_at_the_beginning(velo: Node) -> None:
    """A byte order mark, which some editors write, is no error."""
    assert velo.apply("\ufeff" + GOOD)["created"] == 3


def test_several_mistakes(velo: Node) -> None:
    """Every mistake is named, each on a line of its own that begins with the file."""
    file = velo.write(changed("legal_form", "legal_from").replace("statutes", "statute"))
    ran = velo.run("apply", file, "--yes")
    lines = ran.err.removeprefix("pecfed: ").splitlines()
    assert ran.code == 1
    assert len(lines) == 2
    assert all(line.startswith(f"{file}: /") for line in lines)


def test_as_a_process(velo: Node) -> None:
    """The same from outside: exit code 1, the sentence on standard error, no word of Python."""
    velo.real = True
    said = refused(velo, velo.write(changed("practised", "practiced")))
    assert "did you mean 'practised'?" in said
    assert "Traceback" not in said
    bad = velo.write(changed("[actor]\n", '[actor]\nusername = "vélo"\n'))
    assert refused(velo, bad).startswith("/actor/username")
