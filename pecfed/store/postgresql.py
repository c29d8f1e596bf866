"""PostgreSQL through asyncpg: for a hub that has outgrown one process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar, cast

import asyncpg

from pecfed.errors import StoreError
from pecfed.store.database import CHANNELS, Bell, Channel, Row, Work

log = logging.getLogger(__name__)
T = TypeVar("T")
POOL = 10
PROBE_SECONDS = 10
TELL_SECONDS = 0.01
TRIES = 5
_PLACE = re.compile(r"\?")
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)

_numbered: dict[str, str] = {}


def numbered(sql: str) -> str:
    """The same statement with `$1, $2, …` for `?`; our SQL has no `?` in its texts."""
    known = _numbered.get(sql)
    if known is None:
        count = 0

        def number(_: re.Match[str]) -> str:
            nonlocal count
            count += 1
            return f"${count}"

        known = _numbered[sql] = _PLACE.sub(number, sql)
    return known


class PostgresqlSession:
    """One transaction on one connection."""

    skip_locked = "FOR UPDATE SKIP LOCKED"
    hold = "FOR NO KEY UPDATE"  # lets others refer to the row meanwhile

    def __init__(self, connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> None:
        self._connection = connection
        self.woken: set[Channel] = set()

    async def all(self, sql: str, *values: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await self._connection.fetch(numbered(sql), *values))

    async def one(self, sql: str, *values: Any) -> Row | None:
        return cast(Row | None, await self._connection.fetchrow(numbered(sql), *values))

    async def value(self, sql: str, *values: Any) -> Any:
        return await self._connection.fetchval(numbered(sql), *values)

    async def run(self, sql: str, *values: Any) -> int:
        tag = await self._connection.execute(numbered(sql), *values)
        last = tag.rpartition(" ")[2]
        return int(last) if last.isdecimal() else 0

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._connection.executemany(numbered(sql), rows)

    async def script(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def wake(self, channel: Channel) -> None:
        self.woken.add(channel)


class PostgresqlDatabase:
    """A PostgreSQL database, shared by any number of processes."""

    engine: Literal["sqlite", "postgresql"] = "postgresql"

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], url: str) -> None:
        self.revision = 0
        self._pool = pool
        self._url = url
        self._bells = {channel: Bell() for channel in CHANNELS}
        self._watcher: asyncio.Task[None] | None = None
        self._untold: set[Channel] = set()
        self._teller: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, *, watch: bool = False) -> PostgresqlDatabase:
        """Connect; `watch` listens for what other processes write.

        Raises:
            StoreError: nobody answers at that address, or it refuses us.
        """
        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=POOL, command_timeout=30)
        except (*_DRIVER_ERRORS, ValueError) as error:
            raise StoreError(f"the PostgreSQL database can't be opened: {error}") from error
        database = cls(pool, url)
        if watch:
            database._watcher = asyncio.create_task(database._listen())
        return database

    async def read(self, work: Work[T]) -> T:
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(PostgresqlSession(connection))
        except _DRIVER_ERRORS as error:
            raise StoreError(f"PostgreSQL: {error}") from error

    async def write(self, work: Work[T]) -> T:
        try:
            for attempt in range(TRIES):
                try:
                    async with self._pool.acquire() as connection, connection.transaction():
                        session = PostgresqlSession(connection)
                        result = await work(session)
                    self.revision += 1
                    self._wake(session.woken)
                    return result
                except _AGAIN:
                    if attempt == TRIES - 1:
                        raise
                    await asyncio.sleep(0.01 * 2**attempt)
        except _DRIVER_ERRORS as error:
            raise StoreError(f"PostgreSQL: {error}") from error
        raise AssertionError("unreachable: the last try returns or raises")

    def bell(self, channel: Channel) -> Bell:
        return self._bells[channel]

    def _wake(self, channels: set[Channel]) -> None:
        """Ring our own bells, and see to it that other processes ring theirs."""
        for channel in channels:
            self._bells[channel].ring()
        self._untold |= channels
        if self._untold and (self._teller is None or self._teller.done()):
            self._teller = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """Tell other processes of many changes at once.

        Transactions that NOTIFY commit one after the other, each with a disk's delay, so the
        changes themselves don't. Who misses the word, since we were killed before it was out,
        looks by himself after a while.
        """
        while self._untold:
            told, self._untold = self._untold, set()
            words = "".join(f"NOTIFY pecfed_{channel}; " for channel in sorted(told))
            try:
                async with self._pool.acquire() as connection:
                    await connection.execute(
                        f"BEGIN; SET LOCAL synchronous_commit = off; {words}COMMIT"
                    )
            except _DRIVER_ERRORS as error:
                log.warning("PostgreSQL: other processes were not told of a change: %s", error)
            await asyncio.sleep(TELL_SECONDS)

    async def close(self) -> None:
        if self._teller is not None:
            await self._teller
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await self._pool.close()

    async def _listen(self) -> None:
        """Ring the bells for every NOTIFY; connect anew when the connection breaks."""
        while True:
            try:
                await self._hear(await asyncpg.connect(self._url, command_timeout=30))
            except _DRIVER_ERRORS as error:
                log.warning("PostgreSQL: listening was interrupted: %s", error)
            await asyncio.sleep(1)

    async def _hear(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Listen on a connection of our own until it breaks."""
        lost = asyncio.Event()

        def heard(_connection: Any, _pid: int, name: str, _payload: object) -> None:
            self.revision += 1
            for channel in CHANNELS:
                if name == f"pecfed_{channel}":
                    self._bells[channel].ring()

        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            for channel in CHANNELS:
                await connection.add_listener(f"pecfed_{channel}", heard)
            # nobody told us of what was written while we didn't listen
            self.revision += 1
            for bell in self._bells.values():
                bell.ring()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), PROBE_SECONDS)
                    return
                await connection.execute("SELECT 1")  # a network may fail without a word
        finally:
            connection.terminate()
