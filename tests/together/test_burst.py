"""A thousand servers that nobody has met follow in one burst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import letters, processes, sink
from bench.load import Generator
from tests.together.nodes import eventually
from tests.together.world import World, settled

SERVERS = 1000
AT_ONCE = 256
MOST_GROWTH = 60  # MB; a document, a key and a row for each are a few


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[int, bytes]]:
    """A thousand hosts of 127.0.0.0/8 on one port, whose actors share a key; both."""
    port, key = processes.free_port(), letters.new_key()
    (tmp_path / "key.pem").write_bytes(key)
    with processes.running(
        ["bench.sink", str(port), str(SERVERS), str(tmp_path / "key.pem")],
        f"http://127.0.0.1:{port}/_stats",
        tmp_path / "sink.log",
    ):
        yield port, key


def test_a_thousand_servers_follow_at_once(world: World, servers: tuple[int, bytes]) -> None:
    """Each is answered by one Accept, each key is asked for once, and memory stays flat."""
    port, key = servers
    (hub,) = world.served("ruche")
    assert hub.process is not None
    process = processes.Running(hub.process.pid, 0)
    actors = [sink.actor_uri(port, number, SERVERS) for number in range(SERVERS)]
    assert len({actor.split("/")[2] for actor in actors}) == SERVERS
    before = process.rss_mb()
    with Generator() as generator:
        generator.prepare_follows("follows", actors, hub.actor, f"{hub.url}/inbox", key)
        report = generator.send("follows", f"{hub.url}/inbox", AT_ONCE)
    assert (report.accepted, report.refused) == (SERVERS, "")
    eventually(lambda: sink.ask(port, "stats")["distinct"] == SERVERS, 60)
    settled(hub)
    stats = sink.ask(port, "stats")
    assert stats["types"] == {"Accept": SERVERS}
    assert (stats["asked_distinct"], stats["asked"]) == (SERVERS, SERVERS)
    assert hub.value("SELECT count(*) AS n FROM followers") == SERVERS
    assert process.rss_mb() - before < MOST_GROWTH
