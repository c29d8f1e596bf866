"""Accept, Reject, Add and Remove at a node: from the one that was asked, about what was asked."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.services import follow, join
from tests.cast import Peer
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually


async def ask(node: Server, hub: Peer) -> dict[str, Any]:
    """Ask Corbeau, who plays a hub, for membership; the Join that reached it."""
    me, met = await node.me(), await node.node.remotes.actor(hub.uri)
    before = len(hub.posted("Join"))
    state = await node.write(lambda s: join.ask(s, node.node.uris, me, met))
    assert state == "asked"
    await eventually(arrived(hub, "Join", before + 1))
    found: dict[str, Any] = hub.posted("Join")[-1]
    return found


async def start_following(node: Server, whom: Peer) -> dict[str, Any]:
    """Follow somebody; the Follow that reached them."""
    me, met = await node.me(), await node.node.remotes.actor(whom.uri)
    await node.write(lambda s: follow.start(s, node.node.uris, me, met.uri, met.inbox))
    await eventually(arrived(whom, "Follow"))
    found: dict[str, Any] = whom.posted("Follow")[-1]
    return found


async def membership(node: Server) -> tuple[str, str, str]:
    (hub,) = (await node.status())["hubs"]
    return hub["membership"], hub["reason"], hub["message"]


FORMS: dict[str, Any] = {
    "by id": lambda asked: asked["id"],
    "embedded": lambda asked: {k: asked[k] for k in ("id", "type", "actor", "object")},
    "in a list": lambda asked: [asked["id"]],
}


@pytest.mark.parametrize("form", FORMS)
async def test_accept_of_a_join(lilas: Server, corbeau: Peer, form: str) -> None:
    """In each form, and a second time, the platform is a member."""
    asked = await ask(lilas, corbeau)
    for _ in range(2):
        accept = corbeau.activity("Accept", FORMS[form](asked))
        assert await send(corbeau, lilas, accept) == "member"
        assert await membership(lilas) == ("member", "", "")


@pytest.mark.parametrize("form", [*FORMS, "by pair", "with an id of its own"])
async def test_accept_of_a_follow(lilas: Server, corbeau: Peer, form: str) -> None:
    """Also where the other side names another id than the one we sent."""
    asked = await start_following(lilas, corbeau)
    forms = FORMS | {
        "by pair": lambda f: {k: f[k] for k in ("type", "actor", "object")},
        "with an id of its own": lambda f: f | {"id": f"{corbeau.url}/their-own"},
    }
    for _ in range(2):
        accept = corbeau.activity("Accept", forms[form](asked))
        assert await send(corbeau, lilas, accept) == "following"
    assert (await lilas.status())["following"] == 1


async def test_accept_from_another(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Only the hub that was asked can say so."""
    asked = await ask(lilas, corbeau)
    accept = pie.activity("Accept", asked)
    reply = await pie.send(f"{lilas.url}/inbox", accept)
    assert reply.status == 202
    await start_following(lilas, pie)
    assert await send(pie, lilas, pie.activity("Accept", asked)) == "nothing we asked"
    assert await membership(lilas) == ("asked", "", "")


async def test_accept_of_what_was_never_asked(lilas: Server, corbeau: Peer) -> None:
    """An id of nobody's, another's Follow: no effect."""
    asked = await ask(lilas, corbeau)
    for said in (
        f"{lilas.url}/activities/nothing",
        {
            "id": "http://a.example/1",
            "type": "Join",
            "actor": lilas.actor_uri,
            "object": corbeau.uri,
        },
        {"type": "Follow", "actor": lilas.actor_uri, "object": corbeau.uri},
        asked | {"id": f"{asked['id']}x"},
        "",
        corbeau.uri,
    ):
        assert await send(corbeau, lilas, corbeau.activity("Accept", said)) == "nothing we asked"
    assert await membership(lilas) == ("asked", "", "")


async def test_accept_of_an_older_join(lilas: Server, corbeau: Peer) -> None:
    """After leaving and asking again only the newer Join can be answered."""
    first = await ask(lilas, corbeau)
    me, met = await lilas.me(), await lilas.node.remotes.actor(corbeau.uri)
    await lilas.write(lambda s: join.leave(s, lilas.node.uris, me, met))
    assert await send(corbeau, lilas, corbeau.activity("Accept", first)) == "nothing we asked"
    assert (await membership(lilas))[0] == "left"
    second = await ask(lilas, corbeau)
    assert await send(corbeau, lilas, corbeau.activity("Accept", first)) == "nothing we asked"
    assert await send(corbeau, lilas, corbeau.activity("Accept", second)) == "member"


@pytest.mark.parametrize("state", ["refused", "suspended", "left", "emperor", None, 3])
async def test_reject_of_a_join(lilas: Server, corbeau: Peer, state: Any) -> None:
    """The hub's state, reason and words are kept; without a word of ours it is refused."""
    asked = await ask(lilas, corbeau)
    reject = corbeau.activity(
        "Reject", asked, membership=state, reason="out-of-scope",
        summary="<p>Pas <b>ici</b>\u202e.</p>",
    )  # fmt: skip
    expected = state if state in {"refused", "suspended", "left"} else "refused"
    assert await send(corbeau, lilas, reject) == expected
    assert await membership(lilas) == (expected, "out-of-scope", "Pas ici.")


@pytest.mark.case("A8")
async def test_a8_reject_after_accept(lilas: Server, corbeau: Peer) -> None:
    """What was granted is taken back: a membership, a Follow."""
    asked = await ask(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", asked))
    await send(corbeau, lilas, corbeau.activity("Reject", asked, membership="suspended"))
    assert (await membership(lilas))[0] == "suspended"
    await send(corbeau, lilas, corbeau.activity("Accept", asked))
    assert await membership(lilas) == ("member", "", "")
    followed = await start_following(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", followed))
    for _ in range(2):
        await send(corbeau, lilas, corbeau.activity("Reject", followed))
        assert (await lilas.status())["following"] == 0


async def test_reject_from_another(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Nobody takes back what another granted."""
    asked = await ask(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", asked))
    await start_following(lilas, pie)
    assert await send(pie, lilas, pie.activity("Reject", asked)) == "nothing we asked"
    assert (await membership(lilas))[0] == "member"


async def test_add_tells_of_a_lost_accept(lilas: Server, corbeau: Peer) -> None:
    """The hub put us into its directory: we are a member, though its Accept is late or lost."""
    asked = await ask(lilas, corbeau)
    target = {"target": f"{corbeau.url}/directory"}
    add = corbeau.activity("Add", lilas.actor_uri, **target)
    assert await send(corbeau, lilas, add) == "member"
    add = corbeau.activity("Add", lilas.actor_uri, **target)
    assert await send(corbeau, lilas, add) == "nothing to change"
    assert await send(corbeau, lilas, corbeau.activity("Accept", asked)) == "member"


async def test_add_changes_no_decision(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Not after a refusal, not by another, not about another."""
    asked = await ask(lilas, corbeau)
    await start_following(lilas, pie)
    add = pie.activity("Add", lilas.actor_uri, target=f"{pie.url}/directory")
    assert await send(pie, lilas, add) == "nothing to change"
    await send(corbeau, lilas, corbeau.activity("Reject", asked, reason="other"))
    for said in (lilas.actor_uri, lilas.node.uris.instance, f"{lilas.url}/actors/nobody"):
        add = corbeau.activity("Add", said, target=f"{corbeau.url}/directory")
        assert await send(corbeau, lilas, add) == "nothing to change"
    assert (await membership(lilas))[0] == "refused"


async def test_remove_is_heard(lilas: Server, corbeau: Peer) -> None:
    """A Reject says what becomes of a membership; the Remove alone changes nothing."""
    asked = await ask(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", asked))
    for _ in range(2):
        remove = corbeau.activity("Remove", lilas.actor_uri, target=f"{corbeau.url}/directory")
        assert await send(corbeau, lilas, remove) == "heard"
    assert (await membership(lilas))[0] == "member"


async def test_answers_of_strangers_leave_no_row(lilas: Server, corbeau: Peer) -> None:
    """Who was asked nothing is answered 202 and forgotten."""
    before = await lilas.snapshot()
    for kind in ("Accept", "Reject", "Add", "Remove"):
        activity = corbeau.activity(kind, lilas.actor_uri, target=f"{corbeau.url}/directory")
        assert (await corbeau.send(f"{lilas.url}/inbox", activity)).status == 202
    assert await lilas.snapshot() == before


async def test_a_hub_that_is_gone(lilas: Server, corbeau: Peer) -> None:
    """Its Delete of itself ends the following and the membership."""
    asked = await ask(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", asked))
    followed = await start_following(lilas, corbeau)
    await send(corbeau, lilas, corbeau.activity("Accept", followed))
    delete = corbeau.activity("Delete", corbeau.uri)
    assert await send(corbeau, lilas, delete) == "actor gone"
    status = await lilas.status()
    assert status["following"] == 0
    assert status["hubs"][0]["membership"] == "left"
