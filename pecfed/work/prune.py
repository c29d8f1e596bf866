"""Forgets what no longer needs keeping, once an hour."""

from __future__ import annotations

import asyncio
import logging

from pecfed import clock
from pecfed.domain import account
from pecfed.domain.retention import (
    KEEP_ASKED,
    KEEP_CLAIMS,
    KEEP_DATA_ASKS,
    KEEP_DELIVERED,
    KEEP_DONE,
    KEEP_ITEMS,
    KEEP_LOOKS,
    KEEP_MAILS,
    KEEP_MENTIONS,
    KEEP_NOTICES,
    KEEP_REPORTS,
    KEEP_REVIEWS,
    KEEP_SAID,
    KEEP_STRANGERS,
    KEEP_WAYS,
)
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.store import (
    activities,
    actors,
    claims,
    conversations,
    data_asks,
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
    await data_asks.prune(session, now - KEEP_DATA_ASKS)
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
