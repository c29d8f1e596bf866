"""`pecfed groups` and `pecfed announce`: what a hub's operator sees, withdraws and announces."""

from __future__ import annotations

import asyncio
import sqlite3

from pecfed import clock
from pecfed.app import open_node
from pecfed.domain.resource import Resource
from pecfed.services import gather, groups, setup
from pecfed.services.groups import Offered
from pecfed.settings import load
from pecfed.store.database import Session
from tests.cli.test_members import fill
from tests.together.nodes import Node

MEMBER = "https://velo.example/actors/velo"
THING = "https://velo.example/objects/statuts"
GROUP = "governance_legal"


def publish(hub: Node) -> None:
    """A member has addressed something to a group, and the hub has taken it."""
    fill(hub, "velo", state="member")

    async def run() -> None:
        async with open_node(load(hub.dir)) as node:

            async def work(session: Session) -> None:
                now = clock.now_ms()
                await gather.keep(
                    session, node.uris, await setup.the_hub(session), uri=THING, actor_uri=MEMBER,
                    content=Resource("statuts", {"fr": "Nos statuts"}, "statutes", "public"),
                    url=THING, published_at=now, updated_at=now, policy="chosen", per_hour=5,
                )  # fmt: skip
                activity = {"id": "https://velo.example/activities/1", "type": "Create"}
                offered = Offered(
                    "Create", THING, MEMBER, "", THING, {node.uris.actor(GROUP)}, activity
                )
                assert await groups.pass_on(session, node.uris, offered, MEMBER) == [GROUP]

            await node.database.write(work)

    asyncio.run(run())


def said(hub: Node, username: str) -> list[str]:
    """The types of what an actor of the hub has said, in order."""
    rows = hub.rows(
        "SELECT a.type FROM activities a JOIN actors b ON b.id = a.actor_id "
        f"WHERE b.username = '{username}' ORDER BY a.id"
    )
    return [row["type"] for row in rows]


def test_list_and_sync(hub: Node) -> None:
    """Three from the start, with their handles; there is nothing to make."""
    found = hub.json("groups", "list")
    assert [each["working_group"] for each in found["items"]] == [
        "governance-legal", "economics-funding", "software-cooperation",
    ]  # fmt: skip
    assert {(each["followers"], each["announced"]) for each in found["items"]} == {(0, 0)}
    assert f"@{GROUP}@" in hub.run("groups", "list").out
    assert hub.json("groups", "sync") == {"changed": []}
    with sqlite3.connect(hub.dir / "pecfed.db") as database:  # a charter of another wording
        database.execute("UPDATE actors SET profile = replace(profile, 'juridique', 'droit')")
    database.close()
    assert hub.json("groups", "sync") == {"changed": [GROUP]}
    assert said(hub, GROUP) == ["Update"]


def test_withdraw_and_restore(hub: Node) -> None:
    """Both announcements are taken back, and made again; the log says who and why."""
    publish(hub)
    (item,) = hub.json("groups", "show", GROUP)["items"]
    assert (item["object"], item["title"], item["state"]) == (THING, "Nos statuts", "shown")
    ran = hub.run("groups", "withdraw", THING, "--reason", "out-of-scope", "--message", "Non.")
    assert (ran.code, ran.out) == (0, f"{THING}: withdrawn from {GROUP}.\n")
    (item,) = hub.json("groups", "show", f"@{GROUP}")["items"]
    assert hub.json("groups", "show", "governance-legal")["items"] == [item]  # as files name it
    assert (item["state"], item["reason"]) == ("withdrawn", "out-of-scope")
    assert "no group" in hub.run("groups", "withdraw", THING, "--reason", "other").out
    assert hub.json("groups", "restore", THING, "--group", GROUP) == {
        "object": THING, "restore": [GROUP],
    }  # fmt: skip
    assert said(hub, GROUP) == ["Announce", "Announce", "Undo", "Undo", "Announce", "Announce"]
    log = hub.json("members", "show", "velo@velo.example")["log"]
    assert [line["deed"] for line in log[1:]] == ["group-withdraw", "group-restore"]


def test_groups_refuses(hub: Node, velo: Node) -> None:
    """What can't be done is said, with what to do."""
    for words, code, told in (
        (("show", "knitting"), 2, "there is no group 'knitting'"),
        (("withdraw", THING, "--reason", "other"), 1, "no group announced it"),
        (("withdraw", THING), 2, "give a --reason"),
        (("withdraw", THING, "--reason", "mood"), 2, "choose one of"),
        (("restore",), 2, "say which object"),
    ):
        ran = hub.run("groups", *words)
        assert ran.code == code and told in ran.err, words
    assert "not a hub" in velo.run("groups", "list").err


def test_announce_by_hand(hub: Node, velo: Node) -> None:
    """Once; taken back, it isn't announced again but by hand."""
    assert hub.run("announce", THING).code == 1
    publish(hub)
    assert said(hub, "communs") == []
    assert hub.json("announce", THING) == {"object": THING, "state": "announced", "changed": True}
    assert hub.json("announce", THING)["changed"] is False
    assert "withdrawn" in hub.run("announce", THING, "--undo").out
    assert "doesn't announce" in hub.run("announce", THING, "--undo").err
    assert hub.json("announce", THING)["changed"] is True
    assert said(hub, "communs") == ["Announce", "Undo", "Announce"]
    assert "not a hub" in velo.run("announce", THING).err
