"""What strangers can make a node keep is small, and is forgotten."""

from __future__ import annotations

from datetime import timedelta

from pecfed import clock
from pecfed.work import prune
from tests.conftest import MakeServer
from tests.hostile.conftest import let_in
from tests.hostile.peer import Peer
from tests.servers import Server, eventually

MEGABYTE = "x" * 60_000


async def test_a_follow_with_a_huge_id_leaves_no_huge_rows(hub: Server, peer: Peer) -> None:
    """What a Follow calls itself comes back in the Accept only where it is an address."""
    activity = peer.activity("Follow", hub.actor_uri, id={"id": "x", "more": [MEGABYTE]})
    assert (await peer.post(f"{hub.url}/inbox", activity))[0] == 202
    await hub.quiet()
    assert await hub.value("SELECT max(length(intent)) FROM activities") < 2000
    assert await hub.value("SELECT count(*) FROM followers") == 1


async def test_a_strangers_letter_is_small(hub: Server, peer: Peer) -> None:
    """A stranger's Follow of several hundred kilobytes is refused."""
    activity = peer.activity("Follow", hub.actor_uri, more=[MEGABYTE] * 4)
    status, text = await peer.post(f"{hub.url}/inbox", activity)
    assert (status, "too_large" in text) == (413, True)
    assert await hub.value("SELECT count(*) FROM inbox") == 0


async def test_an_undo_of_anothers_id_is_not_remembered(hub: Server, peer: Peer) -> None:
    """Only a Follow of the sender's own origin can be taken back before it came."""
    for uri in (f"https://good.example/{MEGABYTE}", "https://good.example/follows/1", MEGABYTE):
        await peer.post(f"{hub.url}/inbox", peer.activity("Undo", uri))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM withdrawn") == 0


async def test_an_applicant_is_bounded_like_a_stranger(make_server: MakeServer, peer: Peer) -> None:
    """Asking for membership does not lift the bounds on what is kept of a stranger."""
    hub = await make_server(role="hub", username="ruche", strangers_per_minute=20)
    await peer.post(f"{hub.url}/inbox", peer.activity("Join", hub.actor_uri))
    await hub.quiet()
    statuses = [
        (await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event(f"/o/{n}"))))[0]
        for n in range(40)
    ]
    assert 429 in statuses
    assert await hub.value("SELECT count(*) FROM inbox") <= 20


async def test_a_huge_actor_document_is_not_kept(hub: Server, peer: Peer) -> None:
    """Anybody can make a hub read an actor; little of it stays in the database."""
    peer.documents["/u/mallory"]["more"] = [MEGABYTE] * 3  # type: ignore[index]
    await peer.post(f"{hub.url}/inbox", peer.activity("Follow", hub.actor_uri))
    await hub.quiet()
    assert await hub.value("SELECT max(length(document)) FROM remote_actors") < 40_000
    assert await hub.value("SELECT count(*) FROM followers") == 1
    whale = peer.add("whale", more=[MEGABYTE] * 10)
    status, text = await peer.post(
        f"{hub.url}/inbox", peer.activity("Follow", hub.actor_uri, actor=whale)
    )
    assert (status, "key" in text) == (401, True)


async def test_strangers_are_forgotten(hub: Server, peer: Peer) -> None:
    """After some weeks nothing is left of a passer-by, and all of a member and a follower."""
    await let_in(hub, peer)
    passing, following = peer.add("passing"), peer.add("following")
    for actor in (passing, following):
        follow = peer.activity("Follow", hub.actor_uri, actor=actor)
        await peer.post(f"{hub.url}/inbox", follow)
    await hub.quiet()
    undone = {"type": "Follow", "actor": passing, "object": hub.actor_uri}
    await peer.post(f"{hub.url}/inbox", peer.activity("Undo", undone, actor=passing))
    await hub.quiet()
    before = await hub.value("SELECT count(*) FROM activities WHERE is_public = 0")
    with clock.running_ahead(timedelta(days=45)):
        await hub.write(prune.once)
        await hub.write(prune.once)
    rows = {row[0] for row in await hub.rows("SELECT uri FROM remote_actors")}
    assert rows == {peer.mallory, following}
    keys = {row[0] for row in await hub.rows("SELECT actor_uri FROM remote_keys")}
    assert keys == rows
    assert before > 3
    assert await hub.value("SELECT count(*) FROM activities WHERE is_public = 0") == 0
    assert await hub.value("SELECT count(*) FROM inbox") == 0


async def test_withdrawals_in_an_outbox_are_the_members_own(hub: Server, peer: Peer) -> None:
    """An outbox that withdraws a thousand foreign ids leaves no row for them."""
    foreign = [peer.activity("Delete", f"https://good.example/{n}") for n in range(50)]
    peer.collect("mallory", "outbox", [*foreign, peer.activity("Delete", f"{peer.url}/o/1")])
    await let_in(hub, peer)

    async def read() -> bool:
        return bool(await hub.value("SELECT count(*) FROM withdrawn"))

    await eventually(read)
    assert await hub.value("SELECT count(*) FROM withdrawn") == 1


async def test_deletions_of_a_follower_leave_no_rows(hub: Server, peer: Peer) -> None:
    """Anybody can follow; what a follower never published here can't be withdrawn here."""
    await peer.post(f"{hub.url}/inbox", peer.activity("Follow", hub.actor_uri))
    await hub.quiet()
    for number in range(5):
        gone = peer.activity("Delete", f"{peer.url}/o/{number}")
        assert (await peer.post(f"{hub.url}/inbox", gone))[0] == 202
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM withdrawn") == 0


async def test_deletions_of_an_applicant_are_forgotten(hub: Server, peer: Peer) -> None:
    """Anybody can apply, too: what it withdraws is remembered for a while."""
    await peer.post(f"{hub.url}/inbox", peer.activity("Join", hub.actor_uri))
    await hub.quiet()
    await peer.post(f"{hub.url}/inbox", peer.activity("Delete", f"{peer.url}/o/1"))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM withdrawn") == 1
    with clock.running_ahead(timedelta(days=41)):
        await hub.write(prune.once)
    assert await hub.value("SELECT count(*) FROM withdrawn") == 0
