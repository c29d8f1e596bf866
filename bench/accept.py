"""Accept: what acknowledging one signed activity costs, against its bare essentials.

The essentials are what nobody can leave out: the signature is verified, the row is committed.
Both sides run in this process, with as many under way at once, on the same bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench import letters, loops, nodes, sink
from bench.figures import Table
from pecfed import clock
from pecfed.app import settle
from pecfed.federation import signatures
from pecfed.federation.node import Node
from pecfed.federation.receive import receive
from pecfed.federation.signers import Request
from pecfed.language.wire import parse
from pecfed.store import inbox
from pecfed.store.database import Session

MEMBERS = 50
WARM = 200
Work = Callable[[Request], Awaitable[object]]


def measure(folder: Path, database: str, seconds: float, rounds: int, connections: int) -> Table:
    """One hub's database, by turns: all that `receive` does, and the essentials."""
    key = letters.new_key()
    hub = nodes.make(folder / "hub", "hub", database)
    uris = [sink.actor_uri(1, number, MEMBERS) for number in range(MEMBERS)]
    nodes.add_members(hub, uris, key)
    table = Table("accept: signed Create of known members", "verify + commit")
    requests = _requests(key, uris, f"{hub.url}/inbox")

    async def run() -> None:
        async with hub.opened() as node:
            bare = _Bare(node)
            settle()
            for side in (bare.accept, lambda request: receive(node, request)):
                await _through(side, list(itertools.islice(requests, WARM)), connections)
            begun = time.perf_counter()
            await _through(bare.accept, list(itertools.islice(requests, WARM)), connections)
            each = (time.perf_counter() - begun) / WARM
            count = min(max(int(seconds / rounds / 3 / each), WARM), 5000)
            table.notes = {"rounds": rounds, "each": count, "connections": connections}
            for _ in range(rounds):
                base = await _through(
                    bare.accept, list(itertools.islice(requests, count)), connections
                )
                batch = list(itertools.islice(requests, count))
                ours = await _through(lambda request: receive(node, request), batch, connections)
                table.figure("CPU ms each").add(ours[0], base[0])
                table.figure("ms each").add(ours[1], base[1])
                rest = ours[0]
                for name, work in _parts(bare):
                    part = _alone(work, batch)
                    table.figure(f"  {name}").add(part)
                    rest -= part
                batch = list(itertools.islice(requests, count))
                part = (await _through(bare.commit, batch, connections))[0]
                table.figure("  the row, committed").add(part)
                table.figure("  the rest").add(rest - part)

    with loops.runner() as runner:
        runner.run(run())
    return table


def _requests(key: bytes, uris: list[str], inbox_url: str) -> itertools.chain[Request]:
    """Signed requests without end, as an inbox is handed them; made a few hundred at a time."""
    private, path = letters.private_key(key), urlsplit(inbox_url).path

    def some(first: int) -> list[Request]:
        found = []
        for actor, body in letters.creates(uris, first, 500):
            headers = signatures.sign(
                private, f"{actor}#main-key", "POST", inbox_url, clock.now(), body
            )
            found.append(
                Request(path, {name.lower(): [value] for name, value in headers.items()}, body)
            )
        return found

    return itertools.chain.from_iterable(some(first) for first in itertools.count(0, 500))


class _Bare:
    """The essentials: the digest and the signature hold, the row is on disk."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def verify(self, request: Request) -> str:
        """Whose signature it is, once it holds."""
        signature = signatures.parse(request.headers)
        known = await self._node.remotes.key(signature.key_uri)
        assert known is not None
        signatures.check_digest(request.headers, request.body)
        assert signatures.verify(
            known[1], signature, request.headers, "POST", request.path_and_query
        )
        return known[0]

    async def accept(self, request: Request) -> None:
        """Verify, then commit."""
        await self.verify(request)
        await self.commit(request)

    async def commit(self, request: Request) -> None:
        """The row, on disk."""
        owner = request.headers["signature"][0][7:].partition("#")[0]
        text, uri = request.body.decode(), request.headers["digest"][0]

        async def work(session: Session) -> bool:
            return await inbox.keep(
                session,
                activity_uri=uri,
                actor_uri=owner,
                type="Create",
                body=text,
                now=clock.now_ms(),
            )

        await self._node.database.write(work)


def _parts(bare: _Bare) -> list[tuple[str, Callable[[Request], object]]]:
    """What can be measured by itself, without the disk: CPU ms each."""

    def verify(request: Request) -> None:
        try:
            bare.verify(request).send(None)
        except StopIteration:
            pass

    def check(request: Request) -> None:
        signature = signatures.parse(request.headers)
        signatures.check_coverage(signature, request.headers, body=True)
        signatures.check_time(signature, request.headers, clock.now())

    return [
        ("digest and signature verified", verify),
        ("coverage and time checked", check),
        ("the JSON read", lambda each: parse(each.body)),
    ]


def _alone(work: Callable[[Request], object], requests: Sequence[Request]) -> float:
    """CPU milliseconds of `work`, each."""
    begun = time.process_time()
    for request in requests:
        work(request)
    return 1000 * (time.process_time() - begun) / len(requests)


async def _through(
    work: Work, requests: Sequence[Request], connections: int
) -> tuple[float, float]:
    """Put every request through, so many at once; CPU and wall milliseconds, each."""
    left = iter(requests)

    async def one() -> None:
        for request in left:
            await work(request)

    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(one())
    n = len(requests)
    return 1000 * (time.process_time() - cpu) / n, 1000 * (time.perf_counter() - wall) / n
