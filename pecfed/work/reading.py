"""Reads members' collections when they are due: after acceptance, after a hint, and daily."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.federation.reading import read_member
from pecfed.store import members
from pecfed.store.database import Session
from pecfed.store.members import Member

log = logging.getLogger(__name__)
IDLE_SECONDS = 5.0
LEASE = 600_000  # milliseconds; also the pause after a reading that failed
READ_SECONDS = 300  # for one member; half the lease
AT_ONCE = 8  # so that a slow member holds up nobody


async def run(node: Node) -> None:
    """Read for ever, a few members at once."""
    async with asyncio.TaskGroup() as readers:
        for _ in range(AT_ONCE):
            readers.create_task(_reader(node))


async def _reader(node: Node) -> None:
    """Read one member after another."""
    bell = node.database.bell("reading")
    while True:
        try:
            entry = await node.database.write(
                lambda session: members.claim_reading(session, clock.now_ms(), LEASE)
            )
            if entry is not None:
                await _one(node, entry)
                continue
        except PecfedError as error:
            log.warning("reading: %s", error.message)
        await bell.wait(IDLE_SECONDS)


async def _one(node: Node, entry: Member) -> None:
    """Read one entry's collections and say when next; a failure is tried again after the lease."""
    try:
        async with asyncio.timeout(READ_SECONDS):
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
    await node.database.write(partial(_next, node, entry))


async def _next(node: Node, entry: Member, session: Session) -> None:
    """Members are read again on schedule, unless something sooner was asked meanwhile."""
    hours = node.settings.reconcile_hours
    due = clock.now_ms() + hours * 3_600_000
    await members.was_read(session, entry.id, due, entry.read_due_at)
