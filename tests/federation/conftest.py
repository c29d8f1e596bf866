"""The cast of the federation's tests: la Ruche, Lilas, and Corbeau at the door."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cast import Peer, new_key, peer
from tests.conftest import MakeServer
from tests.servers import Server, eventually


@pytest.fixture(scope="session")
def some_keys() -> list[rsa.RSAPrivateKey]:
    """Three key pairs that are none of ours."""
    return [new_key() for _ in range(3)]


@pytest.fixture
async def corbeau(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[Peer]:
    """An actor of another server, whom nobody knows yet."""
    async with peer("corbeau", some_keys[0]) as made:
        yield made


@pytest.fixture
async def pie(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[Peer]:
    """One more, on a server of its own."""
    async with peer("pie", some_keys[1]) as made:
        yield made


@pytest.fixture
async def ruche(make_server: MakeServer) -> Server:
    """La Ruche, a hub."""
    return await make_server(role="hub", username="ruche", name="La Ruche")


@pytest.fixture
async def lilas(make_server: MakeServer) -> Server:
    """Lilas, a platform on a node of its own."""
    return await make_server(username="lilas", name="Lilas")


@pytest.fixture
async def member(ruche: Server, corbeau: Peer) -> Peer:
    """Corbeau, once la Ruche has accepted it; it has accepted la Ruche's Follow."""
    await let_in(ruche, corbeau)
    return corbeau


async def let_in(hub: Server, who: Peer) -> None:
    """Ask, be accepted, and let the hub follow."""
    join = who.activity("Join", hub.actor_uri)
    assert (await who.send(f"{hub.url}/inbox", join)).status == 202
    await hub.note_of(join["id"])
    await hub.decide(who.uri, "accept", "meets-criteria")

    async def followed() -> bool:
        return bool(who.posted("Follow"))

    await eventually(followed)
    (follow,) = who.posted("Follow")
    accept = who.activity("Accept", follow)
    await who.send(f"{hub.url}/inbox", accept)
    assert await hub.note_of(accept["id"]) == "following"
    await hub.quiet()


async def let_in_node(hub: Server, node: Server) -> None:
    """The same between two of ours."""
    await node.join(hub)

    async def asked() -> bool:
        return await hub.state_of(node.actor_uri) == "asked"

    await eventually(asked)
    await hub.decide(node.actor_uri, "accept", "meets-criteria")

    async def followed() -> bool:
        status = await node.status()
        return bool(status["followers"] == 1 and status["hubs"][0]["membership"] == "member")

    await eventually(followed)
    await hub.quiet()
