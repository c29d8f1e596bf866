"""What was acknowledged has its effect: letters of one actor in order, actors side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from pecfed import clock
from pecfed.errors import PecfedError, RefusedError
from pecfed.federation.dispatch import dispatch
from pecfed.federation.node import Node
from pecfed.federation.received import Received
from pecfed.language.wire import parse
from pecfed.store import inbox
from pecfed.store.database import Session
from pecfed.store.inbox import Letter

log = logging.getLogger(__name__)
BATCH = 200
IDLE_SECONDS = 5.0


async def run(node: Node) -> None:
    """Work through the inbox for ever."""
    bell = node.database.bell("inbox")
    while True:
        try:
            letters = await node.database.write(
                lambda session: inbox.claim(session, BATCH, clock.now_ms())
            )
            if letters:
                await process(node, letters)
                continue
        except PecfedError as error:
            log.warning("inbox: %s", error.message)
        await bell.wait(IDLE_SECONDS)


async def process(node: Node, letters: Sequence[Letter]) -> None:
    """Give each letter its effect; one that fails is tried again later, or parked."""
    by_actor = sorted(letters, key=lambda letter: (letter.actor_uri, letter.id))
    groups = [list(group) for _, group in groupby(by_actor, key=lambda letter: letter.actor_uri)]
    async with asyncio.TaskGroup() as tasks:
        for group in groups:
            tasks.create_task(_in_order(node, group))


async def _in_order(node: Node, letters: Sequence[Letter]) -> None:
    for letter in letters:
        try:
            await _one(node, letter)
        except Exception as error:
            # a retry can help where a peer was away; else it waits and is parked, in sight
            known = isinstance(error, PecfedError)
            words = error.message if isinstance(error, PecfedError) else repr(error)
            log.log(
                logging.INFO if known else logging.ERROR,
                "inbox: %s of %s failed: %s", letter.type, letter.actor_uri, words,
                exc_info=None if known else error,
            )  # fmt: skip
            await node.database.write(partial(_later, letter, words))


async def _later(letter: Letter, words: str, session: Session) -> None:
    await inbox.later(session, letter, words, clock.now_ms())


async def _one(node: Node, letter: Letter) -> None:
    """The effect of a letter and the mark that it is done, in one transaction.

    Raises:
        FetchError: its origin can't be read now.
    """
    try:
        received = Received(letter.type, letter.actor_uri, parse(letter.body.encode()))
        effect = await dispatch(node, received)
    except RefusedError as error:
        effect = error.message

    async def both(session: Session) -> None:
        note = effect if isinstance(effect, str) else await effect(session)
        await inbox.done(session, letter.id, note)

    await node.database.write(both)
