"""`pecfed conversations` and `pecfed reports`: what an operator types, and what comes back."""

from __future__ import annotations

import asyncio

import pytest

from pecfed import clock
from pecfed.app import open_node
from pecfed.domain.conversation import Said
from pecfed.settings import load
from pecfed.store import actors, conversations, reports
from pecfed.store.database import Session
from tests.together.nodes import Node


def fill(node: Node, count: int = 1) -> None:
    """Mentions and a report, as if others had sent them."""

    async def work(session: Session) -> None:
        me = next(each for each in await actors.everyone(session) if each.card == "member")
        for number in range(count):
            uri = f"https://x.example/{number}"
            said = Said(uri, "https://x.example/u", f"Bonjour\n\x1b[2J {number}", (uri,), "fr", uri,
                        True, "", clock.now_ms(), clock.now_ms())  # fmt: skip
            await conversations.add(
                session, said, host="x.example", handle="u@x.example", name="U\x1b[2J",
                actor_id=me.id, about_uri=me.uri, kind="mention", now=clock.now_ms(),
            )  # fmt: skip
        await reports.add(
            session, activity_uri="https://x.example/f", actor_uri="https://x.example/u",
            host="x.example", about=[me.uri], content="Faux", now=clock.now_ms(),
        )  # fmt: skip

    async def run() -> None:
        async with open_node(load(node.dir)) as opened:
            await opened.database.write(work)

    asyncio.run(run())


def test_list_show_hide(velo: Node) -> None:
    """The newest first, page by page; what is shown is new no longer; hidden ones on demand."""
    fill(velo, 3)
    first = velo.run("conversations", "list", "--limit", "2", "--json").json
    assert [item["uri"] for item in first["items"]] == [
        "https://x.example/2",
        "https://x.example/1",
    ]
    rest = velo.run("conversations", "list", "--cursor", first["next"], "--json").json
    assert ([item["number"] for item in rest["items"]], rest["next"]) == ([1], None)
    assert velo.run("status", "--json").json["conversations"] == {"new": 3, "reports": 1}
    shown = velo.run("conversations", "show", "2", "--json").json
    assert (shown["state"], shown["answers"], shown["links"]) == (
        "seen", [], ["https://x.example/1"],
    )  # fmt: skip
    assert velo.run("conversations", "hide", "1", "--json").json["hidden"] == "operator"
    new = velo.run("conversations", "list", "--state", "new", "--json").json["items"]
    assert [item["number"] for item in new] == [3]
    every = velo.run("conversations", "list", "--hidden", "--json").json["items"]
    assert len(every) == 3
    assert velo.run("conversations", "unhide", "1", "--json").json["hidden"] == ""
    for words in (("list",), ("show", "3"), ("hide", "3")):
        ran = velo.run("conversations", *words)
        assert (ran.code, "\x1b" in ran.out) == (0, False)
    assert "1 new" not in velo.run("status").out


def test_reports(velo: Node) -> None:
    """Open until they are closed."""
    assert velo.run("reports", "list").out == "Nothing.\n"
    fill(velo)
    (item,) = velo.run("reports", "list", "--json").json["items"]
    assert (item["number"], item["content"], item["closed"]) == (1, "Faux", None)
    assert "Faux" in velo.run("reports", "show", "1").out
    assert velo.run("reports", "close", "1").code == 0
    assert velo.run("reports", "list", "--json").json["items"] == []
    assert velo.run("reports", "list", "--all", "--json").json["items"][0]["closed"]


def test_an_author_that_can_not_be_asked(velo: Node) -> None:
    """Nothing is sent, and the reason is told."""
    fill(velo)
    ran = velo.run("conversations", "answer", "1", "Merci")
    assert (ran.code, ran.out) == (1, "")
    assert velo.run("conversations", "list", "--state", "answered", "--json").json["items"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("conversations", "show"), 2),
        (("conversations", "show", "9"), 1),
        (("conversations", "answer", "9"), 2),
        (("conversations", "answer", "9", "x"), 1),
        (("conversations", "list", "--limit", "0"), 2),
        (("conversations", "list", "--cursor", "x"), 2),
        (("reports", "show"), 2),
        (("reports", "close", "9"), 1),
    ],
)
def test_asked_in_the_wrong_way(velo: Node, arguments: tuple[str, ...], code: int) -> None:
    """Words and a code."""
    ran = velo.run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("pecfed: ")
