"""Whom a running node blocks, in memory: asked for every request, read again when it changes."""

from __future__ import annotations

import time

from pecfed.domain import blocking
from pecfed.store import blocks
from pecfed.store.database import Database

AGAIN_SECONDS = 0.5
"""A change made by another process counts at the latest after this (and its wake-up)."""


class Blocked:
    """The blocked actors and servers of a node."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._targets: frozenset[str] = frozenset()
        self._revision = -1
        self._read = 0.0  # on the machine's monotonic clock

    async def holds(self, uri: str) -> bool:
        """Whether an actor, or the server of any address, is blocked.

        The list is in memory; it is read again, twice a second at most, when anything
        in the database has changed.
        """
        if self._revision != self._database.revision:
            now = time.monotonic()
            if self._revision < 0 or now - self._read >= AGAIN_SECONDS:
                revision, self._read = self._database.revision, now
                self._targets = await self._database.read(blocks.targets)
                self._revision = revision
        return bool(self._targets) and not self._targets.isdisjoint(blocking.keys_of(uri))
