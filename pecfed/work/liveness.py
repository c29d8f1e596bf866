"""Probes each member's node once a day, and asks each member once a year whether all is true."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.federation.probing import probe
from pecfed.services import liveness, setup, still_true
from pecfed.services.liveness import Found
from pecfed.store import liveness as lives
from pecfed.store.database import Session
from pecfed.store.members import Member

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
AT_ONCE = 4
PROBE_SECONDS = 45  # for one node: two or three requests
LEASE = 3_600_000  # milliseconds


async def run(node: Node) -> None:
    """Look for ever."""
    while True:
        try:
            await once(node)
        except PecfedError as error:
            log.warning("liveness: %s", error.message)
        await asyncio.sleep(EVERY_SECONDS)


async def once(node: Node) -> int:
    """Everything that is due now; how many nodes were probed."""

    async def begin(session: Session) -> None:
        hub = await setup.the_hub(session)
        await liveness.begin(session)
        await still_true.changed(session)
        await still_true.ask_due(session, node.uris, hub, node.settings)
        await still_true.tell_unanswered(session, node.settings)
        await lives.prune(session, clock.now_ms())

    if not await node.database.read(setup.has_hub):
        return 0
    await node.database.write(begin)
    found = await asyncio.gather(*(_probe_all(node) for _ in range(AT_ONCE)))
    return sum(found)


async def _probe_all(node: Node) -> int:
    """Probe one node after the other until none is due; how many."""
    count = 0
    while True:
        entry = await node.database.write(
            lambda session: lives.claim(session, clock.now_ms(), LEASE)
        )
        if entry is None:
            return count
        await one(node, entry)
        count += 1


async def one(node: Node, entry: Member) -> Found:
    """Probe one node now and write down what was found."""
    assert entry.uri is not None
    if await node.is_blocked(entry.uri):
        return Found()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            found = await probe(node, entry.uri)
    except TimeoutError:
        found = Found(failure="timeout")

    async def write(session: Session) -> None:
        await liveness.probed(session, node.settings, entry.id, found)

    await node.database.write(write)
    return found
