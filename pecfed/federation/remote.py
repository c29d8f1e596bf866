"""Other servers' actors, objects and keys: fetched from their origin, checked, remembered.

Rules: FEP-fe34 (origin), and what an id says counts only when it is served at that id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from pecfed import clock
from pecfed.domain.uris import host_of, origin
from pecfed.errors import FetchError, PecfedError, RefusedError
from pecfed.federation.actor_document import claimed_handle, owner_of, read_actor
from pecfed.federation.capabilities import takes_ed25519
from pecfed.federation.fetch import Fetcher
from pecfed.federation.knock import Knocks
from pecfed.federation.limits import Limits
from pecfed.federation.public_keys import PublicKey, load_public_key
from pecfed.federation.strangers import Met, Strangers
from pecfed.language.wire import Document, as_uri
from pecfed.store import remotes
from pecfed.store.database import Database, Session
from pecfed.store.remotes import RemoteActor

KEYS_IN_MEMORY = 5000
KEY_SECONDS = 3600
UNCONFIRMED_IN_MEMORY = 1000
ACTOR_AGE = 86_400_000  # milliseconds
log = logging.getLogger(__name__)


class _Known(NamedTuple):
    """A key in memory; `until` is on the machine's monotonic clock."""

    owner: str
    key: PublicKey
    until: float


class Remotes:
    """Actors and keys of a running node: memory, then database, then (bounded) their origin."""

    def __init__(
        self, database: Database, fetcher: Fetcher, limits: Limits, knocks: Knocks
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._limits = limits
        self._knocks = knocks
        self._keys: OrderedDict[str, _Known] = OrderedDict()
        self._refreshing: set[asyncio.Task[None]] = set()
        self._under_way: dict[tuple[str, bool], asyncio.Task[Met]] = {}
        self._confirming: dict[str, asyncio.Task[None]] = {}
        self._unconfirmed: OrderedDict[str, Document] = OrderedDict()
        self._strangers = Strangers()
        self._changes = 0  # grows when a key that was in the database may have changed

    async def actor(self, uri: str) -> RemoteActor:
        """An actor we have met, else fetched now.

        Raises:
            FetchError: its origin can't be read, or what it serves is no actor.
        """
        known = await self._database.read(lambda session: remotes.get(session, uri))
        if known is not None and known.gone_at is None:
            return known
        return await self.refresh(uri)

    async def refresh(self, uri: str, handle: str = "") -> RemoteActor:
        """An actor read anew from its origin; who asks meanwhile shares the answer.

        `handle` is one that WebFinger gave for it, on another host perhaps.

        Raises:
            FetchError: as above; an actor whose origin says 404 or 410 is marked gone.
        """
        met = await self._read(uri, handle, confirm=True)
        if not met.kept:
            await self._database.write(lambda session: remotes.keep(session, met.actor, met.keys))
            self.forget(met.actor.uri)
        return met.actor

    def is_being_read(self, uri: str) -> bool:
        """Whether an actor's origin is being asked for it at this moment."""
        return (uri, False) in self._under_way or (uri, True) in self._under_way

    async def _read(self, uri: str, handle: str = "", *, confirm: bool) -> Met:
        """An actor as its origin serves it; asked once by all who want to know."""
        task = self._under_way.get((uri, True)) or self._under_way.get((uri, confirm))
        if task is None:
            task = asyncio.create_task(self._ask(uri, handle, confirm=confirm))
            self._under_way[uri, confirm] = task
            task.add_done_callback(lambda _: self._under_way.pop((uri, confirm), None))
        return await asyncio.shield(task)

    async def _ask(self, uri: str, handle: str, *, confirm: bool) -> Met:
        """Ask the origin; what we have of the actor is renewed, a stranger leaves no row yet.

        `confirm`: ask the host of its handle, too. Where a signature is still to be
        verified it waits until it was (`confirm`): nobody unknown sends us to third parties.
        """
        document = await self._document(uri)
        at = as_uri(document.get("id"))
        before = await self._database.read(lambda session: remotes.get(session, at))
        known = handle or (before.handle if before else "")
        if confirm:
            handle = await self._fetcher.confirmed_handle(document, known)
        else:
            claim = claimed_handle(document)
            # one that was confirmed stays so for as long as it is claimed
            is_confirmed = known == claim or (not claim and known.partition("@")[2] != host_of(at))
            handle = known if is_confirmed else ""
            if claim and not is_confirmed:
                self._unconfirmed[at] = {"id": at, "webfinger": claim}
                if len(self._unconfirmed) > UNCONFIRMED_IN_MEMORY:
                    self._unconfirmed.popitem(last=False)
        actor, keys = read_actor(document, handle)
        uri = actor.uri
        if takes_ed25519(document):
            self._knocks.promised(uri)
        if before is not None:
            await self._database.write(lambda session: remotes.keep(session, actor, keys))
            self.forget(uri)
            return Met(actor, keys, kept=True)
        met = Met(actor, keys, kept=False)
        self._strangers.add(met)
        return met

    async def _document(self, uri: str) -> Document:
        """An actor's document, found by its address or by that of a key of its."""
        try:
            document = await self._fetcher.document(uri)
            if owner := owner_of(document):
                uri = owner
                document = await self._fetcher.document(owner)
        except FetchError as error:
            if error.gone:
                await self._database.write(
                    lambda session: remotes.mark_gone(session, uri, clock.now_ms())
                )
                self.forget(uri)
            raise
        return document

    async def confirm(self, uri: str) -> None:
        """An actor has shown that its key is its own: the handle it claims may be asked for."""
        task = self._confirming.get(uri)
        if task is None:
            document = self._unconfirmed.pop(uri, None)
            if document is None:
                return
            task = asyncio.create_task(self._confirm(uri, document))
            self._confirming[uri] = task
            task.add_done_callback(lambda _: self._confirming.pop(uri, None))
        await asyncio.shield(task)

    async def _confirm(self, uri: str, document: Document) -> None:
        """Ask the handle's host, once for all who wait; what it confirms is remembered."""
        handle = await self._fetcher.confirmed_handle(document)
        if not handle:
            return
        met = self._strangers.get(uri)
        if met is not None:
            self._strangers.add(met._replace(actor=replace(met.actor, handle=handle)))
        else:
            await self._database.write(lambda session: remotes.rename(session, uri, handle))

    async def keep_met(self, session: Session, uri: str) -> None:
        """Keep a stranger with the first thing of its that is kept; `was_kept` after the commit."""
        met = self._strangers.get(uri)
        if met is not None:
            await remotes.keep(session, met.actor, met.keys)

    def was_kept(self, uri: str) -> None:
        """What `keep_met` wrote is on disk."""
        self._strangers.forget(uri)

    def forget(self, actor_uri: str) -> None:
        """Drop what is in memory of an actor; the database knows better now."""
        self._changes += 1
        self._strangers.forget(actor_uri)
        for key_uri in [uri for uri, known in self._keys.items() if known.owner == actor_uri]:
            del self._keys[key_uri]

    async def key(self, key_uri: str) -> tuple[str, PublicKey] | None:
        """The owner and the key of a key we know, without waiting for anybody.

        An actor last read more than a day ago is read anew meanwhile, so that a key
        it has revoked stops counting.
        """
        known = self._keys.get(key_uri)
        if known is not None and known.until > time.monotonic():
            self._keys.move_to_end(key_uri)
            return known.owner, known.key
        changes = -1
        while changes != self._changes:  # a key that changes while it is read is read again
            changes = self._changes
            kept = await self._database.read(lambda session: remotes.key(session, key_uri))
        if kept is None:
            return None
        owner, pem, fetched_at = kept
        try:
            key = self._remember(key_uri, owner, pem)
        except RefusedError:
            return None  # it may be mended by now: its owner is asked
        if clock.now_ms() - fetched_at > ACTOR_AGE and not self._limits.refreshed.holds(owner):
            self._limits.refreshed.add(owner)
            task = asyncio.create_task(self._quietly(owner))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return owner, key

    def _remember(self, key_uri: str, owner: str, pem: str) -> PublicKey:
        """Load a key and keep it in memory.

        Raises:
            RefusedError: 401, it is none that we accept.
        """
        key = load_public_key(pem)
        self._keys[key_uri] = _Known(owner, key, time.monotonic() + KEY_SECONDS)
        self._keys.move_to_end(key_uri)
        if len(self._keys) > KEYS_IN_MEMORY:
            self._keys.popitem(last=False)
        return key

    async def _quietly(self, uri: str) -> None:
        """Read an actor anew; its origin may be away at the moment."""
        try:
            await self.refresh(uri)
        except PecfedError as error:
            log.info("reading %s anew: %s", uri, error.message)

    async def fetch_key(
        self, key_uri: str, owner: str, failed: PublicKey | None = None
    ) -> tuple[str, PublicKey] | None:
        """The key of an actor not met yet (or whose key `failed`): its own document is asked.

        `owner` is the actor the request speaks for; the key counts only when that
        actor's document, at its own address, lists it.

        Raises:
            FetchError: the actor's origin can't be read.
            RefusedError: 429, too many strangers' keys were fetched this minute.
        """
        limits = self._limits
        known = self._keys.get(key_uri)
        if known is not None and known.key is not failed:
            return known.owner, known.key  # somebody else has just asked
        # by pair: who names a good key beside an actor of a made-up address spoils only that
        asked = f"{key_uri} {owner}"
        if limits.bad_keys.holds(asked):
            return None
        if limits.away.holds(asked):
            raise FetchError(f"{owner}: didn't answer lately", code="unreachable", retry=True)
        if not self.is_being_read(owner) and not limits.may_fetch_key(origin(owner)):
            raise RefusedError(
                "too many unknown senders; try again in a minute",
                status=429,
                code="too_many_keys",
                retry=True,
            )
        try:
            met = await self._read(owner, confirm=False)
            if known is not None and self._keys.get(key_uri) is known:
                del self._keys[key_uri]  # it failed, and may be somebody else's
            pem = dict(met.keys).get(key_uri)
            if pem is not None and not met.kept:
                self._remember(key_uri, met.actor.uri, pem)
            elif pem is not None:
                load_public_key(pem)  # says what is wrong with it
            found = await self.key(key_uri)
        except FetchError as error:
            (limits.away if error.retry else limits.bad_keys).add(asked)
            raise
        except RefusedError:
            limits.bad_keys.add(asked)
            raise
        if found is None:
            limits.bad_keys.add(asked)
        return found
