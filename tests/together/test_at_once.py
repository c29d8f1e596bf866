"""Several at work on one node at once: two commands, or a command and a flood."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import ANNOUNCED, Node, eventually, pecfed
from tests.together.peer import as_node
from tests.together.world import World, settled

TEXT = actor() + statement() + "".join(event(f"e{n}") + resource(f"r{n}") for n in range(10))


def both(*commands: tuple[object, ...]) -> list[dict[str, int]]:
    """Run commands as processes at the same time; what they counted."""
    with ThreadPoolExecutor(len(commands)) as pool:
        return [ran.json for ran in pool.map(lambda each: pecfed(*each), commands)]


def apply(node: Node, file: Path) -> tuple[object, ...]:
    """The arguments that apply a file."""
    return ("apply", "--dir", node.dir, file, "--yes", "--json")


def test_two_applies_at_once(world: World) -> None:
    """The same file, twice at the same time: each thing is published once, and counted once."""
    hub, velo = world.joined("communs", "velo")
    file = velo.write(TEXT)
    counts = both(apply(velo, file), apply(velo, file))
    assert [sum(each.values()) for each in counts] == [22, 22]
    assert [sum(each[word] for each in counts) for word in ("created", "updated")] == [21, 1]
    types = [activity["type"] for activity in velo.outbox()]
    assert sorted(types) == ["Create"] * 21 + ["Update"]
    eventually(lambda: len(hub.uids("events")) == len(hub.uids("resources")) == 10)
    settled(velo, hub)
    assert len(hub.rows(ANNOUNCED)) == 21


def test_two_first_applies_at_once(world: World) -> None:
    """The file that names the actor, twice at once on a new node: one actor, one key."""
    hub = world.served("communs")[0]
    velo = world.new("", folder="velo")
    assert velo.init().code == 0
    file = velo.write(TEXT.replace("[actor]\n", '[actor]\nusername = "velo"\n'))
    counts = both(apply(velo, file), apply(velo, file))
    assert [sum(each.values()) for each in counts] == [22, 22]
    assert sum(each["created"] for each in counts) == 22
    velo.username = "velo"
    velo.serve()
    assert sorted(activity["type"] for activity in velo.outbox()).count("Create") == 21
    velo.json("join", hub.url)  # signed with a key that the hub reads from its document
    eventually(lambda: hub.value("SELECT count(*) AS n FROM members"))
    assert hub.api("members") == []


def test_apply_while_the_hub_floods(world: World) -> None:
    """A node whose inbox is flooded by its hub still publishes, and the hub hears of it."""
    hub, velo = world.joined("communs", "velo")
    stop, statuses = threading.Event(), list[int]()

    def flood() -> None:
        while not stop.is_set():
            said = {"type": "Announce", "object": f"{hub.url}/objects/x"}
            statuses.append(as_node(hub, velo, said))

    with ThreadPoolExecutor(4) as pool:
        floods = [pool.submit(flood) for _ in range(4)]
        try:
            eventually(lambda: len(statuses) > 50)
            for number in range(3):
                begun = time.monotonic()
                counts = velo.apply(TEXT + resource("more", str(number)))
                assert counts["created"] == (22, 0, 0)[number]
                assert time.monotonic() - begun < 8
            eventually(lambda: len(hub.uids("resources")) == 11)
            eventually(lambda: "2" in {item["version"] for item in hub.api("resources")})
        finally:
            stop.set()
        for each in floods:
            each.result()
    assert set(statuses) == {202}
    settled(velo, hub)
    kept = velo.value("SELECT count(*) AS n FROM inbox WHERE type = 'Announce'")
    assert kept == len(statuses)
    assert velo.json("status")["queue"] == {"waiting": 0, "retrying": 0, "parked": 0}
