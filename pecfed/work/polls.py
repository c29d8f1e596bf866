"""Tells followers how polls stand, and how they ended, when that is due."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.services import poll
from pecfed.store import votes
from pecfed.store.database import Session

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0


async def once(node: Node) -> int:
    """Tell what is due now; how many polls. Several processes share them out."""

    async def look(session: Session) -> bool:
        return await votes.any_due(session, clock.now_ms())

    async def work(session: Session) -> int:
        return await poll.tell_due(session, node.uris)

    return await node.database.write(work) if await node.database.read(look) else 0


async def run(node: Node) -> None:
    """Tell for ever."""
    while True:
        try:
            told = await once(node)
        except PecfedError as error:
            log.warning("polls: %s", error.message)
            told = 0
        if not told:
            await asyncio.sleep(EVERY_SECONDS)
