"""Lets decisions take effect when they can no longer be undone; brings back what was put off."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.services import effects
from pecfed.store import queue
from pecfed.store.database import Session

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0


async def once(node: Node) -> bool:
    """Do what is due first; False when nothing is. Several processes share them out."""
    number = await node.database.read(lambda session: queue.due(session, clock.now_ms()))
    if number is None:
        return False

    async def work(session: Session) -> bool:
        desk = await effects.the_desk(session, node.uris, node.settings)
        return await effects.due(session, desk, number)

    try:
        return await node.database.write(work)
    except PecfedError as error:
        if error.retry:
            raise
        cause = error
    except Exception:
        # one that nobody thought of must not keep the others waiting for ever
        log.exception("the decision on item %s of the queue could not take effect", number)
        cause = PecfedError("it could not take effect: the node's log says why")
    await node.database.write(lambda session: effects.failed(session, number, cause))
    return True


async def run(node: Node) -> None:
    """Work for ever."""
    while True:
        try:
            done = await once(node)
        except PecfedError as error:
            log.warning("the desk: %s", error.message)
            done = False
        if not done:
            await asyncio.sleep(EVERY_SECONDS)
