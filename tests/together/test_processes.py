"""`serve --processes N`: several processes, one port, one PostgreSQL."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from pecfed.demo.postgres import LocalPostgres
from tests.together.files import event, resource
from tests.together.nodes import Node, eventually
from tests.together.stream import Stream
from tests.together.test_killed import exactly_once
from tests.together.world import a_world, caught_up, join, settled, standing


def children(node: Node) -> list[int]:
    """The processes that a serving node has started."""
    assert node.process is not None
    found = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children").read_text()
    return [int(pid) for pid in found.split()]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_processes_serve_one_hub(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Two processes work side by side, survive the killing of one, and end with one signal."""
    server: LocalPostgres = request.getfixturevalue("postgres")
    with a_world(tmp_path, server) as world:
        hub, velo = world.served("communs", "velo")
        assert hub.stop() == 0
        hub.serve("--processes", "2")
        eventually(lambda: hub.log.count("hub serves") == 3)
        first = children(hub)
        assert len(first) == 2
        join(hub, velo)
        with Stream(velo, random.Random(7), pause=0.005) as stream:
            eventually(lambda: stream.changes > 60)
            os.kill(first[0], signal.SIGKILL)
            eventually(lambda: stream.changes > 120)
            eventually(lambda: len(children(hub)) == 2 and set(children(hub)) != set(first))
            eventually(lambda: hub.log.count("hub serves") == 4)
            # what the killed one had begun is taken up when its lease has run out
            hub.rows("UPDATE inbox SET leased_until = 0 WHERE state = 'waiting' RETURNING id")
            eventually(lambda: stream.changes > 300)
        caught_up(hub, velo)
        assert standing(hub, velo.actor) == standing(velo, velo.actor)
        exactly_once(hub, velo, overtaken=True)
        assert len(children(hub)) == 2
        assert hub.stop() == 0
        for pid in first:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_taking_over(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Killed while it delivers, started again as two processes: they go on at once."""
    with a_world(tmp_path, request.getfixturevalue("postgres")) as world:
        hub, velo = world.joined("communs", "velo")
        hub.signal(signal.SIGSTOP)
        velo.apply(event("ag") + resource("statuts"))
        leased = "SELECT count(*) AS n FROM deliveries WHERE leased_until > 0 AND state = 'waiting'"
        eventually(lambda: velo.value(leased) == 2)
        velo.kill()
        hub.signal(signal.SIGCONT)
        velo.serve("--processes", "2")
        eventually(lambda: hub.uids("events") == {"ag"}, 10)
        settled(velo, hub)
        exactly_once(hub, velo)
