"""One delivery in ten never arrives; the hub reads once, and equals what its members publish."""

from __future__ import annotations

from dataclasses import replace

from pecfed import clock
from pecfed.store import members, objects
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.servers import Server
from tests.together.dropping import dropping
from tests.together.files import actor, event, resource, statement

SEED = 4
ONE_IN = 10
ROUNDS = 8
NAMES = ("velo", "panier")


def published(name: str, at: int) -> str:
    """What a platform publishes in a round: some things are new, some corrected, some gone."""
    things = [actor(f"{name} {at}"), statement("practised" if at % 2 else "planned")]
    things += [event(f"fete-{number}", f"Fête {at}") for number in range(at, at + 4)]
    things += [resource(f"guide-{number}", str(at)) for number in range(at // 2, at // 2 + 3)]
    return "".join(things)


async def own(node: Server) -> dict[str, tuple[object, int]]:
    """What a node's platform has published and not withdrawn: content and time by id."""
    found = await node.read(lambda session: objects.of_actor(session, node.actor_uri))
    return {each.uri: (each.content, each.updated_at) for each in found if not each.deleted_at}


async def at_hub(hub: Server, node: Server) -> dict[str, tuple[object, int]]:
    """The same, as the hub has it."""
    found = await hub.read(lambda session: objects.of_actor(session, node.actor_uri))
    return {each.uri: (each.content, each.updated_at) for each in found if not each.deleted_at}


async def test_one_reading_makes_up_for_what_was_dropped(make_server: MakeServer) -> None:
    """Creates, Updates and Deletes among it, answered 202 and thrown away."""
    async with dropping(SEED) as door:
        hub = await make_server(role="hub", username="ruche", url=door.url)
        door.port = hub.port
        nodes = [await make_server(username=name, name=name) for name in NAMES]
        for node in nodes:
            await let_in_node(hub, node)
        door.one_in = ONE_IN
        for at in range(ROUNDS):
            for node in nodes:
                await node.apply(published(node.username, at), prune=True)
            for node in nodes:
                await node.quiet()
        door.one_in = 0
        await hub.quiet()
        assert {"Create", "Update", "Delete"} <= set(door.dropped), door.dropped
        share = door.dropped.total() / (door.dropped.total() + door.passed.total())
        assert 0.05 < share < 0.15
        apart = [await own(node) != await at_hub(hub, node) for node in nodes]
        assert any(apart), "what was dropped must be missed, or this proves nothing"

        for node in nodes:
            entry = await hub.entry(node.actor_uri)
            assert entry is not None
            identity = entry.id
            await hub.write(lambda s, i=identity: members.read_at(s, i, clock.now_ms()))  # type: ignore[misc]
        await hub.quiet()
        for node in nodes:
            assert await own(node) == await at_hub(hub, node)
            listed = await hub.entry(node.actor_uri)
            assert listed is not None
            page = f"{node.url}/@{node.username}"
            assert listed.profile == replace((await node.me()).profile, url=page)
