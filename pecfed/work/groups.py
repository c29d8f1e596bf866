"""On a node: reads which working groups its hubs have, and follows those its actors want."""

from __future__ import annotations

import logging
from functools import partial

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.groups import read_groups
from pecfed.federation.node import Node
from pecfed.services import working_groups
from pecfed.store import hub_groups, memberships
from pecfed.store.database import Session

log = logging.getLogger(__name__)
IDLE_SECONDS = 5.0
LEASE = 120_000  # milliseconds; also the pause after a reading that failed
EVERY = 86_400_000  # milliseconds between readings of one hub


async def run(node: Node) -> None:
    """Read for ever, one hub after the other: a node has few."""
    bell = node.database.bell("groups")
    while True:
        try:
            if await once(node):
                continue
        except PecfedError as error:
            log.warning("groups: %s", error.message)
        await bell.wait(IDLE_SECONDS)


async def once(node: Node) -> bool:
    """Read the groups of a hub for which it is time; False when there was none.

    Raises:
        StoreError: the database is away.
    """
    now = clock.now_ms()
    hub_uri = await node.database.write(lambda session: hub_groups.claim(session, now, LEASE))
    if hub_uri is None:
        return False
    try:
        found = await read_groups(node, hub_uri)
    except PecfedError as error:
        log.info("the groups of %s: %s", hub_uri, error.message)
        return True
    await node.database.write(partial(_keep, node, hub_uri, now + LEASE, found))
    return True


async def _keep(
    node: Node, hub_uri: str, leased: int, found: list[tuple[str, str, str]], session: Session
) -> None:
    await working_groups.were_read(session, node.uris, hub_uri, found)
    if await memberships.any_member(session, hub_uri):
        await hub_groups.was_read(session, hub_uri, leased, clock.now_ms() + EVERY)
    else:
        await hub_groups.forget(session, hub_uri)
