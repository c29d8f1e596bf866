"""`pecfed members`: what a hub's operator sees and decides."""

from __future__ import annotations

import asyncio

import pytest

from pecfed import clock
from pecfed.app import open_node
from pecfed.domain.membership import REASONS, State
from pecfed.domain.profile import Profile
from pecfed.settings import load
from pecfed.store import members
from pecfed.store.database import Session
from tests.together.nodes import Node, call

FIELDS = {
    "id", "uri", "handle", "name", "url", "membership", "standing", "source", "statement",
    "updated",
}  # fmt: skip
INVITED = """
[[invited]]
id = "abeille"
name = "L'Abeille"
url = "https://abeille.example"
summary.fr = "Une association inventée."
status = "active"
source = ["https://source.example/abeille"]
"""


def fill(hub: Node, *names: str, state: State = "asked") -> None:
    """Entries of that state, as if their nodes had asked."""

    async def work(session: Session) -> None:
        for name in names:
            uri = f"https://{name}.example/actors/{name}"
            entry = await members.add(
                session, slug=f"{name}@{name}.example", uri=uri, state=state,
                profile=Profile(name.capitalize(), url=f"https://{name}.example"), source=[uri],
                now=clock.now_ms(),
            )  # fmt: skip
            await members.log(session, entry.id, clock.now_ms(), "ask", "", state, uri, "", "")

    async def run() -> None:
        async with open_node(load(hub.dir)) as node:
            await node.database.write(work)

    asyncio.run(run())


def test_list(hub: Node) -> None:
    """Every entry, in every state, with the agreed fields; by name, the invited last."""
    fill(hub, "velo", "panier")
    fill(hub, "toits", state="left")
    assert hub.run("members", "invite", hub.write(INVITED), "--json").json == {
        "invited": 1, "unchanged": 0, "kept_off": [],
    }  # fmt: skip
    listing = hub.run("members", "list", "--json").json
    assert set(listing) == {"items", "total", "next"}
    assert (listing["total"], listing["next"]) == (4, None)
    assert [item["name"] for item in listing["items"]] == ["Panier", "Toits", "Velo", "L'Abeille"]
    assert [item["membership"] for item in listing["items"]] == [
        "asked",
        "left",
        "asked",
        "invited",
    ]
    assert all(set(item) >= FIELDS for item in listing["items"])
    asked, _, _, invited = listing["items"]
    assert (invited["id"], invited["uri"], invited["handle"]) == ("abeille", None, None)
    assert invited["source"] == ["https://source.example/abeille"]
    assert (invited["standing"], invited["statement"]) == ("none", None)
    assert asked["id"] == asked["handle"] == "panier@panier.example"
    assert asked["uri"] == "https://panier.example/actors/panier"
    assert asked["url"] == "https://panier.example"
    assert asked["updated"].endswith("Z")
    shown = hub.run("members", "list").out.splitlines()
    assert len(shown) == 4
    assert shown[0].split() == ["asked", "none", "panier@panier.example", "Panier"]
    only = hub.run("members", "list", "--state", "left", "--json").json
    assert [item["id"] for item in only["items"]] == ["toits@toits.example"]


def test_list_page_by_page(hub: Node) -> None:
    """`--limit` and `--cursor` walk through all, each entry once; wrong ones are refused."""
    names = [f"n{number:02}" for number in range(23)]
    fill(hub, *names)
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        more = ("--cursor", cursor) if cursor else ()
        page = hub.run("members", "list", "--json", "--limit", "5", *more).json
        assert page["total"] == 23
        assert len(page["items"]) == (5 if page["next"] else 3)
        seen += [item["name"].lower() for item in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert seen == names
    assert pages == 5
    for wrong in (("--limit", "0"), ("--limit", "201"), ("--cursor", "x")):
        ran = hub.run("members", "list", "--json", *wrong)
        assert (ran.code, ran.out) == (2, "")


def test_every_decision(hub: Node) -> None:
    """Accept, suspend, restore, refuse: each prints the entry, and leaves a line in the log."""
    fill(hub, "velo", "panier")
    name = "velo@velo.example"
    for deed, more, state in (
        ("accept", (), "member"),
        ("suspend", ("--reason", "not-verifiable", "--message", "Preuves ?"), "suspended"),
        ("restore", (), "member"),
    ):
        item = hub.json("members", deed, name, *more)
        assert set(item) >= FIELDS
        assert (item["id"], item["membership"]) == (name, state)
    ran = hub.run("members", "refuse", "panier@panier.example", "--reason", "out-of-scope")
    assert ran == (0, "panier@panier.example is refused now.\n", "")

    entry = hub.json("members", "show", name)
    assert set(entry) >= FIELDS | {"log"}
    told = [(line["deed"], line["from_state"], line["to_state"], line["reason"], line["message"])
            for line in entry["log"]]  # fmt: skip
    assert told == [
        ("ask", "", "asked", "", ""),
        ("accept", "asked", "member", "meets-criteria", ""),
        ("suspend", "member", "suspended", "not-verifiable", "Preuves ?"),
        ("restore", "suspended", "member", "resolved", ""),
    ]
    assert [line["by"] for line in entry["log"]] == [entry["uri"], *["operator"] * 3]
    assert all(line["at"].endswith("Z") for line in entry["log"])
    assert "Preuves ?" in hub.run("members", "show", name).out


@pytest.mark.parametrize(
    "name", ["velo@velo.example", "@velo@velo.example", "https://velo.example/actors/velo"]
)
def test_who_is_meant(hub: Node, name: str) -> None:
    """A member is named by its id, its handle, or its actor's address."""
    fill(hub, "velo")
    assert hub.json("members", "show", name)["name"] == "Velo"
    assert hub.json("members", "accept", name)["membership"] == "member"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("accept",), 2, "say which member"),
        (("show", "nobody@velo.example"), 1, "there is no entry 'nobody@velo.example'"),
        (("accept", "nobody@velo.example"), 1, "there is no entry"),
        (("suspend", "velo@velo.example"), 2, "give a --reason, one of meets-criteria"),
        (("suspend", "velo@velo.example", "--reason", "abuse"), 1,
         "velo@velo.example is asked: can't suspend it (possible: accept, refuse, merge)"),
        (("refuse", "velo@velo.example", "--reason", "mood"), 2, "reason 'mood': choose one of"),
        (("restore", "velo@velo.example"), 1, "can't restore it"),
        (("invite", "/nowhere.toml"), 1, "/nowhere.toml: No such file"),
        (("list", "--state", "king"), 2, "invited"),
    ],
)  # fmt: skip
def test_refused(hub: Node, arguments: tuple[str, ...], code: int, words: str) -> None:
    """What can't be decided is refused with what would work, and nothing is changed."""
    fill(hub, "velo")
    before = hub.rows("SELECT * FROM log")
    ran = hub.run("members", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert hub.rows("SELECT * FROM log") == before
    assert hub.json("members", "show", "velo@velo.example")["membership"] == "asked"


def test_reasons_are_shown() -> None:
    """Every reason code stands in the help."""
    said = call("members", "--help").out
    assert all(reason in said for reason in REASONS)


def test_on_a_member_node(velo: Node) -> None:
    """A node that is no hub has no members to speak of."""
    ran = velo.run("members", "list")
    assert (ran.code, ran.out) == (2, "")
    assert "this node is not a hub" in ran.err


def test_check_and_invite_refuse_in_words(hub: Node) -> None:
    """Nobody was asked, nobody answers there, or it is this hub itself; nothing changes."""
    fill(hub, "velo")
    said = hub.run("members", "check", "velo@velo.example")
    assert (said.code, "no open invitation" in said.err) == (1, True)
    assert hub.run("members", "check", "@nobody@nowhere.example").code == 1
    away = hub.run("members", "invite", "http://127.0.0.1:9/actors/nobody")
    assert away.code == 1 and "127.0.0.1:9" in away.err
    assert hub.run("members", "list", "--state", "invited", "--json").json["total"] == 0
