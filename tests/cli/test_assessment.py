"""`pecfed assessment`, and `apply` beside what the admin pages published."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from pecfed.app import open_node
from pecfed.domain.review import Review
from pecfed.domain.statement import Declared, digest
from pecfed.federation.node import Node as Opened
from pecfed.services import assessment, setup
from pecfed.services import review as sending
from pecfed.settings import load
from pecfed.store import remotes
from pecfed.store.database import Session
from tests.together.files import statement
from tests.together.nodes import Node, eventually
from tests.together.world import World


def drafted(node: Node, answer: Declared, *, publish: bool = False) -> None:
    """An answer, as the admin pages save it."""

    async def run() -> None:
        async with open_node(load(node.dir)) as opened:

            async def work(session: Session) -> None:
                me = await setup.speaker(session)
                await assessment.save(session, me, answer, 0)
                if publish:
                    made = assessment.candidate(await assessment.look(session, me))
                    await assessment.publish(session, opened.uris, me, digest(made.to_value()))

            await opened.database.write(work)

    asyncio.run(run())


def test_how_far_it_is(velo: Node) -> None:
    """Nothing, a draft, half an answer; what is complete can be exported, in TOML and JSON."""
    assert velo.run("assessment", "export").code == 1
    assert velo.run("assessment", "export", "--draft").code == 1
    drafted(velo, Declared("data-1", "in-progress"))
    drafted(velo, Declared("data-2", "planned"))
    found = velo.run("assessment", "show", "--json").json
    assert (found["complete"], found["unfinished"]) == (["data-2"], {"data-1": "explanation"})
    assert (len(found["silent"]), found["published"], found["behind"]) == (15, None, False)
    shown = velo.run("assessment", "show").out
    assert "in-progress (needs: explanation)" in shown
    assert "1 of 17 answered." in shown
    assert velo.run("assessment", "export", "--draft", "--json").json["commitments"] == [
        {"commitment": "data-2", "level": "planned"}
    ]
    assert velo.run("assessment", "export").code == 1


def test_a_file_beside_the_admin_pages(velo: Node) -> None:
    """What they published stays until the file takes it in, or wins."""
    velo.apply(statement())
    drafted(velo, Declared("data-2", "planned"), publish=True)
    path = velo.write(statement())
    kept = velo.run("apply", path, "--yes", "--prune")
    assert kept.code == 0
    assert "the admin pages published a newer one" in kept.out
    changed = velo.write(statement("planned"))
    refused = velo.run("apply", changed, "--yes")
    assert refused.code == 1
    assert "pecfed assessment export --actor velo" in refused.err
    exported = velo.run("assessment", "export").out
    assert "data-2" in exported
    assert velo.apply(exported)["updated"] == 0
    drafted(velo, Declared("data-3", "planned"), publish=True)
    assert velo.run("apply", changed, "--yes", "--file-wins", "--json").json["updated"] == 1
    assert velo.run("assessment", "show", "--json").json["written_in"] == "file"


def test_letters(world: World) -> None:
    """What a hub asks stands at its commitment; it is answered, put aside; members are asked."""
    hub, velo = world.joined("communs", "velo")
    velo.apply(statement())
    review = Review(
        "ask", velo.actor, commitments=("governance-1",), message={"fr": "Qui ?\x1b[2J"}
    )

    async def write(opened: Opened) -> None:
        async def work(session: Session) -> None:
            me, to = await setup.the_hub(session), await remotes.get(session, velo.actor)
            assert to is not None
            for said in (review, replace(review, act="later", commitments=())):
                await sending.send(session, opened.uris, me, to, said)

        await opened.database.write(work)

    async def run() -> None:
        async with open_node(load(hub.dir)) as opened:
            await write(opened)

    asyncio.run(run())
    eventually(lambda: velo.value("SELECT count(*) AS n FROM reviews") == 2)
    again = velo.run("apply", velo.write(statement()), "--yes").out
    assert "2 letters wait; see: pecfed assessment show" in again
    shown = velo.run("assessment", "show").out
    assert "ask from communs@" in shown
    assert "Qui ?" in shown
    assert "\x1b" not in shown
    found = {each["act"]: each for each in velo.json("assessment", "letters")["items"]}
    assert (found["ask"]["state"], found["ask"]["commitments"]) == ("open", ["governance-1"])
    number = str(found["ask"]["number"])
    velo.json("assessment", "answer", number, "Chaque membre.")
    velo.json("assessment", "settle", str(found["later"]["number"]))
    assert velo.json("assessment", "show")["letters"] == []
    eventually(lambda: hub.value("SELECT count(*) AS n FROM reviews WHERE act = 'answer'") == 1)
    for wrong in (["answer", "x", "A"], ["answer"], ["answer", number, ""], ["ask"]):
        assert velo.run("assessment", *wrong).code == 2
    assert velo.run("assessment", "settle", "999").code == 1
    velo.json("assessment", "ask", hub.handle, "Bonjour !")
    assert velo.run("assessment", "ask", hub.handle).code == 1
    (asked,) = [each for each in velo.json("assessment", "letters")["items"] if each["sent"]][:1]
    assert (asked["act"], asked["message"]) == ("endorse-please", {"fr": "Bonjour !"})
    assert asked["with"] == hub.actor
