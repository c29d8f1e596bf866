"""A hub that is silent for an hour, of which nobody has to wait a second."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from pecfed import clock
from pecfed.app import serving
from pecfed.federation.node import Node as Running
from pecfed.settings import load
from tests.together.files import actor, event, resource, statement
from tests.together.nodes import Node
from tests.together.world import World, join, settled, standing

LEASED = "SELECT count(*) AS n FROM deliveries WHERE leased_until > 0 AND state = 'waiting'"
ATTEMPTS = "SELECT coalesce(sum(attempts), 0) AS n FROM deliveries"
OPEN = "SELECT max(open_until) AS at FROM hosts"


@asynccontextmanager
async def up(node: Node) -> AsyncIterator[Running]:
    """A node that serves and works in this process, where the clock can be moved."""
    listener = socket.create_server(("127.0.0.1", node.port))
    try:
        async with serving(load(node.dir), listener) as running:
            yield running
    finally:
        listener.close()


async def minutes(count: int, stack: ExitStack, running: Running) -> None:
    """Let minutes pass, and in each of them what is due be tried."""
    for _ in range(count):
        stack.enter_context(clock.running_ahead(timedelta(minutes=1)))
        running.database.bell("deliveries").ring()
        await asyncio.sleep(0.02)
        while await running.database.read(lambda session: session.value(LEASED)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # the node itself is what is waited for


@pytest.mark.case("R4")
async def test_r4_a_hub_that_is_down_for_an_hour(world: World) -> None:
    """Everything arrives afterwards, each object's changes in their order, nothing is given up."""
    hub, velo = world.new("communs", "hub"), world.new("velo")
    for node in (hub, velo):
        assert (await asyncio.to_thread(node.init)).code == 0
    with ExitStack() as stack:
        async with up(velo) as running:
            async with up(hub):
                await asyncio.to_thread(join, hub, velo)
                text = actor() + event("first")
                await asyncio.to_thread(velo.apply, text)
                await asyncio.to_thread(settled, velo, hub)

            # the hub is down; every few minutes something changes
            text = actor(name="Vélo") + statement() + event("first") + event("ag") + event("fete")
            await asyncio.to_thread(velo.apply, text + resource("statuts") + resource("guide"))
            await minutes(10, stack, running)
            text = text.replace("Assemblée", "Reportée")
            await asyncio.to_thread(
                velo.apply, text + resource("statuts", "2") + resource("guide", "2")
            )
            await minutes(15, stack, running)
            assert await running.database.read(lambda s: s.value(OPEN)) > clock.now_ms()
            tried = await running.database.read(lambda s: s.value(ATTEMPTS))
            text = text.replace("Reportée", "Encore reportée").replace("practised", "planned")
            await asyncio.to_thread(velo.apply, text + resource("statuts", "3"), "--prune")
            await minutes(20, stack, running)
            await asyncio.to_thread(velo.apply, text + resource("statuts", "4") + event("tour"))
            await minutes(15, stack, running)
            # while the breaker is open, the silent hub is asked now and then, not for each change
            now_tried = await running.database.read(lambda s: s.value(ATTEMPTS))
            assert now_tried - tried < 10
            waiting = await asyncio.to_thread(velo.waiting)
            assert waiting == 19

            async with up(hub):
                waited = 0
                while await asyncio.to_thread(velo.waiting):
                    waited += 1
                    assert waited <= 60, "the hub has been back for an hour"
                    await minutes(1, stack, running)
                await asyncio.to_thread(settled, velo, hub)
                await asyncio.to_thread(check, hub, velo)


def check(hub: Node, velo: Node) -> None:
    """The hub has what the node has, heard in the node's order."""
    ours = standing(velo, velo.actor)
    assert {data["uid"] for data, _ in ours.values() if "uid" in data} == {
        "first", "ag", "fete", "statuts", "tour",
    }  # fmt: skip
    assert standing(hub, velo.actor) == ours
    assert [item["name"] for item in hub.api("members")] == ["Vélo"]
    assert velo.json("status")["queue"] == {"waiting": 0, "retrying": 0, "parked": 0}
    assert hub.json("status")["inbox"] == {"waiting": 0, "parked": 0}

    said = velo.rows("SELECT id, uri, object_uri FROM activities ORDER BY id")
    about = {row["uri"]: (row["object_uri"], row["id"]) for row in said}
    heard: dict[str, list[int]] = defaultdict(list)
    for letter in hub.rows("SELECT activity_uri FROM inbox ORDER BY id"):
        object_uri, number = about[letter["activity_uri"]]
        heard[object_uri].append(number)
    assert len(heard) > 7
    assert sum(map(len, heard.values())) > 19
    assert all(numbers == sorted(set(numbers)) for numbers in heard.values())
