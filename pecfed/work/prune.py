"""Forgets what no longer needs keeping, once an hour."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.domain import account
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.store import (
    activities,
    actors,
    claims,
    conversations,
    deliveries,
    evidence_checks,
    inbox,
    keys,
    mails,
    notices,
    peers,
    queue,
    remotes,
    reports,
    reviews,
    sign_ins,
    withdrawn,
)
from pecfed.store.database import Session

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600
DAY = 86_400_000  # milliseconds
KEEP_DELIVERED = 8 * DAY
KEEP_ASKED = 2 * DAY
KEEP_STRANGERS = 7 * DAY
KEEP_WAYS = 90 * DAY
KEEP_SAID = 30 * DAY  # what was said of something that was withdrawn
KEEP_MENTIONS = 365 * DAY
KEEP_REVIEWS = 1095 * DAY  # three years: as long as a statement can hold
KEEP_REPORTS = 365 * DAY  # that are closed
KEEP_ITEMS = 1095 * DAY  # of the reviewers' queue, once they are done
KEEP_LOOKS = 400 * DAY  # at an address that nobody asks about any more
KEEP_NOTICES = 365 * DAY
KEEP_MAILS = 30 * DAY
KEEP_CLAIMS = 365 * DAY  # that nothing proves, once they are dealt with
KEEP_DONE = 40 * DAY  # a repeat of anything older fails by its date


async def once(session: Session) -> None:
    """Forget old deliveries and answers, done letters, passing strangers and undone follows."""
    now = clock.now_ms()
    await deliveries.prune(session, now - KEEP_DELIVERED)
    await activities.prune(session, now - KEEP_DELIVERED)
    await inbox.prune(session, now - KEEP_DONE, now - KEEP_ASKED)
    await remotes.prune(session, now - KEEP_STRANGERS)
    await withdrawn.prune(session, now)
    await conversations.prune(session, now - KEEP_SAID, now - KEEP_MENTIONS)
    await reports.prune(session, now - KEEP_REPORTS)
    await mails.prune(session, now - KEEP_MAILS)
    await notices.prune(session, now - KEEP_NOTICES)
    await claims.prune(session, now - KEEP_CLAIMS)
    await reviews.prune(session, now - KEEP_REVIEWS)
    await peers.prune(session, now - KEEP_WAYS)
    await sign_ins.prune(
        session, seen_before=now - account.IDLE, began_before=now - account.LONGEST, now=now
    )
    await queue.prune(session, now - KEEP_ITEMS)
    await evidence_checks.prune(session, now - KEEP_LOOKS)


async def forget_keys(node: Node) -> None:
    """Delete the private keys of actors whose end everybody has heard of, or never will."""
    before = clock.now_ms() - KEEP_DELIVERED
    for actor in await node.database.read(lambda session: actors.ended(session, before)):
        for key in actor.keys:
            if node.keyring.files.remove(actor.username, key.uri):
                log.info("the private key %s is deleted: its actor is no more", key.uri)


async def forget_old_keys(node: Node) -> None:
    """Delete the private halves of keys whose time is over: nothing is signed with them again."""
    now = clock.now_ms()
    for username, uri in await node.database.read(lambda session: keys.ended(session, now)):
        if node.keyring.files.remove(username, uri):
            log.info("the private key %s is deleted: its time is over", uri)


async def run(node: Node) -> None:
    """Forget for ever."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await node.database.write(once)
            await forget_keys(node)
            await forget_old_keys(node)
        except PecfedError as error:
            log.warning("prune: %s", error.message)
