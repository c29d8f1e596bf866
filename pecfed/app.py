"""Puts the rooms together: an application that serves, and the jobs that work."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
from collections.abc import AsyncIterator

from aiohttp import web

from pecfed.domain.uris import Uris
from pecfed.errors import UsageError
from pecfed.federation.groups import make_groups
from pecfed.federation.node import Node
from pecfed.federation.speakers import make_attestation_key
from pecfed.http import wire
from pecfed.http.appkeys import DATABASE, NODE, PROXIES, SETTINGS, URIS
from pecfed.http.middleware import protect
from pecfed.http.routes import add_routes
from pecfed.services import setup
from pecfed.settings import Settings
from pecfed.store import actors, deliveries, inbox
from pecfed.store.database import Database, Session
from pecfed.store.open import open_database
from pecfed.work.jobs import running

log = logging.getLogger(__name__)
KEEPALIVE_SECONDS = 30
STOP_SECONDS = 15
MAX_FILES = 65_536
NEW_OBJECTS = 10_000  # until the garbage collector looks at them


def create_app(node: Node) -> web.Application:
    """The web application of a node."""
    app = web.Application(client_max_size=node.settings.body_bytes)
    app[SETTINGS] = node.settings
    app[DATABASE] = node.database
    app[URIS] = Uris(node.settings.url)
    app[NODE] = node
    app[PROXIES] = node.settings.proxies()
    wire.prepare(app)
    protect(app)
    add_routes(app, node.settings)
    return app


@contextlib.asynccontextmanager
async def open_node(settings: Settings, *, watch: bool = False) -> AsyncIterator[Node]:
    """A node over its database; `watch` hears of what other processes write.

    Raises:
        StoreError: the database can't be opened.
    """
    database = await open_database(settings, watch=watch)
    node = Node.make(settings, database)
    try:
        yield node
    finally:
        await node.close()
        await database.close()


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, listener: socket.socket, *, alone: bool = True
) -> AsyncIterator[Node]:
    """A node that serves on `listener` and works, for as long as the block runs.

    `alone`: no other process works on this database, so that leases left behind by
    one that was killed are free at once.
    """
    async with open_node(settings, watch=True) as node:
        if alone:
            await take_over(node.database)
            await begin(node)
        runner = web.AppRunner(
            create_app(node),
            access_log=None,
            keepalive_timeout=KEEPALIVE_SECONDS,
            handle_signals=False,
            shutdown_timeout=STOP_SECONDS,
        )
        await runner.setup()
        await web.SockSite(runner, listener, backlog=1024).start()
        try:
            async with running(node):
                yield node
        finally:
            await runner.cleanup()


async def take_over(database: Database) -> None:
    """Free the leases of processes that were killed; only while no other works on the database."""

    async def work(session: Session) -> None:
        await inbox.release(session)
        await deliveries.release(session)

    await database.write(work)


async def begin(node: Node) -> None:
    """Give a hub what it lacks of working groups and keys; by one process for all."""
    if node.settings.is_hub and await node.database.read(setup.has_hub):
        await make_attestation_key(node)
        for name in await make_groups(node):
            log.info("the working group @%s@%s is ready", name, node.settings.handles_host)


def settle() -> None:
    """Tell the garbage collector that what was loaded until now stays, and to look less often.

    Almost nothing here refers back to itself; with Python's own threshold of 700 the
    collector would go over everything a few times for each request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _allow_connections() -> None:
    """Let this process hold as many connections as the system permits it.

    The usual 1024 would be used up by as many clients that connect and say nothing.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if most == resource.RLIM_INFINITY else min(most, MAX_FILES)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def serve(settings: Settings, listener: socket.socket, *, alone: bool = True) -> None:
    """Serve until SIGINT or SIGTERM; what is under way may finish."""
    _allow_connections()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if settings.development:
        log.warning("development mode: plain http and loopback addresses are permitted")
    async with serving(settings, listener, alone=alone) as node:
        if not await node.database.read(actors.everyone):
            raise UsageError(
                f"the database of {settings.dir} is empty, not the one this node was made with: "
                "restore it from a backup, or make a new node in another folder"
            )
        settle()
        log.info("%s serves %s on %s:%s", settings.role, settings.url, *listener.getsockname()[:2])
        await stop.wait()
        log.info("stopping")
