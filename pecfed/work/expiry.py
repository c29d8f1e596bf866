"""Looks every hour what soon is no longer valid, and tells those who run the node."""

from __future__ import annotations

import asyncio
import logging

from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.services import expiry

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600.0


async def run(node: Node) -> None:
    """Look for ever."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await node.database.write(expiry.tell)
        except PecfedError as error:
            log.warning("expiry: %s", error.message)
