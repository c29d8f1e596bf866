"""One slow or broken neighbour does not hold up the others."""

from __future__ import annotations

import asyncio

from tests.hostile.conftest import let_in
from tests.hostile.peer import Peer, a_peer
from tests.servers import Server, eventually


async def test_slow_letters_of_one_host_leave_the_others_alone(hub: Server, peer: Peer) -> None:
    """A member's letters that wait for its slow server do not hold up another member's event."""
    async with a_peer() as slow:
        await let_in(hub, slow)
        await let_in(hub, peer)
        slow.delay = 8.0
        for number in range(40):
            await slow.post(f"{hub.url}/inbox", slow.activity("Announce", f"{slow.url}/o/{number}"))
        await asyncio.sleep(0.3)
        await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event("/o/good")))

        async def kept() -> bool:
            return await hub.object(f"{peer.url}/o/good") is not None

        await eventually(kept, 3)


async def test_a_slow_member_does_not_hold_up_the_reading_of_others(
    hub: Server, peer: Peer
) -> None:
    """A member whose featured objects answer late is read beside the others, not before them."""
    async with a_peer() as slow:
        await let_in(hub, slow)
        slow.collect("mallory", "featured", [f"{slow.url}/o/{n}" for n in range(50)])
        slow.delay = 5.0
        entry = await hub.entry(slow.mallory)
        assert entry is not None
        from pecfed.store import members

        await hub.write(lambda session: members.read_at(session, entry.id, 1))
        await asyncio.sleep(0.3)
        event = peer.event("/o/good")
        peer.collect("mallory", "outbox", [peer.activity("Create", event)])
        await peer.post(f"{hub.url}/inbox", peer.activity("Join", hub.actor_uri))

        async def asked() -> bool:
            return await hub.state_of(peer.mallory) == "asked"

        await eventually(asked)
        await hub.decide(peer.mallory, "accept")

        async def kept() -> bool:
            return await hub.object(f"{peer.url}/o/good") is not None

        await eventually(kept, 3)
