"""Starts and stops the jobs of one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pecfed.federation.node import Node
from pecfed.work import inbound, prune, reading
from pecfed.work.outbound import Outbound

STOP_SECONDS = 15


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[None]:
    """Run every job for as long as the block runs; what is under way may finish."""
    jobs = [
        asyncio.create_task(inbound.run(node), name="inbound"),
        asyncio.create_task(Outbound(node).run(), name="outbound"),
        asyncio.create_task(prune.run(node), name="prune"),
    ]
    if node.settings.is_hub:
        jobs.append(asyncio.create_task(reading.run(node), name="reading"))
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.wait(jobs, timeout=STOP_SECONDS)
