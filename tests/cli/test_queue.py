"""`pecfed queue`: what waits, decided from the shell by the services that the pages use."""

from __future__ import annotations

import asyncio

from pecfed.app import open_node
from pecfed.services.queue import open_item
from pecfed.settings import load
from pecfed.store.database import Session
from tests.cli.test_members import fill
from tests.together.nodes import Node


def wait(hub: Node, kind: str, name: str) -> None:
    """Something of that kind waits."""

    async def work(session: Session) -> None:
        await open_item(session, kind, subject=f"https://{name}.example/actors/{name}")  # type: ignore[arg-type]

    async def run() -> None:
        async with open_node(load(hub.dir)) as node:
            await node.database.write(work)

    asyncio.run(run())


def test_from_the_list_to_a_decision(hub: Node) -> None:
    """List, show, decide, undo, decide now; each as words and as JSON."""
    assert hub.run("queue", "list").out == "Nothing waits.\n"
    fill(hub, "velo", "panier")
    wait(hub, "join", "velo")
    wait(hub, "join", "panier")
    wait(hub, "stale", "panier")
    page = hub.run("queue", "list", "--kind", "join", "--limit", "1", "--json").json
    assert (page["total"], len(page["items"])) == (2, 1)
    (more,) = hub.run("queue", "list", "--kind", "join", "--cursor", page["next"], "--json").json[
        "items"
    ]
    item = page["items"][0]
    assert (item["kind"], item["state"], item["decision"]) == ("join", "open", None)
    assert more["number"] != item["number"]
    number = str(item["number"])

    decided = hub.run("queue", "publish", number, "--reason", "meets-criteria")
    assert decided.code == 0 and f"pecfed queue undo {number}" in decided.out
    shown = hub.run("queue", "show", number, "--json").json
    assert (shown["name"], shown["state"], shown["by"]) == ("Velo", "decided", "operator")
    assert shown["due"] > shown["opened"]
    again = hub.run("queue", "refuse", number, "--reason", "other")
    assert again.code == 1 and "can't decide it" in again.err
    assert hub.run("queue", "undo", number, "--json").json["state"] == "open"
    assert hub.run("queue", "note", number, "--message", "Vu.").code == 0
    done = hub.run("queue", "refuse", number, "--reason", "other", "--message", "Non.", "--now")
    assert "is done now" in done.out
    assert hub.run("members", "list", "--state", "refused", "--json").json["total"] == 1
    words = hub.run("queue", "show", number).out
    assert "note by operator" in words and "refuse by operator other Non." in words
    assert hub.run("queue", "undo", number).code == 1
    assert len(hub.run("queue", "list").out.splitlines()) == 2


def test_what_is_refused(hub: Node) -> None:
    """With what is wrong, and what to do."""
    wait(hub, "join", "velo")
    for words, code, said in (
        (("show",), 2, "say which"),
        (("show", "99"), 1, "the queue has no item 99"),
        (("publish", "1"), 2, "give a reason"),
        (("publish", "1", "--reason", "nice"), 2, "choose one of"),
        (("ask", "1", "--reason", "incomplete"), 2, "write the question"),
        (("later", "1", "--until", "soon"), 2, "is no day"),
        (("publish", "1", "--reason", "other", "--label"), 2, "the label goes with"),
        (("note", "1"), 2, "a note has"),
        (("list", "--limit", "0"), 2, "choose between"),
        (("list", "--cursor", "x"), 2, "cursor"),
    ):
        ran = hub.run("queue", *words)
        assert (ran.code, said in ran.err) == (code, True), (words, ran.err)
