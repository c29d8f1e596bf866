"""Actor GET: an actor's document, against aiohttp that serves the same bytes."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from bench import letters, nodes, processes
from bench.figures import Table
from bench.load import Generator


def measure(folder: Path, database: str, seconds: float, rounds: int, connections: int) -> Table:
    """One node asked for its actor, by turns with the yardstick."""
    node = nodes.make(folder / "node", "member", database)
    port = processes.free_port()
    bare_url = f"http://127.0.0.1:{port}/actors/{nodes.USERNAME}"
    with node.served() as ours, Generator() as generator:
        asked = urllib.request.Request(node.actor, headers={"Accept": letters.MEDIA_TYPE})
        with urllib.request.urlopen(asked) as answer:
            document = answer.read()
        file = folder / "actor.json"
        file.write_bytes(document)
        with processes.running(
            ["bench.bare", str(port), str(file)], bare_url, folder / "bare.log"
        ) as bare:
            table = Table(
                "actor GET",
                "aiohttp, same bytes",
                {"rounds": rounds, "connections": connections, "bytes each": len(document)},
            )
            sides = [("bare", bare_url, bare.pid), ("ours", node.actor, ours.pid)]
            for name, url, _ in sides:
                generator.prepare_get(name, url)
                generator.send(name, url, connections, seconds=0.5)
            for _ in range(rounds):
                found = {}
                for name, url, pid in sides:
                    before = processes.cost([pid])
                    report = generator.send(name, url, connections, seconds=seconds / rounds)
                    if report.accepted != report.sent:
                        raise SystemExit(f"{url}: {report.refused}")
                    cpu = processes.cost([pid]).since(before).cpu
                    found[name] = (report, 1000 * cpu / report.accepted)
                (plain, plain_cpu), (report, cpu) = found["bare"], found["ours"]
                table.figure("answers per second").add(report.per_second, plain.per_second)
                table.figure("server CPU ms each").add(cpu, plain_cpu)
                table.figure("latency ms, 99 %").add(report.p99, plain.p99)
                table.figure("generator's share of a core").add(
                    report.cpu / report.seconds, plain.cpu / plain.seconds
                )
    return table
