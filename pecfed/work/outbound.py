"""Delivers what waits: many at once, few to one host, each outcome written down in batches."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

from pecfed import clock
from pecfed.errors import PecfedError
from pecfed.federation.deliver import Sender
from pecfed.federation.node import Node
from pecfed.store import deliveries, remotes
from pecfed.store.database import Session
from pecfed.store.deliveries import Delivery, Outcome

log = logging.getLogger(__name__)
IDLE_SECONDS = 5.0
TURN_SECONDS = 0.01  # what happens meanwhile shares a transaction


class Outbound:
    """The delivery job of one process."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._sender = Sender(node)
        self._in_flight: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._failing: set[str] = set()

    async def run(self) -> None:
        """Deliver for ever."""
        node = self._node
        self._failing = await node.database.read(deliveries.known_failing)
        bell = node.database.bell("deliveries")
        try:
            while True:
                try:
                    found = await self._turn()
                except PecfedError as error:
                    log.warning("deliveries: %s", error.message)
                    found = []
                for delivery in found:
                    self._in_flight[delivery.host] += 1
                    task = asyncio.create_task(self._send(delivery))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                if not found:
                    await bell.wait(await self._idle_safely())
                if self._tasks:
                    await asyncio.sleep(TURN_SECONDS)
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            try:
                await self._turn(claim=False)
            except PecfedError as error:
                # the leases run out and the deliveries are tried again: twice is not lost
                log.warning("deliveries: %s", error.message)

    async def _turn(self, *, claim: bool = True) -> Sequence[Delivery]:
        """Write down what came of the last attempts and take the next, in one transaction."""
        settings = self._node.settings
        free = settings.deliveries_in_flight - len(self._tasks) if claim else 0
        per_host = settings.deliveries_per_host
        room = {host: per_host - n for host, n in self._in_flight.items()}
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes and free <= 0:
            return []

        answered = _hosts(outcomes)

        async def work(session: Session) -> Sequence[Delivery]:
            now = clock.now_ms()
            if outcomes:
                await deliveries.settle(session, outcomes, now)
            for host, well in answered.items():
                if not well:
                    await deliveries.host_failed(session, host, now)
                elif host in self._failing:
                    await deliveries.host_answers(session, host, now)
            if free <= 0:
                return []
            return await deliveries.claim(session, free, now, room, per_host)

        try:
            found = await self._node.database.write(work)
        except BaseException:
            self._outcomes = outcomes + self._outcomes  # to be written down the next time
            raise
        for host, well in answered.items():
            (self._failing.discard if well else self._failing.add)(host)
        return found

    async def _idle_safely(self) -> float:
        try:
            return await self._idle()
        except PecfedError as error:
            log.warning("deliveries: %s", error.message)
            return IDLE_SECONDS

    async def _idle(self) -> float:
        """Seconds until something is due, five at most."""
        if self._tasks:
            return 0.05  # a host that was busy may be free soon
        now = clock.now_ms()
        due = await self._node.database.read(lambda session: deliveries.next_due(session, now))
        if due is None:
            return IDLE_SECONDS
        # what is due but waits for its turn is woken by the one before it
        return min(max((due - now) / 1000, 0.25), IDLE_SECONDS)

    async def _send(self, delivery: Delivery) -> None:
        outcome = await self._sender.send(delivery)
        if outcome.state != "delivered":
            log.info("delivery to %s: %s (%s)", delivery.inbox_url, outcome.state, outcome.error)
        self._in_flight[delivery.host] -= 1
        if self._in_flight[delivery.host] <= 0:
            del self._in_flight[delivery.host]
        self._outcomes.append(outcome)
        self._node.database.bell("deliveries").ring()
        if outcome.status in {404, 410}:
            await self._still_there(delivery.inbox_url)

    async def _still_there(self, inbox_url: str) -> None:
        """An inbox that is gone may mean that its actors are: ask, and deliver no more if so."""
        uris = await self._node.database.read(lambda session: remotes.at_inbox(session, inbox_url))
        for uri in uris:
            try:
                await self._node.remotes.refresh(uri)
            except PecfedError as error:
                log.info("%s: %s", uri, error.message)


def _hosts(outcomes: list[Outcome]) -> dict[str, bool]:
    """Whether each host answered anything at all (an error status under 500 is an answer)."""
    answered: dict[str, bool] = {}
    for outcome in outcomes:
        alive = outcome.status is not None and outcome.status < 500
        host = outcome.delivery.host
        answered[host] = answered.get(host, False) or alive
    return answered
