"""Starts and stops the jobs of one process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pecfed.federation.node import Node
from pecfed.work import (
    bursts,
    desk,
    digest,
    evidence,
    expiry,
    groups,
    inbound,
    liveness,
    mail,
    polls,
    prune,
    reading,
)
from pecfed.work.outbound import Outbound

log = logging.getLogger(__name__)
STOP_SECONDS = 15
AGAIN_SECONDS = 5.0


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[None]:
    """Run every job for as long as the block runs; what is under way may finish."""
    wanted: dict[str, Callable[[Node], Awaitable[None]]] = {
        "inbound": inbound.run,
        "outbound": lambda node: Outbound(node).run(),
        "polls": polls.run,
        "prune": prune.run,
        "groups": groups.run,
        "desk": desk.run,
        "expiry": expiry.run,
    }
    if node.settings.smtp_host:
        wanted["mail"] = mail.run
    if node.settings.is_hub:
        wanted["reading"] = reading.run
        wanted["bursts"] = bursts.run
        wanted["evidence"] = evidence.run
        wanted["liveness"] = liveness.run
        if node.settings.digest == "weekly":
            wanted["digest"] = digest.run
    jobs = [
        asyncio.create_task(_always(name, run, node), name=name) for name, run in wanted.items()
    ]
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.wait(jobs, timeout=STOP_SECONDS)


async def _always(name: str, run: Callable[[Node], Awaitable[None]], node: Node) -> None:
    """A job that ends by an error nobody thought of begins anew: a node without it is half dead."""
    while True:
        try:
            await run(node)
        except Exception:
            log.exception("the job %s failed and begins anew", name)
        await asyncio.sleep(AGAIN_SECONDS)
