"""Every command explains itself, and says no in the agreed way."""

from __future__ import annotations

import re

import pytest

from pecfed import __version__
from tests.together.nodes import call, pecfed

COMMANDS = (
    "demo", "init", "serve", "apply", "assessment", "join", "leave", "status", "retry", "actors",
    "export", "keys", "members", "queue", "claims", "groups", "announce", "conversations",
    "reports", "blocks", "notices", "people", "contest", "replies",
    "admin", "verify",
)  # fmt: skip


def test_the_list_of_commands() -> None:
    """`pecfed --help` names every command that this file knows, and no other."""
    ran = pecfed("--help")
    assert ran.code == 0
    assert tuple(re.findall(r"^    ([a-z]+)(?: |$)", ran.out, re.MULTILINE)) == COMMANDS
    assert call("--version").out == f"pecfed {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_with_an_example(command: str) -> None:
    """`--help` of each command exits 0 and shows an example of that very command."""
    ran = call(command, "--help")
    assert ran.code == 0
    _, _, examples = ran.out.partition("examples:\n")
    assert f"  pecfed {command}" in examples


@pytest.mark.parametrize(
    "command", ["apply", "join", "leave", "status", "retry", "actors", "members"]
)
def test_json_for_scripts(command: str) -> None:
    """Each command that a script would ask has `--json`."""
    assert "--json" in call(command, "--help").out


@pytest.mark.parametrize(
    "arguments",
    [(), ("fly",), ("status",), ("status", "--dir", "x", "--fast"), ("init", "--dir", "x"),
     ("members", "--dir", "x", "praise"), ("serve", "--dir", "x", "--processes", "two")],
)  # fmt: skip
def test_asked_in_the_wrong_way(arguments: tuple[str, ...]) -> None:
    """What isn't a command, an option or a value exits 2, with the usage."""
    ran = call(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: pecfed" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("serve",), ("apply", "f.toml"), ("join", "https://hub.example"),
     ("members", "list"), ("actors", "list")],
)  # fmt: skip
def test_no_node_in_the_folder(arguments: tuple[str, ...]) -> None:
    """A folder without a node exits 2 with one sentence that says how to make one."""
    command, *rest = arguments
    ran = call(command, "--dir", "/nowhere/at/all", *rest)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "pecfed: there is no node in /nowhere/at/all; make one with: "
        "pecfed init --dir /nowhere/at/all\n"
    )
