"""Once a week, a hub tells its followers what is new."""

from __future__ import annotations

import asyncio
import logging

from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.services import digest, setup
from pecfed.store.database import Session

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0


async def once(node: Node) -> str:
    """Tell of this week if that is due; the Note's uri, "" where there was nothing to do."""

    async def work(session: Session) -> str:
        return await digest.tell(session, node.uris, await setup.the_hub(session))

    return await node.database.write(work) if await node.database.read(digest.is_due) else ""


async def run(node: Node) -> None:
    """Look for ever."""
    while True:
        try:
            await once(node)
        except PecfedError as error:
            log.warning("digest: %s", error.message)
        await asyncio.sleep(EVERY_SECONDS)
