"""Memory, and strangers: idle, then 2,000 actors never met before, each with a Follow."""

from __future__ import annotations

import time
from pathlib import Path

from bench import letters, nodes, processes, sink
from bench.figures import Table
from bench.load import Generator

ACTORS = 2000
HOSTS = 500
ARRIVE_SECONDS = 120.0


def measure(folder: Path, database: str, connections: int) -> Table:
    """A hub at rest, and after it fetched 2,000 actors and sent each its Accept."""
    key, port = letters.new_key(), processes.free_port()
    key_file = folder / "key.pem"
    key_file.write_bytes(key)
    hub = nodes.make(folder / "hub", "hub", database)
    uris = [sink.actor_uri(port, number, HOSTS) for number in range(ACTORS)]
    bare_port = processes.free_port()
    table = Table(
        "memory, and strangers' Follow until its Accept is delivered",
        "bare aiohttp",
        {"actors": ACTORS, "hosts": HOSTS, "connections": connections},
    )
    with (
        processes.running(
            ["bench.sink", str(port), str(HOSTS), str(key_file)],
            f"http://127.0.0.1:{port}/_stats",
            folder / "sink.log",
        ),
        processes.running(
            ["bench.bare", str(bare_port)], f"http://127.0.0.1:{bare_port}/", folder / "bare.log"
        ) as bare,
        # the limits on strangers are what this would measure otherwise
        hub.served(key_fetches_per_minute="100000", strangers_per_minute="100000") as ours,
        Generator() as generator,
    ):
        time.sleep(2)
        table.figure("ms from start to first answer").add(ours.start_ms, bare.start_ms)
        table.figure("resident MB, idle").add(ours.rss_mb(), bare.rss_mb())
        generator.prepare_follows("follows", uris, hub.actor, f"{hub.url}/inbox", key)
        pids = hub.pids(ours)
        before, begun = processes.cost(pids), time.monotonic()
        report = generator.send("follows", f"{hub.url}/inbox", connections)
        if report.accepted != ACTORS:
            raise SystemExit(f"only {report.accepted} of {ACTORS} Follows: {report.refused}")
        end = time.monotonic() + ARRIVE_SECONDS
        while sink.ask(port, "stats")["types"].get("Accept", 0) < ACTORS:
            if time.monotonic() > end:
                raise SystemExit(f"not every Accept arrived: {sink.ask(port, 'stats')['types']}")
            time.sleep(0.02)
        stats = sink.ask(port, "stats")
        cost = processes.cost(pids).since(before)
        table.figure("Follow to Accept per second").add(ACTORS / (stats["last"] - begun))
        table.figure("server CPU ms each").add(1000 * cost.cpu / ACTORS)
        table.figure("came twice").add(stats["arrived"] - stats["distinct"])
        table.figure("actors read twice").add(stats["asked"] - stats["asked_distinct"])
        table.figure(f"resident MB, {ACTORS} known actors").add(ours.rss_mb())
    return table
