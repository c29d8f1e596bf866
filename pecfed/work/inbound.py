"""What was acknowledged has its effect: letters of one actor in order, actors side by side."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from pecfed import clock
from pecfed.domain.uris import site_of
from pecfed.errors import PecfedError, RefusedError, StoreError
from pecfed.federation.dispatch import dispatch
from pecfed.federation.node import Node
from pecfed.federation.received import Received
from pecfed.store import inbox
from pecfed.store.database import Session
from pecfed.store.inbox import Letter

log = logging.getLogger(__name__)
BATCH = 200
IDLE_SECONDS = 5.0
LANE_SECONDS = 20.0  # a lane that lasts longer puts the rest back, well within the lease
LANES_PER_HOST = 8
SETTLE_SECONDS = 0.005


async def run(node: Node) -> None:
    """Work through the inbox for ever."""
    await Inbound(node).run()


class Inbound:
    """The inbox job of one process: a lane for each actor that has letters waiting.

    What a letter needs may lie on a slow server. It holds up its own actor's lane and,
    at the most, a few of its host's, never those of others.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Give every letter a lane, for ever."""
        bell = self._node.database.bell("inbox")
        try:
            while True:
                try:
                    letters = await self._claim()
                except PecfedError as error:
                    log.warning("inbox: %s", error.message)
                    letters = []
                by_actor = sorted(letters, key=lambda letter: (letter.actor_uri, letter.id))
                for actor_uri, group in groupby(by_actor, key=lambda letter: letter.actor_uri):
                    lane = asyncio.create_task(self._lane(list(group)))
                    self._lanes[actor_uri] = lane
                    lane.add_done_callback(partial(self._ended, actor_uri))
                if not letters:
                    # what came in meanwhile is mostly for lanes that are at work already
                    await asyncio.sleep(SETTLE_SECONDS if self._lanes else 0)
                    await bell.wait(IDLE_SECONDS)
        finally:
            lanes = list(self._lanes.values())
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    def _ended(self, actor_uri: str, lane: asyncio.Task[None]) -> None:
        del self._lanes[actor_uri]
        if not lane.cancelled() and (error := lane.exception()):
            log.warning("inbox: the letters of %s wait: %s", actor_uri, error)
        self._node.database.bell("inbox").ring()

    async def _claim(self) -> Sequence[Letter]:
        hosts = Counter(site_of(uri) for uri in self._lanes)
        full = [host for host, lanes in hosts.items() if lanes >= LANES_PER_HOST]
        return await self._node.database.write(
            lambda session: inbox.claim(session, BATCH, clock.now_ms(), list(self._lanes), full)
        )

    async def _lane(self, letters: Sequence[Letter]) -> None:
        """Give each letter its effect; one that fails is tried again later, or parked.

        Raises:
            StoreError: the outcome can't be written down; the leases run out.
        """
        until = time.monotonic() + LANE_SECONDS
        for at, letter in enumerate(letters):
            if time.monotonic() > until:
                await self._node.database.write(partial(_put_back, letters[at:]))
                return
            try:
                await _one(self._node, letter)
            except StoreError as error:
                # the database's trouble, not the letter's: its try doesn't count
                log.warning("inbox: %s", error.message)
                await self._node.database.write(partial(_put_back, letters[at:]))
                return
            except Exception as error:
                # a retry can help where a peer was away; else it waits and is parked, in sight
                known = isinstance(error, PecfedError)
                words = error.message if isinstance(error, PecfedError) else repr(error)
                log.log(
                    logging.INFO if known else logging.ERROR,
                    "inbox: %s of %s failed: %s", letter.type, letter.actor_uri, words,
                    exc_info=None if known else error,
                )  # fmt: skip
                await self._node.database.write(partial(_later, letter, words))


async def _put_back(letters: Sequence[Letter], session: Session) -> None:
    await inbox.put_back(session, letters)


async def _later(letter: Letter, words: str, session: Session) -> None:
    await inbox.later(session, letter, words, clock.now_ms())


async def _one(node: Node, letter: Letter) -> None:
    """The effect of a letter and the mark that it is done, in one transaction.

    Raises:
        FetchError: its origin can't be read now.
    """
    try:
        # its bounds were checked before it was kept
        received = Received(letter.type, letter.actor_uri, json.loads(letter.body))
        effect = await dispatch(node, received)
    except RefusedError as error:
        effect = error.message

    if isinstance(effect, str):
        log.info("inbox: %s of %s: %s", letter.type, letter.actor_uri, effect)

    async def both(session: Session) -> None:
        note = effect if isinstance(effect, str) else await effect(session)
        await inbox.done(session, letter.id, note)

    await node.database.write(both)
