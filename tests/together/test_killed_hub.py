"""A hub that is killed at random moments: what it has acknowledged is never lost."""

from __future__ import annotations

import random
import time

import pytest

from tests.together.nodes import ANNOUNCED
from tests.together.peer import sign_of_life
from tests.together.stream import Stream
from tests.together.world import World, caught_up, standing

KILLS = {"sqlite": 20, "postgresql": 10}


@pytest.mark.case("R6")
def test_r6_a_hub_killed_at_random(world: World, engine: str) -> None:
    """Killed at random points of a stream of changes: at last it has what the node has, exactly."""
    hub, velo = world.joined("communs", "velo")
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with Stream(velo, random.Random(seed), pause=0.04) as stream:
        for _ in range(KILLS[engine]):
            if chance.random() < 0.75:
                hub.ready()
                sign_of_life(hub, velo)
                time.sleep(chance.uniform(0, 0.3))
            else:
                time.sleep(chance.uniform(0, 0.8))  # while it is starting, or just after
            hub.kill()
            hub.start()
    hub.ready()
    sign_of_life(hub, velo)
    caught_up(hub, velo)

    assert stream.changes > 5 * KILLS[engine]
    ours = standing(velo, velo.actor)
    assert {(data["name"]["fr"]) for data, _ in ours.values()} == {
        content.name["fr"]  # type: ignore[union-attr]
        for content in stream.published.values()
    }
    assert standing(hub, velo.actor) == ours
    uids = {uid for _, uid in stream.published}
    assert hub.uids("events") | hub.uids("resources") == uids

    # nothing that was acknowledged is missing, nothing was given up on either side
    delivered = velo.rows(
        "SELECT a.uri FROM activities a JOIN deliveries d ON d.activity_id = a.id "
        "WHERE d.state = 'delivered'"
    )
    letters = hub.rows("SELECT activity_uri, state FROM inbox")
    assert {row["uri"] for row in delivered} <= {row["activity_uri"] for row in letters}
    assert {row["state"] for row in letters} == {"done"}
    assert velo.json("status")["queue"] == {"waiting": 0, "retrying": 0, "parked": 0}
    # each object was announced once, and none that never came
    created = velo.rows("SELECT object_uri FROM activities WHERE type = 'Create'")
    announced = hub.rows(ANNOUNCED)
    assert sorted(map(str, announced)) == sorted(map(str, created))
    if hub.database == "sqlite":
        for node in (hub, velo):
            assert node.value("PRAGMA integrity_check") == "ok"
            assert node.rows("PRAGMA foreign_key_check") == []
