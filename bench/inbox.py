"""Inbox: signed Creates of known members, accepted and drained, against a bare 202."""

from __future__ import annotations

import time
from pathlib import Path

from bench import letters, nodes, processes, sink
from bench.figures import Table
from bench.load import Generator, Report
from bench.nodes import Made
from bench.processes import Cost, Running

MEMBERS = 50
WARM = 400
WAITING = "inbox WHERE state = 'waiting'"


def measure(folder: Path, database: str, seconds: float, rounds: int, connections: int) -> Table:
    """One hub with 50 members that publish events, by turns with the yardstick."""
    key = letters.new_key()
    hub = nodes.make(folder / "hub", "hub", database)
    uris = [sink.actor_uri(1, number, MEMBERS) for number in range(MEMBERS)]
    nodes.add_members(hub, uris, key)
    port = processes.free_port()
    bare_url = f"http://127.0.0.1:{port}/inbox"
    table = Table("inbox: signed Create of known members", "bare unsigned 202")
    with (
        hub.served() as ours,
        processes.running(["bench.bare", str(port)], bare_url, folder / "bare.log") as bare,
        Generator() as generator,
    ):
        inbox_url = f"{hub.url}/inbox"
        generator.prepare_creates("warm", uris, 0, WARM, inbox_url, key)
        generator.prepare_creates("bare", uris, 0, WARM, bare_url, None)
        warm = _round(hub, ours, generator, "warm", connections)
        generator.send("bare", bare_url, connections, seconds=0.5)
        # as many as a round's seconds will need, going by what warming up took
        count = min(max(int(seconds / rounds * WARM / warm.drained_s), WARM), 20_000)
        table.notes = {
            "rounds": rounds,
            "creates per round": count,
            "connections": connections,
            "bytes each": len(letters.creates(uris, 0, 1)[0][1]),
        }
        first = WARM
        for _ in range(rounds):
            generator.prepare_creates("ours", uris, first, count, inbox_url, key)
            first += count
            before = processes.cost([bare.pid])
            plain = generator.send("bare", bare_url, connections, seconds=seconds / rounds)
            base_cpu = processes.cost([bare.pid]).since(before).cpu
            _enter(table, _round(hub, ours, generator, "ours", connections), plain, base_cpu)
        kept = hub.look(lambda node: nodes.count(node, "objects WHERE kind = 'event'"))
        if kept != first:
            raise SystemExit(f"{first} Creates were accepted, but the hub shows {kept} events")
    return table


class _Round:
    """One round of ours: the generator's report, when all was drained, what it cost."""

    def __init__(self, report: Report, drained_s: float, server: Cost, all_of_it: Cost) -> None:
        self.report, self.drained_s = report, drained_s
        self.server, self.all_of_it = server, all_of_it


def _round(hub: Made, ours: Running, generator: Generator, name: str, connections: int) -> _Round:
    pids = hub.pids(ours)
    server, everything = processes.cost([ours.pid]), processes.cost(pids)
    begun = time.monotonic()
    report = generator.send(name, f"{hub.url}/inbox", connections)
    if report.accepted != report.sent:
        raise SystemExit(f"only {report.accepted} of {report.sent} accepted: {report.refused}")
    begun = max(begun, time.monotonic() - report.seconds)  # without starting the generator
    ended = hub.look(lambda node: nodes.until_none(node, WAITING))
    return _Round(
        report,
        ended - begun,
        processes.cost([ours.pid]).since(server),
        processes.cost(pids).since(everything),
    )


def _enter(table: Table, ours: _Round, plain: Report, base_cpu: float) -> None:
    units = ours.report.accepted
    table.figure("accepted per second").add(ours.report.per_second, plain.per_second)
    table.figure("drained per second").add(units / ours.drained_s, plain.per_second)
    table.figure("server CPU ms each, drained").add(
        1000 * ours.server.cpu / units, 1000 * base_cpu / plain.accepted
    )
    if ours.all_of_it.cpu > ours.server.cpu * 1.02:
        table.figure("… with PostgreSQL's processes").add(1000 * ours.all_of_it.cpu / units)
    table.figure("KB written each, by write calls").add(ours.all_of_it.written / 1024 / units)
    table.figure("KB written each, to the disk").add(ours.all_of_it.to_disk / 1024 / units)
    table.figure("latency ms, median").add(ours.report.p50, plain.p50)
    table.figure("latency ms, 99 %").add(ours.report.p99, plain.p99)
