"""The yardstick servers: aiohttp on the same loop and runner as a node, doing nothing else.

    python -m bench.bare PORT [FILE]

`POST` anything is read and answered 202; `GET` anything is answered with FILE's bytes.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path

from aiohttp import web

from bench.loops import run

KEEPALIVE_SECONDS = 30  # as pecfed/app.py, which would bring the whole program into this process


async def serve(port: int, body: bytes) -> None:
    """Serve until SIGTERM."""

    async def accept(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=202)

    async def show(_: web.Request) -> web.Response:
        return web.Response(
            body=body, headers={"Content-Type": "application/activity+json; charset=utf-8"}
        )

    app = web.Application()
    app.router.add_post("/{path:.*}", accept)
    app.router.add_get("/{path:.*}", show)
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=KEEPALIVE_SECONDS, handle_signals=False
    )
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    await web.SockSite(runner, listener, backlog=1024).start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    served = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else b"ok"
    run(serve(int(sys.argv[1]), served))
