"""Requests that go out signed: each server's own way first, the other when it refuses.

Most of the Fediverse verifies draft-cavage alone, some servers RFC 9421 alone; which,
only the answer tells ("double knocking", SWICG's report on HTTP signatures). What
worked is remembered for each origin.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from pecfed import clock
from pecfed.domain.uris import origin
from pecfed.federation import cavage, messages
from pecfed.federation.client import Answer
from pecfed.federation.keys import Keyring
from pecfed.federation.limits import Remembered
from pecfed.federation.messages import Asked
from pecfed.store import peers
from pecfed.store.database import Database

Way = Literal["cavage", "rfc9421", "ed25519"]
"""Draft-cavage with RSA; RFC 9421 with RSA; RFC 9421 with Ed25519."""
WAYS: tuple[Way, ...] = ("cavage", "rfc9421", "ed25519")
REFUSED = frozenset({400, 401})
ORIGINS_IN_MEMORY = 10_000
HOPELESS_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Style:
    """One way to sign one request."""

    way: Way
    asked: Asked | None = None
    query: bool = True


class Knocks:
    """Signs and sends for a node, and remembers what each origin takes."""

    def __init__(self, keyring: Keyring, database: Database) -> None:
        self._keyring = keyring
        self._database = database
        # an RSA signature takes a third of a millisecond outside Python's lock: a thread makes
        # them beside the loop, and requests leave one by one; a second would only get in its way
        self._signer = ThreadPoolExecutor(1, thread_name_prefix="signer")
        self._ways: OrderedDict[str, Way] = OrderedDict()
        self._kept: dict[str, str] | None = None
        self._hopeless = Remembered(HOPELESS_SECONDS)

    def close(self) -> None:
        """Let the signing thread end."""
        self._signer.shutdown(wait=False, cancel_futures=True)

    def promised(self, uri: str) -> None:
        """An actor's own document says that its software verifies RFC 9421 with Ed25519.

        It counts until it is found out to be untrue.
        """
        self._remember(origin(uri), self._ways.get(origin(uri), "ed25519"))

    async def send(
        self,
        username: str,
        method: str,
        url: str,
        body: bytes | None,
        send: Callable[[dict[str, str]], Awaitable[Answer]],
    ) -> Answer:
        """Send a request signed by that actor, a second time where the first is refused.

        A refusal is a 400 or 401. A GET may be tried a third time, its query unsigned, as
        GoToSocial does it.

        Raises:
            FetchError: what `send` raises.
        """
        where = origin(url)
        first = Style(await self._way(where))
        answer = refused = await send(await self._sign(first, username, method, url, body))
        if 200 <= answer.status < 300 and body is not None:
            await self._learn(where, first.way, keep=True)
        if answer.status not in REFUSED or (body is None and self._hopeless.holds(where)):
            return answer
        for style in _others(first, answer, url, body):
            answer = await send(await self._sign(style, username, method, url, body))
            if answer.status not in REFUSED:
                if 200 <= answer.status < 300 and style.query:
                    await self._learn(where, style.way, keep=body is not None)
                return answer
        if body is None:
            self._hopeless.add(where)
        return refused

    async def _way(self, where: str) -> Way:
        """How to sign for that origin at first."""
        if self._kept is None:
            self._kept = dict(await self._database.read(peers.ways))
            for each, way in reversed(self._kept.items()):
                if way in WAYS:
                    self._remember(each, WAYS[WAYS.index(way)])
        return self._ways.get(where, "cavage")

    def _remember(self, where: str, way: Way) -> None:
        self._ways[where] = way
        self._ways.move_to_end(where)
        if len(self._ways) > ORIGINS_IN_MEMORY:
            self._ways.popitem(last=False)

    async def _learn(self, where: str, way: Way, *, keep: bool) -> None:
        """Remember what an origin takes.

        On disk only for those we deliver to (`keep`): whose documents are read is for
        strangers to choose.
        """
        if self._ways.get(where, "cavage") != way:
            self._remember(where, way)
        assert self._kept is not None
        if keep and self._kept.get(where, "cavage") != way:
            now = clock.now_ms()
            await self._database.write(lambda session: peers.learn(session, where, way, now))
            self._kept[where] = way

    async def _sign(
        self, style: Style, username: str, method: str, url: str, body: bytes | None
    ) -> dict[str, str]:
        """The headers of a request, signed by the actor's key of the right kind."""
        now = clock.now()
        extra: dict[str, Any] = {}
        if style.asked is not None:
            extra = {"components": style.asked.components, "extra": style.asked.parameters}
        if style.way == "ed25519":
            signer = await self._keyring.ed25519(username)
            return messages.sign(signer.key, signer.uri, method, url, now, body, **extra)
        key_uri, rsa_key = await self._keyring.rsa(username)

        def work() -> dict[str, str]:
            if style.way == "cavage":
                return cavage.sign(rsa_key, key_uri, method, url, now, body, query=style.query)
            return messages.sign(rsa_key, key_uri, method, url, now, body, **extra)

        return await asyncio.get_running_loop().run_in_executor(self._signer, work)


def _others(first: Style, answer: Answer, url: str, body: bytes | None) -> Iterator[Style]:
    """What else to try after the first was refused."""
    asked = messages.read_accept_signature(answer.headers.get("Accept-Signature", ""))
    if asked is not None and not (first.way != "cavage" and asked.is_usual):
        yield Style("ed25519" if asked.algorithm == "ed25519" else "rfc9421", asked)
    else:
        yield Style("rfc9421" if first.way == "cavage" else "cavage")
    if body is None and "?" in url:
        yield Style("cavage", query=False)
