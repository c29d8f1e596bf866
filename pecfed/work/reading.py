"""Reads members' collections when they are due: after acceptance, after a hint, and daily."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.federation.reading import read_member
from pecfed.federation.willing import look
from pecfed.services import invitation
from pecfed.store import invitations, members
from pecfed.store.database import Session
from pecfed.store.members import Member

log = logging.getLogger(__name__)
IDLE_SECONDS = 5.0
LEASE = 600_000  # milliseconds; also the pause after a reading that failed
READ_SECONDS = 300  # for one member; half the lease
AT_ONCE = 8  # so that a slow member holds up nobody


async def run(node: Node) -> None:
    """Read for ever, a few members at once."""
    readings: set[asyncio.Task[None]] = set()
    try:
        await _start(node, readings)
    finally:
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)


async def _start(node: Node, readings: set[asyncio.Task[None]]) -> None:
    bell = node.database.bell("reading")
    while True:
        if len(readings) >= AT_ONCE:
            await asyncio.wait(readings, return_when=asyncio.FIRST_COMPLETED)
        try:
            entry = await node.database.write(
                lambda session: members.claim_reading(session, clock.now_ms(), LEASE)
            )
            if entry is not None:
                reading = asyncio.create_task(_one(node, entry))
                readings.add(reading)
                reading.add_done_callback(readings.discard)
                continue
        except PecfedError as error:
            log.warning("reading: %s", error.message)
        await bell.wait(IDLE_SECONDS)


async def _one(node: Node, entry: Member) -> None:
    """Read one entry's collections and say when next; a failure is tried again after the lease."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            if entry.uri and await node.is_blocked(entry.uri):
                log.info("reading %s: it is blocked", entry.slug)
            elif entry.state == "invited":
                await _look(node, entry)
                return
            else:
                await read_member(node, entry)
    except PecfedError as error:
        log.info("reading %s: %s", entry.slug, error.message)
        return
    except TimeoutError:
        log.info("reading %s: not done within %s s", entry.slug, READ_SECONDS)
        return
    except Exception:
        log.exception("reading %s failed", entry.slug)
        return
    try:
        await node.database.write(partial(_next, node, entry))
    except PecfedError as error:
        log.warning("reading %s: %s", entry.slug, error.message)


async def _look(node: Node, entry: Member) -> None:
    """Whether an invited organisation links to us by now; once a day while it is asked."""
    asked = await node.database.read(lambda session: invitations.of_member(session, entry.id))
    if asked is not None and asked.state == "open":
        await look(node, asked, entry.read_due_at)
    else:
        until = entry.read_due_at
        await node.database.write(lambda s: invitation.looked(s, entry.id, until))


async def _next(node: Node, entry: Member, session: Session) -> None:
    """Members are read again on schedule, unless something sooner was asked meanwhile."""
    hours = node.settings.reconcile_hours
    due = clock.now_ms() + hours * 3_600_000
    await members.was_read(session, entry.id, due, entry.read_due_at)
