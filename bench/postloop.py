"""The yardstick of fan-out: one process that posts the same bytes, unsigned, and keeps nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Self

import aiohttp

from bench.loops import runner


class PostLoop:
    """Its process, for the length of a `with`; connections stay open from one run to the next."""

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.submit(_close).result()
        self._pool.shutdown()

    def post(self, inboxes: list[str], body: bytes) -> tuple[float, float]:
        """Post to every inbox; when it began (monotonic seconds), and the CPU seconds it took."""
        return self._pool.submit(_post, inboxes, body, self._in_flight).result()


class _Kept:
    """What the process keeps between two runs."""

    running: asyncio.Runner | None = None
    session: aiohttp.ClientSession | None = None


def _post(inboxes: list[str], body: bytes, in_flight: int) -> tuple[float, float]:
    if _Kept.running is None:
        _Kept.running = runner()
    begun, cpu = time.monotonic(), time.process_time()
    _Kept.running.run(_all(inboxes, body, in_flight))
    return begun, time.process_time() - cpu


async def _all(inboxes: list[str], body: bytes, in_flight: int) -> None:
    if _Kept.session is None:
        _Kept.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=in_flight + 50),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
    waiting, session = iter(inboxes), _Kept.session
    await asyncio.gather(*(_worker(session, waiting, body) for _ in range(in_flight)))


async def _worker(session: aiohttp.ClientSession, inboxes: Iterator[str], body: bytes) -> None:
    headers = {"Content-Type": "application/activity+json"}
    for url in inboxes:
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()


def _close() -> None:
    if _Kept.running is not None and _Kept.session is not None:
        _Kept.running.run(_Kept.session.close())
        _Kept.running.close()
