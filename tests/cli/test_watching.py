"""`pecfed members archive|reopen|hide|unhide|merge|unmerge|apart|probe|still-true`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pecfed.app import open_node
from pecfed.services import likeness
from pecfed.settings import load
from pecfed.store import likenesses
from pecfed.store.database import Session
from tests.cli.test_members import fill
from tests.together.nodes import Node

INVITED = """
[[invited]]
id = "le-vel0"
name = "Vel0"
url = "https://www.velo.example/fr/"
summary.fr = "Une association inventée."
status = "active"
source = ["https://source.example/velo"]
"""
VELO = "velo@velo.example"


def change(hub: Node, work: Callable[[Session], Awaitable[Any]]) -> None:
    """Something in a hub's database."""

    async def run() -> None:
        async with open_node(load(hub.dir)) as node:
            await node.database.write(work)

    asyncio.run(run())


@pytest.fixture
def listed(hub: Node) -> Node:
    """A hub with a member, and an entry from public sources that may be the same."""
    fill(hub, "velo", state="member")
    hub.run("members", "invite", hub.write(INVITED))

    async def look(session: Session) -> None:
        for entry in await likenesses.unseen(session, 10):
            await likeness.noted(session, entry)

    change(hub, look)
    return hub


def said(hub: Node, *arguments: str) -> Any:
    """What a command says in JSON, when it does what is asked."""
    ran = hub.run("members", *arguments, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def test_show_tells_doubles_and_doubts(listed: Node) -> None:
    """Before anything is decided, in words and for scripts."""
    shown = said(listed, "show", "le-vel0")["likeness"]
    assert shown["doubles"] == [{"id": VELO, "name": "Velo", "why": ["same-site"]}]
    assert shown["suspicion"]["like"] == [{"kind": "look", "entry": VELO, "name": "Velo"}]
    words = listed.run("members", "show", "le-vel0").out
    assert f"may be the same as {VELO} (Velo): same-site" in words
    assert f"suspicion: its look looks like that of {VELO}" not in words
    assert f"suspicion: its name looks like that of {VELO} (Velo)" in words


def test_merge_and_back(listed: Node) -> None:
    """What is said of it, and what `show` tells then."""
    assert said(listed, "merge", VELO, "le-vel0")["membership"] == "member"
    assert said(listed, "show", VELO)["likeness"]["parts"] == ["le-vel0"]
    part = said(listed, "show", "le-vel0")
    assert part["membership"] == "left" and part["likeness"]["part_of"] == VELO
    ran = listed.run("members", "merge", VELO, "le-vel0")
    assert (ran.code, ran.out) == (1, "") and "part of another entry already" in ran.err
    assert "le-vel0 is invited now." in listed.run("members", "unmerge", "le-vel0").out
    assert said(listed, "show", VELO)["likeness"]["parts"] == []


def test_apart(listed: Node) -> None:
    """They are two from now on."""
    assert "are two" in listed.run("members", "apart", VELO, "le-vel0").out
    assert said(listed, "show", "le-vel0")["likeness"]["doubles"] == []


def test_archive_and_back(listed: Node) -> None:
    """With date and successor; a member and one from public sources come back as they were."""
    made = said(listed, "archive", VELO, "--reason", "closed", "--closed",
                "--successor", "https://heirs.example")  # fmt: skip
    assert made["membership"] == "archived"
    assert made["liveness"]["successor"] == "https://heirs.example"
    assert "the organisation has closed" in listed.run("members", "show", VELO).out
    assert said(listed, "archive", "le-vel0", "--reason", "other")["membership"] == "archived"
    assert said(listed, "reopen", VELO)["membership"] == "member"
    assert said(listed, "reopen", "le-vel0")["membership"] == "invited"
    assert said(listed, "show", VELO)["liveness"]["archived"] is None


def test_hide_and_show_again(listed: Node) -> None:
    """Both are lines in the log."""
    assert said(listed, "hide", VELO)["liveness"]["hidden"]
    assert "its label is hidden since" in listed.run("members", "show", VELO).out
    assert said(listed, "unhide", VELO)["liveness"]["hidden"] is None
    deeds = [line["deed"] for line in said(listed, "show", VELO)["log"]]
    assert deeds[-2:] == ["hide", "unhide"]


REFUSED = (
    (("merge", VELO), 2, "say which two"),
    (("merge", VELO, VELO), 1, "are one entry already"),
    (("merge", "le-vel0", VELO), 1, f"members merge {VELO} le-vel0"),
    (("unmerge", VELO), 1, "part of no other entry"),
    (("apart", VELO, "nobody"), 1, "there is no entry 'nobody'"),
    (("archive", VELO), 2, "give a --reason"),
    (("archive", VELO, "--reason", "mood"), 2, "choose one of"),
    (("archive", VELO, "--reason", "other", "--successor", "x"), 2, "write its address"),
    (("reopen", VELO), 1, "not archived"),
    (("unhide", VELO), 1, "isn't hidden"),
    (("hide", "nobody"), 1, "there is no entry"),
    (("probe", "le-vel0"), 1, "no member"),
    (("still-true", "nobody"), 1, "there is no entry"),
    (("still-true", VELO), 1, "its actor is gone"),
    (("restore", "le-vel0"), 1, "no actor that could be a member"),
)
"""What can't be done, the exit code, and what is said then."""


def test_refused(listed: Node) -> None:
    """With what would work, and nothing is changed."""
    before = listed.rows("SELECT * FROM log"), listed.rows("SELECT * FROM members")
    for arguments, code, words in REFUSED:
        ran = listed.run("members", *arguments)
        assert (ran.code, ran.out) == (code, ""), arguments
        assert words in ran.err, arguments
    assert (listed.rows("SELECT * FROM log"), listed.rows("SELECT * FROM members")) == before


def test_a_probe_in_vain_says_why(listed: Node) -> None:
    """And ends with 1, for scripts."""
    change(listed, lambda session: session.run(
        "UPDATE members SET uri = 'http://127.0.0.1:1/actors/velo' WHERE slug = ?", VELO
    ))  # fmt: skip
    ran = listed.run("members", "probe", VELO)
    assert ran.code == 1 and ran.out.startswith(f"{VELO}: ")
    assert "no answer since" in ran.out
