"""Fan-out: one post to many inboxes, against a loop that posts the same bytes unsigned."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import letters, nodes, processes, sink
from bench.figures import Table
from bench.nodes import Made
from bench.postloop import PostLoop
from bench.processes import Running
from pecfed import clock, settings
from pecfed.federation import signatures
from pecfed.federation.node import Node
from pecfed.services import publish, setup
from pecfed.store.database import Session

WAITING = "deliveries WHERE state = 'waiting'"
ARRIVE_SECONDS = 120.0


def measure(folder: Path, database: str, rounds: int, inboxes: int, delay_ms: int) -> Table:
    """A node whose actor has `inboxes` followers, each on a host of its own."""
    key, port = letters.new_key(), processes.free_port()
    key_file = folder / "key.pem"
    key_file.write_bytes(key)
    node = nodes.make(folder / "node", "member", database)
    uris = [sink.actor_uri(port, number, inboxes) for number in range(inboxes)]
    nodes.add_followers(node, uris, key)
    in_flight = settings.load(node.folder).deliveries_in_flight
    table = Table(
        f"fan-out: one post to {inboxes} inboxes that answer after {delay_ms} ms",
        "unsigned post loop",
        {"rounds": rounds, "in flight": in_flight},
    )
    with (
        processes.running(
            ["bench.sink", str(port), str(inboxes), str(key_file)],
            f"http://127.0.0.1:{port}/_stats",
            folder / "sink.log",
        ),
        node.served() as ours,
        PostLoop(in_flight) as loop,
    ):
        _post(node, ours, port, "warm", inboxes)
        body = _checked(sink.ask(port, "stats")["sample"].encode(), key, node)
        loop.post([f"{uri}/inbox" for uri in uris], body)
        sink.ask(port, f"delay/{delay_ms}")
        for number in range(rounds):
            sink.ask(port, "reset")
            begun, cpu = loop.post([f"{uri}/inbox" for uri in uris], body)
            base = sink.ask(port, "stats")["last"] - begun
            found = _post(node, ours, port, f"r{number}", inboxes)
            table.figure("deliveries per second").add(inboxes / found["seconds"], inboxes / base)
            table.figure("seconds to the last").add(found["seconds"], base)
            table.figure("server CPU ms each").add(
                1000 * found["cpu"] / inboxes, 1000 * cpu / inboxes
            )
            table.figure("lost").add(inboxes - found["distinct"])
            table.figure("came twice").add(found["arrived"] - found["distinct"])
        table.figure("resident MB afterwards").add(ours.rss_mb())
    return table


def _post(node: Made, ours: Running, port: int, uid: str, expected: int) -> dict[str, Any]:
    """Publish one event from another process, as `apply` does; wait until all is settled.

    `seconds` begins before the change is written and ends with the last arrival.
    """
    sink.ask(port, "reset")
    pids = node.pids(ours)
    before = processes.cost(pids)
    begun = node.look(lambda opened: _publish(opened, uid))
    end = time.monotonic() + ARRIVE_SECONDS
    while time.monotonic() < end and sink.ask(port, "stats")["distinct"] < expected:
        time.sleep(0.02)
    node.look(lambda opened: nodes.until_none(opened, WAITING))
    stats = sink.ask(port, "stats")
    return stats | {
        "seconds": stats["last"] - begun,
        "cpu": processes.cost(pids).since(before).cpu,
    }


async def _publish(node: Node, uid: str) -> float:
    async def work(session: Session) -> None:
        actor = await setup.speaker(session)
        await publish.create(session, node.uris, actor, letters.event(uid))

    begun = time.monotonic()
    await node.database.write(work)
    return begun


def _checked(request: bytes, key: bytes, node: Made) -> bytes:
    """The body of a delivery whose signature holds: what is counted must be worth counting."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    signature = signatures.parse(headers)
    signatures.check_coverage(signature, headers, body=True)
    signatures.check_digest(headers, body)
    signatures.check_time(signature, headers, clock.now())
    public = node.look(_public_key)
    if not signatures.verify(public, signature, headers, "POST", urlsplit(first.split()[1]).path):
        raise SystemExit("a delivery arrived whose signature doesn't hold")
    return body


async def _public_key(node: Node) -> Any:
    actor = await node.database.read(setup.speaker)
    return signatures.load_public_key(next(key.public for key in actor.keys if key.kind == "rsa"))
