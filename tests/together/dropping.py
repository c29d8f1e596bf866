"""A door before a server that answers some letters itself, with 202, and throws them away."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date"})


class Dropping:
    """Hands everything to `port`, but for one in `one_in` letters of a type, by chance which."""

    def __init__(self, url: str, session: aiohttp.ClientSession, seed: int) -> None:
        self.url = url
        self.port = 0
        self.one_in = 0
        self.dropped: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()
        self._falling: dict[str, int] = {}
        self._session = session
        self._chance = random.Random(seed)

    def _falls(self, kind: str) -> bool:
        """Whether this letter is the one of its ten."""
        place = (self.passed[kind] + self.dropped[kind]) % self.one_in
        if not place:
            self._falling[kind] = self._chance.randrange(self.one_in)
        return place == self._falling[kind]

    async def answer(self, request: web.Request) -> web.Response:
        """What the server behind says, or 202 from nobody."""
        body = await request.read()
        if request.method == "POST" and self.one_in:
            kind = json.loads(body)["type"]
            if self._falls(kind):
                self.dropped[kind] += 1
                return web.Response(status=202)
            self.passed[kind] += 1
        async with self._session.request(
            request.method, f"http://127.0.0.1:{self.port}{request.raw_path}",
            headers=request.headers, data=body or None, allow_redirects=False,
        ) as behind:  # fmt: skip
            headers = {n: v for n, v in behind.headers.items() if n.lower() not in HOP_BY_HOP}
            return web.Response(status=behind.status, body=await behind.read(), headers=headers)


@asynccontextmanager
async def dropping(seed: int) -> AsyncIterator[Dropping]:
    """A door on a free port; tell it the `port` behind it."""
    app = web.Application(client_max_size=10_000_000)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        door = Dropping("", session, seed)
        app.router.add_route("*", "/{path:.*}", door.answer)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield door
        finally:
            await runner.cleanup()
