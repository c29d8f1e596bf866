"""A database that fails for a while: refused with 503, and everything goes on afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

from pecfed.errors import StoreError
from tests.hostile.conftest import let_in
from tests.hostile.peer import Peer
from tests.servers import Server, eventually


async def test_jobs_outlive_a_database_that_fails(hub: Server, peer: Peer) -> None:
    """While the store refuses everything, letters get 503; when it is back, all jobs still run."""
    await let_in(hub, peer)
    database: Any = hub.node.database
    await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event("/o/0")))
    real = database.write, database.read

    async def fails(_: object) -> None:
        raise StoreError("the disk is full")

    database.write = fails
    # a letter in the middle of its handling, and every job at its next turn, meet the failure
    for name in ("inbox", "deliveries", "reading"):
        database.bell(name).ring()
    await asyncio.sleep(0.5)
    status, _ = await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event("/o/1")))
    assert status == 503
    database.read = fails
    for name in ("inbox", "deliveries", "reading"):
        database.bell(name).ring()
    await asyncio.sleep(0.5)
    database.write, database.read = real
    status, _ = await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event("/o/2")))
    assert status == 202
    await peer.post(f"{hub.url}/inbox", peer.activity("Follow", hub.actor_uri))

    async def kept() -> bool:
        return await hub.object(f"{peer.url}/o/2") is not None

    await eventually(kept, 8)

    async def answered() -> bool:
        return any(each["type"] == "Accept" for each in peer.heard[2:])

    await eventually(answered, 8)
