"""The load generator: a process of its own that writes ready-made requests as fast as they go."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from bench import letters
from bench.figures import percentile
from bench.loops import runner

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
MOST_SECONDS = 120.0  # nothing measured here takes as long
_ready: dict[str, list[bytes]] = {}


@dataclass(frozen=True)
class Report:
    """What came of a run; latencies in milliseconds, `cpu` in seconds of the generator itself."""

    sent: int
    accepted: int
    seconds: float
    p50: float
    p99: float
    cpu: float
    refused: str

    @property
    def per_second(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds


class Generator:
    """The generator's process, for the length of a `with`."""

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def prepare_creates(
        self, name: str, actors: list[str], first: int, count: int, url: str, pem: bytes | None
    ) -> None:
        """Keep `count` Creates ready under `name`; without a key they are unsigned."""
        self._pool.submit(_creates, name, actors, first, count, url, pem).result()

    def prepare_follows(
        self, name: str, actors: list[str], target: str, url: str, pem: bytes
    ) -> None:
        """Keep one Follow from each actor ready under `name`."""
        self._pool.submit(_follows, name, actors, target, url, pem).result()

    def prepare_get(self, name: str, url: str) -> None:
        """Keep a GET ready under `name`."""
        self._pool.submit(_get, name, url).result()

    def send(self, name: str, url: str, connections: int, *, seconds: float = 0.0) -> Report:
        """Send what is ready once, or again and again for some seconds."""
        return self._pool.submit(_send, name, url, connections, seconds).result()


def _creates(
    name: str, actors: list[str], first: int, count: int, url: str, pem: bytes | None
) -> None:
    bodies = letters.creates(actors, first, count)
    _ready[name] = letters.signed(pem, url, bodies) if pem else letters.unsigned(url, bodies)


def _follows(name: str, actors: list[str], target: str, url: str, pem: bytes) -> None:
    _ready[name] = letters.signed(pem, url, letters.follows(actors, target))


def _get(name: str, url: str) -> None:
    _ready[name] = [letters.get(url)]


def _send(name: str, url: str, connections: int, seconds: float) -> Report:
    with runner() as running:
        return running.run(_blast(_ready[name], url, connections, seconds))


async def _blast(ready: list[bytes], url: str, connections: int, seconds: float) -> Report:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    requests = _for(seconds, ready) if seconds else iter(ready)
    begun, cpu = time.monotonic(), time.process_time()
    callers = [Caller(requests, loop.create_future()) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(partial(_same, caller), parts.hostname or "", parts.port or 80)
    async with asyncio.timeout(seconds + MOST_SECONDS):
        await asyncio.gather(*(caller.finished for caller in callers))
    wall = time.monotonic() - begun
    took = sorted(each for caller in callers for each in caller.took)
    codes: Counter[bytes] = Counter()
    for caller in callers:
        codes.update(caller.codes)
    accepted = sum(count for code, count in codes.items() if code.startswith(b"2"))
    return Report(
        sent=len(took),
        accepted=accepted,
        seconds=wall,
        p50=1000 * percentile(took, 0.5),
        p99=1000 * percentile(took, 0.99),
        cpu=time.process_time() - cpu,
        refused=next((caller.refused for caller in callers if caller.refused), ""),
    )


def _same(caller: Caller) -> Caller:
    return caller


def _for(seconds: float, ready: list[bytes]) -> Iterator[bytes]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for batch in repeat(ready, max(1, 16 // len(ready))):
            yield from batch


class Caller(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], finished: asyncio.Future[None]) -> None:
        self.finished = finished
        self.took: list[float] = []
        self.codes: Counter[bytes] = Counter()
        self.refused = ""
        self._requests = requests
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._begun = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        found = _LENGTH.search(self._buffer, 0, end)
        whole = end + 4 + (int(found[1]) if found else 0)
        if len(self._buffer) < whole:
            return
        self.took.append(time.monotonic() - self._begun)
        code = self._buffer[9:12]
        self.codes[code] += 1
        if not code.startswith(b"2") and not self.refused:
            self.refused = self._buffer[:600].decode(errors="replace")
        self._buffer = self._buffer[whole:]
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None and not self.refused:
            self.refused = repr(error)
        if not self.finished.done():
            self.finished.set_result(None)
