"""Looks whether the addresses that statements give as evidence answer, a few hosts at a time."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.errors import FetchError, PecfedError
from pecfed.federation.node import Node
from pecfed.store import evidence_checks
from pecfed.store.database import Session
from pecfed.store.evidence_checks import Outcome

log = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
AT_ONCE = 4  # hosts; never two requests to one
LEASE = 120_000  # milliseconds
GONE = frozenset({404, 410, 451})


async def once(node: Node) -> int:
    """Look at what is due, one address of each of a few hosts; how many."""
    now = clock.now_ms()
    if not await node.database.read(lambda session: evidence_checks.any_due(session, now)):
        return 0

    async def claim(session: Session) -> list[str]:
        return await evidence_checks.claim(session, now, LEASE, AT_ONCE)

    urls = await node.database.write(claim)
    await asyncio.gather(*(_look(node, url) for url in urls))
    return len(urls)


async def _look(node: Node, url: str) -> None:
    status, outcome = await ask(node, url)

    async def keep(session: Session) -> None:
        await evidence_checks.put(session, url, clock.now_ms(), status, outcome)

    await node.database.write(keep)


async def ask(node: Node, url: str) -> tuple[int, Outcome]:
    """The HTTP status of an address (0 for none), and what that means."""
    try:
        answer = await node.client.get(url, {"Accept": "*/*"}, within_origin=False)
    except FetchError as error:
        if error.code == "too_large":
            return 200, "answers"  # there is something, and more than we read
        never = error.code in {"bad_address", "blocked_address"}
        return 0, "not-asked" if never else "unreachable"
    if answer.status < 400:
        return answer.status, "answers"
    return answer.status, "gone" if answer.status in GONE else "refused"


async def run(node: Node) -> None:
    """Look for ever."""
    while True:
        try:
            looked = await once(node)
        except PecfedError as error:
            log.warning("evidence: %s", error.message)
            looked = 0
        if not looked:
            await asyncio.sleep(EVERY_SECONDS)
