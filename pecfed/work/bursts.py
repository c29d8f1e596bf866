"""On a hub: tells, once a burst is over, what of it waited."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.services import bursts
from pecfed.store.database import Session

log = logging.getLogger(__name__)
EVERY_SECONDS = 15.0


async def run(node: Node) -> None:
    """Look for ever whether a burst is over."""
    while True:
        try:
            await once(node)
        except PecfedError as error:
            log.warning("bursts: %s", error.message)
        await asyncio.sleep(EVERY_SECONDS)


async def once(node: Node) -> list[str]:
    """Tell of every burst that is over; what was done with each.

    Raises:
        StoreError: the database is away.
    """
    now = clock.now_ms()
    found = await node.database.read(lambda session: bursts.due(session, now))
    return [await node.database.write(partial(_tell, node, *each)) for each in found]


async def _tell(node: Node, actor_id: int, author_uri: str, session: Session) -> str:
    per_hour = node.settings.announce_per_hour
    return await bursts.tell(session, node.uris, actor_id, author_uri, per_hour=per_hour)
