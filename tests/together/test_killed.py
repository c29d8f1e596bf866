"""A node that is killed at the worst moments loses nothing and says nothing twice."""

from __future__ import annotations

import random
import signal
import time

import pytest

from pecfed import clock
from tests.together.files import actor, event, resource
from tests.together.nodes import ANNOUNCED, Node, eventually
from tests.together.world import World, settled

LETTERS = "SELECT activity_uri, state FROM inbox"


def exactly_once(hub: Node, node: Node, *, overtaken: bool = False) -> None:
    """Each activity of the node's had one effect, and each of its objects one Announce."""
    sent = [
        row["uri"]
        for row in node.rows(
            "SELECT a.uri FROM activities a JOIN deliveries d ON d.activity_id = a.id "
            "WHERE d.state = 'delivered'"
        )
    ]
    assert len(sent) == len(set(sent))
    letters = [row for row in hub.rows(LETTERS) if row["activity_uri"].startswith(f"{node.url}/")]
    assert {row["state"] for row in letters} == {"done"}
    assert sorted(row["activity_uri"] for row in letters) == sorted(sent)
    made = {
        row["object_uri"]
        for row in node.rows("SELECT object_uri FROM activities WHERE type = 'Create'")
    }
    once = [row["object_uri"] for row in hub.rows(ANNOUNCED)]
    assert len(once) == len(set(once))
    # where several processes share the work, what is withdrawn at once may never be announced
    live = {row["uri"] for row in node.rows("SELECT uri FROM objects WHERE deleted_at IS NULL")}
    assert (live if overtaken else made) <= set(once) <= made
    announced = [a["object"] for a in hub.outbox() if a["type"] == "Announce"]
    assert len(announced) == len(set(announced))


@pytest.mark.case("R6")
def test_r6_a_node_killed_between_apply_and_delivery(world: World) -> None:
    """Killed with deliveries under way, while down, right after apply: all arrives, once."""
    hub, velo = world.joined("communs", "velo")

    # the hub is stuck: its kernel holds the deliveries, nobody answers them
    hub.signal(signal.SIGSTOP)
    text = actor() + event("ag") + resource("statuts")
    velo.apply(text)
    leased = "SELECT count(*) AS n FROM deliveries WHERE state = 'waiting' AND leased_until > 0"
    eventually(lambda: velo.value(leased) == 3)
    velo.kill()
    hub.signal(signal.SIGCONT)
    velo.serve()
    eventually(lambda: (hub.uids("events"), hub.uids("resources")) == ({"ag"}, {"statuts"}))
    settled(velo, hub)
    exactly_once(hub, velo)

    # nothing serves: what is applied waits in the database, in its order
    velo.kill()
    text += event("tour")
    assert velo.apply(text)["created"] == 1
    text = text.replace("Assemblée", "Reportée")
    assert velo.apply(text) == {"created": 0, "updated": 2, "deleted": 0, "unchanged": 2}
    assert velo.json("status")["queue"] == {"waiting": 3, "retrying": 0, "parked": 0}
    velo.serve()
    eventually(lambda: [item["name"] for item in hub.api("events")] == ["Reportée"] * 2)
    settled(velo, hub)
    exactly_once(hub, velo)

    # killed some milliseconds after `apply` returned
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(2):
        text += event(f"e{number}") + resource(f"r{number}")
        assert velo.apply(text)["created"] == 2
        time.sleep(chance.uniform(0, 0.04))
        velo.kill()
        velo.serve()
    eventually(lambda: hub.uids("resources") == {"statuts", "r0", "r1"})
    eventually(lambda: hub.uids("events") == {"ag", "tour", "e0", "e1"})
    settled(velo, hub)
    exactly_once(hub, velo)


def test_a_hub_killed_while_it_reads(world: World) -> None:
    """Killed while it reads what a new member published before: started again, it reads on."""
    hub, velo = world.served("communs", "velo")
    velo.apply(actor() + event("ag"))
    velo.json("join", hub.url)
    eventually(lambda: hub.value("SELECT count(*) AS n FROM members WHERE read_due_at IS NULL"))
    velo.signal(signal.SIGSTOP)
    hub.json("members", "accept", velo.handle)
    leased = f"SELECT count(*) AS n FROM members WHERE read_due_at > {clock.now_ms() + 1000}"
    eventually(lambda: hub.value(leased))
    hub.kill()
    velo.signal(signal.SIGCONT)
    hub.serve()
    eventually(lambda: hub.uids("events") == {"ag"})
