"""One delivery: sign, POST, and say what the answer means."""

from __future__ import annotations

import json
import logging
import random
from collections import OrderedDict
from datetime import UTC
from email.utils import parsedate_to_datetime

from pecfed import clock
from pecfed.errors import FetchError, PecfedError
from pecfed.federation import proving
from pecfed.federation.client import Answer
from pecfed.federation.node import Node
from pecfed.store import activities, actors
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.deliveries import Delivery, Outcome

log = logging.getLogger(__name__)

# a slip is tried again at once; then about a week, longer than any peer gives up on us
BACK_OFF = (2, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, *(86_400,) * 6)  # seconds
FINAL = frozenset({404, 405, 406, 410, 501})
FEW_TRIES = frozenset({400, 401, 403, 413, 415, 422})
MAX_RETRY_AFTER = 6 * 3600  # seconds
BODIES = 512


class Sender:
    """Delivers for a node; an activity is written and serialised once for all its inboxes."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._bodies: OrderedDict[int, tuple[LocalActor, bytes, str]] = OrderedDict()

    async def _body(self, activity_id: int) -> tuple[LocalActor, bytes]:
        """The actor and the bytes of an activity; written anew once its actor has another key."""
        found = self._bodies.get(activity_id)
        if found is None or found[2] != (await self._key_of(found[0])):

            async def work(session: Session) -> tuple[LocalActor, activities.Activity]:
                activity = (await activities.by_ids(session, [activity_id]))[activity_id]
                return await actors.by_id(session, activity.actor_id), activity

            actor, activity = await self._node.database.read(work)
            key_uri = await self._key_of(actor)
            document = await proving.activity(self._node, activity, actor)
            body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
            found = self._bodies[activity_id] = actor, body, key_uri
            if len(self._bodies) > BODIES:
                self._bodies.popitem(last=False)
        return found[:2]

    async def _key_of(self, actor: LocalActor) -> str:
        """The id of the key by which an actor's proofs are made now."""
        return (await self._node.keyring.ed25519(actor.username)).uri

    async def send(self, delivery: Delivery) -> Outcome:
        """Try one delivery; never raises, the outcome says what comes next."""
        node = self._node
        try:
            actor, body = await self._body(delivery.activity_id)
            answer = await node.knocks.send(
                actor.username,
                "POST",
                delivery.inbox_url,
                body,
                lambda headers: node.client.post(delivery.inbox_url, headers, body),
            )
        except FetchError as error:
            return _failed(delivery, None, error.message, final=not error.retry)
        except PecfedError as error:
            return _failed(delivery, None, error.message, final=False)
        except Exception as error:
            # one that can't even be written must not keep its host's place for ever
            log.exception("delivery of activity %s failed", delivery.activity_id)
            return _failed(delivery, None, repr(error), final=False)
        return _judge(delivery, answer)


def _judge(delivery: Delivery, answer: Answer) -> Outcome:
    """What an answer means: 2xx arrived; the rest is tried again, or not."""
    status = answer.status
    if 200 <= status < 300:
        return Outcome(delivery, "delivered", 0, status)
    words = answer.body[:200].decode("utf-8", "replace")
    final = (
        status in FINAL or (status in FEW_TRIES and delivery.attempts >= 2) or 300 <= status < 400
    )
    asked = _retry_after(answer.headers.get("Retry-After", ""))
    return _failed(delivery, status, f"answered {status}: {words}", final=final, at_least=asked)


def _failed(
    delivery: Delivery, status: int | None, error: str, *, final: bool, at_least: int = 0
) -> Outcome:
    """Tried in vain: when to try again, or parked. `delivery.attempts` are those before."""
    if final or delivery.attempts >= len(BACK_OFF):
        return Outcome(delivery, "parked", 0, status, error)
    pause = BACK_OFF[delivery.attempts] * (0.5 + random.random() / 2)  # noqa: S311 - spreads load
    due = clock.now_ms() + round(max(pause, at_least) * 1000)
    return Outcome(delivery, "waiting", due, status, error)


def _retry_after(value: str) -> int:
    """Seconds that a peer asks us to wait (RFC 9110 section 10.2.3), six hours at most."""
    if value.isascii() and value.isdecimal():
        return min(int(value[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - clock.now()).total_seconds()
    return max(0, min(round(seconds), MAX_RETRY_AFTER))
