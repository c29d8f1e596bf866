"""A hub that really serves, and an attacker with a server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import MakeServer
from tests.hostile.peer import Peer, a_peer
from tests.servers import Server, eventually


@pytest.fixture
def engine() -> str:
    """SQLite, where the engine makes no difference."""
    return "sqlite"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """The attacker's server."""
    async with a_peer() as made:
        yield made


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """The hub that is attacked."""
    return await make_server(role="hub", username="ruche")


async def let_in(hub: Server, peer: Peer, actor: str = "") -> None:
    """Make one of the attacker's actors a member."""
    uri = actor or peer.mallory
    status, text = await peer.post(
        f"{hub.url}/inbox", peer.activity("Join", hub.actor_uri, actor=uri)
    )
    assert status == 202, text

    async def asked() -> bool:
        return await hub.state_of(uri) == "asked"

    await eventually(asked)
    await hub.decide(uri, "accept")
    await hub.quiet()
