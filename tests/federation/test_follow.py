"""Follow and its Undo: once, twice, late, by pair and by id, at a hub and at a node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pecfed.services import follow as service
from pecfed.store import remotes
from tests.cast import Peer, gmt
from tests.conftest import MakeServer
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually


async def followers(of: Server) -> list[str]:
    return [row[0] for row in await of.rows("SELECT follower_uri FROM followers")]


@pytest.mark.case("A1")
@pytest.mark.parametrize("role", ["hub", "member"])
async def test_a1_follow(make_server: MakeServer, corbeau: Peer, role: str) -> None:
    """The follower is kept, and the Accept brings the whole Follow back to its inbox."""
    node = await make_server(role=role, username="velo")
    follow = corbeau.activity("Follow", node.actor_uri)
    assert await send(corbeau, node, follow) == "followed"
    await eventually(arrived(corbeau, "Accept"))
    (accept,) = corbeau.posted("Accept")
    embedded = {
        "id": follow["id"],
        "type": "Follow",
        "actor": corbeau.uri,
        "object": node.actor_uri,
    }
    assert accept["object"] == embedded
    assert (accept["actor"], accept["to"]) == (node.actor_uri, [corbeau.uri])
    assert await followers(node) == [corbeau.uri]
    assert (await node.status())["followers"] == 1


@pytest.mark.case("A2")
async def test_a2_follow_twice(lilas: Server, corbeau: Peer) -> None:
    """Under a new id, and under the same, the Accept comes again; the follower is still one."""
    follow = corbeau.activity("Follow", lilas.actor_uri)
    again = corbeau.activity("Follow", lilas.actor_uri)
    for count, activity in enumerate((follow, again, again, follow), 1):
        # signed a second later, as whoever asks again does
        date = gmt(datetime.now(UTC) + timedelta(seconds=count))
        reply = await corbeau.send(f"{lilas.url}/inbox", activity, Date=date)
        assert reply.status == 202
        await eventually(arrived(corbeau, "Accept", count))
    assert await followers(lilas) == [corbeau.uri]
    assert corbeau.posted("Accept")[2]["object"]["id"] == again["id"]


async def test_a_replay_of_a_follow_is_not_answered(lilas: Server, corbeau: Peer) -> None:
    """The same bytes with the same signature: acknowledged, and nothing more."""
    letter = corbeau.letter(f"{lilas.url}/inbox", corbeau.activity("Follow", lilas.actor_uri))
    for _ in range(3):
        assert (await corbeau.post(letter)).status == 202
    await lilas.quiet()
    assert len(corbeau.posted("Accept")) == 1


async def test_a_follow_that_was_undone_is_not_opened_again(lilas: Server, corbeau: Peer) -> None:
    """Its id has been taken back."""
    follow = corbeau.activity("Follow", lilas.actor_uri)
    await send(corbeau, lilas, follow)
    await send(corbeau, lilas, corbeau.activity("Undo", follow))
    date = gmt(datetime.now(UTC) + timedelta(seconds=2))
    assert (await corbeau.send(f"{lilas.url}/inbox", follow, Date=date)).status == 202
    await lilas.quiet()
    assert await followers(lilas) == []


async def test_follow_of_the_instance_actor(lilas: Server, corbeau: Peer) -> None:
    """Mobilizon follows the server itself."""
    follow = corbeau.activity("Follow", lilas.node.uris.instance)
    assert await send(corbeau, lilas, follow) == "followed"
    await eventually(arrived(corbeau, "Accept"))
    (accept,) = corbeau.posted("Accept")
    assert accept["actor"] == lilas.node.uris.instance


@pytest.mark.parametrize("whom", ["nobody", "elsewhere", "public", "nothing"])
async def test_follow_of_nobody_here(lilas: Server, corbeau: Peer, whom: str) -> None:
    """No follower, no answer, no row."""
    before = await lilas.snapshot()
    objects = {
        "nobody": f"{lilas.url}/actors/nobody",
        "elsewhere": "http://elsewhere.example/actors/lilas",
        "public": "https://www.w3.org/ns/activitystreams#Public",
        "nothing": "",
    }
    reply = await corbeau.send(f"{lilas.url}/inbox", corbeau.activity("Follow", objects[whom]))
    assert reply.status == 202
    assert await lilas.snapshot() == before
    assert corbeau.posted() == []


UNDO: dict[str, Any] = {
    "embedded": lambda follow: follow,
    "with another id": lambda follow: follow | {"id": f"{follow['id']}/other"},
    "by pair alone": lambda follow: {k: follow[k] for k in ("type", "actor", "object")},
    "bare id": lambda follow: follow["id"],
    "in a list": lambda follow: [follow],
    "with actor objects": lambda follow: follow | {
        "actor": {"id": follow["actor"]}, "object": {"id": follow["object"]}
    },
}  # fmt: skip


@pytest.mark.case("A3")
@pytest.mark.case("A4")
@pytest.mark.parametrize("how", UNDO)
async def test_a3_a4_undo(lilas: Server, corbeau: Peer, how: str) -> None:
    """However the Follow is named, the follower is gone; a second Undo changes nothing."""
    follow = corbeau.activity("Follow", lilas.actor_uri)
    await send(corbeau, lilas, follow)
    for _ in range(2):
        await send(corbeau, lilas, corbeau.activity("Undo", UNDO[how](follow)))
        assert await followers(lilas) == []


async def test_undo_before_follow(lilas: Server, corbeau: Peer) -> None:
    """A Follow that arrives after its Undo has no effect; a later one, of a new id, has."""
    follow = corbeau.activity("Follow", lilas.actor_uri)
    await send(corbeau, lilas, corbeau.activity("Undo", follow))
    assert await send(corbeau, lilas, follow) == "undone before"
    assert await followers(lilas) == []
    assert corbeau.posted() == []
    assert await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri)) == "followed"


async def test_undo_of_anothers_follow(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Nobody unfollows for another: not by embedding, nor by its id."""
    follow = pie.activity("Follow", lilas.actor_uri)
    await send(pie, lilas, follow)
    assert (
        await send(corbeau, lilas, corbeau.activity("Undo", follow)) == "not its sender's to undo"
    )
    undo = corbeau.activity("Undo", follow["id"])
    assert (await corbeau.send(f"{lilas.url}/inbox", undo)).status == 202
    await lilas.quiet()
    assert await followers(lilas) == [pie.uri]


async def test_undo_of_one_of_two(make_server: MakeServer, corbeau: Peer) -> None:
    """Who follows the instance too still does."""
    node = await make_server(username="velo")
    for whom in (node.actor_uri, node.node.uris.instance):
        await send(corbeau, node, corbeau.activity("Follow", whom))
    follow = {"type": "Follow", "actor": corbeau.uri, "object": node.actor_uri}
    await send(corbeau, node, corbeau.activity("Undo", follow))
    assert len(await followers(node)) == 1


async def test_undo_of_something_else(lilas: Server, corbeau: Peer) -> None:
    """A Like or an Announce that is taken back leaves the follower alone."""
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    for kind in ("Like", "Announce", "Block"):
        inner = corbeau.activity(kind, lilas.actor_uri)
        undo = corbeau.activity("Undo", inner)
        assert (await corbeau.send(f"{lilas.url}/inbox", undo)).status == 202
    await lilas.quiet()
    assert await followers(lilas) == [corbeau.uri]


async def test_we_follow_and_think_again(lilas: Server, corbeau: Peer) -> None:
    """Our own Follow goes out once; its Undo embeds the Follow we sent."""
    me, met = await lilas.me(), await lilas.node.remotes.actor(corbeau.uri)
    uris = lilas.node.uris
    for _ in range(2):
        await lilas.write(lambda s: service.start(s, uris, me, met.uri, met.inbox))
    await eventually(arrived(corbeau, "Follow"))
    (follow,) = corbeau.posted("Follow")
    assert (follow["actor"], follow["object"]) == (lilas.actor_uri, corbeau.uri)
    assert await send(corbeau, lilas, corbeau.activity("Accept", follow)) == "following"
    assert (await lilas.status())["following"] == 1
    for _ in range(2):
        await lilas.write(lambda s: service.stop(s, uris, me, met.uri, met.inbox))
    await eventually(arrived(corbeau, "Undo"))
    (undo,) = corbeau.posted("Undo")
    assert undo["object"] == {k: follow[k] for k in ("id", "type", "actor", "object")}
    assert (await lilas.status())["following"] == 0
    assert await lilas.read(lambda s: remotes.get(s, corbeau.uri)) is not None


async def test_news_reach_a_follower_once_at_its_shared_inbox(lilas: Server, corbeau: Peer) -> None:
    """Two followers on one server are one delivery, to the inbox they share."""
    shared = f"{corbeau.url}/shared"
    for name in ("corbeau", "corneille"):
        corbeau.serve(corbeau.actor(name, endpoints={"sharedInbox": shared}))
        as_name = {"key_uri": f"{corbeau.url}/actors/{name}#main-key"}
        follow = corbeau.activity("Follow", lilas.actor_uri, actor=f"{corbeau.url}/actors/{name}")
        assert (await corbeau.send(f"{lilas.url}/inbox", follow, **as_name)).status == 202
    await lilas.quiet()
    corbeau.got.clear()
    await lilas.apply(
        '[[resource]]\nuid = "a"\nname = "A"\nkind = "software"\nopenness = "public"\n'
    )
    await eventually(arrived(corbeau, "Create"))
    await lilas.quiet()
    assert [got.path for got in corbeau.got if got.json["type"] == "Create"] == ["/shared"]
