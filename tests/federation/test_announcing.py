"""What the hub and the instance actor announce: once, within bounds, and taken back in the end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.work import bursts
from tests.cast import PUBLIC, Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in
from tests.federation.sending import arrived, send
from tests.foreign import a_statement, an_event
from tests.servers import Server, eventually

EVENT = """
[[event]]
uid = "{uid}"
name = "{uid}"
start = 2027-05-12T18:00:00
timezone = "Europe/Paris"
"""


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job that looks whether a burst is over looks when a test says so."""
    monkeypatch.setattr(bursts, "EVERY_SECONDS", 3600.0)


async def publish(who: Peer, hub: Server, count: int) -> list[str]:
    """So many events at once; their ids."""
    events = [an_event(who, f"e{number}", name=f"Atelier {number}") for number in range(count)]
    letters = [who.activity("Create", each) for each in events]
    for letter in letters:
        assert (await who.send(f"{hub.url}/inbox", letter)).status == 202
    for letter in letters:
        await hub.note_of(letter["id"])
    return [each["id"] for each in events]


async def states(hub: Server) -> list[str]:
    """The state of each object that somebody announces here."""
    return sorted(row[0] for row in await hub.rows("SELECT state FROM passed_on"))


async def test_a_burst_becomes_one_note(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """Twenty at once: five boosts and, when it is over, one note; by several processes, one."""
    await let_in(ruche, corbeau)
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    await publish(corbeau, ruche, 20)
    await ruche.quiet()
    assert len(pie.posted("Announce")) == 5
    assert await states(ruche) == ["shown"] * 5 + ["waiting"] * 15
    assert await bursts.once(ruche.node) == [], "it may still go on"
    with clock.running_ahead(timedelta(minutes=16)):
        told = await asyncio.gather(*(bursts.once(ruche.node) for _ in range(4)))
        assert sorted(word for words in told for word in words).count("collected") == 1
        await eventually(arrived(pie, "Create"))
        await ruche.quiet()
    (note,) = (each["object"] for each in pie.posted("Create"))
    slug = f"corbeau@{corbeau.url.removeprefix('http://')}"
    assert "Corbeau" in note["contentMap"]["fr"] and "15 nouveautés" in note["contentMap"]["fr"]
    assert "15 new things: Atelier 5, Atelier 6" in note["contentMap"]["en"]
    assert f"{ruche.url}/members/{slug}" in note["contentMap"]["fr"]
    assert len(pie.posted("Announce")) == 5
    assert await states(ruche) == ["collected"] * 15 + ["shown"] * 5


async def test_what_is_withdrawn_meanwhile_is_not_told_of(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """And what was announced is taken back; one that remains is announced when there is room."""
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    uris = await publish(member, ruche, 7)
    for uri in (uris[0], uris[5]):
        await send(member, ruche, member.activity("Delete", uri))
    await eventually(arrived(pie, "Undo"))
    (undo,) = pie.posted("Undo")
    assert (undo["object"]["type"], undo["object"]["object"]) == ("Announce", uris[0])
    with clock.running_ahead(timedelta(minutes=16)):
        assert await bursts.once(ruche.node) == ["announced"]
        await eventually(arrived(pie, "Announce", 6))
    assert pie.posted("Announce")[-1]["object"] == uris[6]


async def test_one_that_waits_has_to_wait_for_room(ruche: Server, member: Peer) -> None:
    """The hour has to pass, as five were announced in it."""
    await publish(member, ruche, 6)
    with clock.running_ahead(timedelta(minutes=30)):
        assert await bursts.once(ruche.node) == ["waits"]
    with clock.running_ahead(timedelta(minutes=61)):
        assert await bursts.once(ruche.node) == ["announced"]
        assert await bursts.once(ruche.node) == []
    assert await states(ruche) == ["shown"] * 6


async def test_who_has_left_is_not_told_of(ruche: Server, member: Peer) -> None:
    """Nor who was suspended."""
    await publish(member, ruche, 8)
    await ruche.decide(member.uri, "suspend", "abuse")
    with clock.running_ahead(timedelta(minutes=16)):
        assert await bursts.once(ruche.node) == ["dropped"]
    assert await states(ruche) == ["shown"] * 5


@pytest.mark.parametrize(
    ("policy", "announced"), [("all", 2), ("event", 1), ("chosen", 0), ("none", 0)]
)
async def test_the_policy(
    make_server: MakeServer, corbeau: Peer, policy: str, announced: int
) -> None:
    """Everything, events alone, or nothing by itself."""
    hub = await make_server(role="hub", username="ruche", announce=policy)
    await let_in(hub, corbeau)
    await send(corbeau, hub, corbeau.activity("Create", an_event(corbeau)))
    await send(corbeau, hub, corbeau.activity("Create", a_statement(corbeau)))
    assert await states(hub) == ["shown"] * announced


async def test_what_was_there_before_is_never_announced(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """The first reading brings sixty things, and the hub's followers hear of one new member."""
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    old = [corbeau.activity("Create", an_event(corbeau, f"old{n}")) for n in range(60)]
    corbeau.publish(old)
    await let_in(ruche, corbeau)
    assert await ruche.value("SELECT count(*) FROM objects WHERE kind = 'event'") == 60
    await ruche.quiet()
    assert pie.posted("Announce") == []
    assert await states(ruche) == []


@pytest.mark.case("A6")
async def test_a6_the_instance_actor_relays_events(lilas: Server, corbeau: Peer) -> None:
    """Followed by Mobilizon's relay, found by NodeInfo or relay@HOST: each event, once, by id."""
    relay = corbeau.actor("relay", type="Application", preferredUsername="relay")
    corbeau.serve(relay)
    links = await _json(corbeau, f"{lilas.url}/.well-known/nodeinfo")
    (found,) = (
        link["href"]
        for link in links["links"]
        if link["rel"] == "https://www.w3.org/ns/activitystreams#Application"
    )
    host = lilas.settings.handles_host
    told = await _json(corbeau, f"{lilas.url}/.well-known/webfinger?resource=acct:relay@{host}")
    assert found in [link["href"] for link in told["links"] if link["rel"] == "self"]
    follow = corbeau.activity("Follow", found, actor=relay["id"])
    reply = await corbeau.send(f"{found}/inbox", follow, key_uri=f"{relay['id']}#main-key")
    assert reply.status == 202
    await eventually(arrived(corbeau, "Accept"))
    assert corbeau.posted("Accept")[0]["object"]["id"] == follow["id"]
    await lilas.apply(EVENT.format(uid="ag") + '[actor]\nname = "Lilas"\n')
    await eventually(arrived(corbeau, "Announce"))
    (said,) = corbeau.posted("Announce")
    assert (said["actor"], said["to"][0]) == (found, PUBLIC)
    event = await lilas.node.fetcher.document(said["object"])
    assert event["type"] == "Event" and event["name"] == "ag"
    # a correction isn't announced again: who has the event asks its origin
    await lilas.apply(EVENT.format(uid="ag").replace('name = "ag"', 'name = "AG"'))
    await lilas.quiet()
    assert len(corbeau.posted("Announce")) == 1
    outbox = await lilas.node.fetcher.document(f"{found}/outbox?page=0")
    assert [each["id"] for each in outbox["orderedItems"]] == [said["id"]]
    await lilas.apply('[actor]\nname = "Lilas"\n', prune=True)
    await eventually(arrived(corbeau, "Undo"))
    (undo,) = corbeau.posted("Undo")
    assert (undo["actor"], undo["object"]["id"]) == (found, said["id"])


async def _json(who: Peer, address: str) -> Any:
    async with who.http.get(address) as answer:
        assert answer.status == 200
        return await answer.json(content_type=None)
