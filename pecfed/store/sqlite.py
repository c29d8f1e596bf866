"""SQLite: one writer that shares each fsync among all who wait (group commit).

Statements run in the event loop's own thread, since each takes microseconds and a
hop to another thread takes ten times that; beginning and committing, which can
wait for other processes and for the disk, run in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from pecfed.errors import StoreError
from pecfed.store.database import CHANNELS, Bell, Channel, Row, Work

T = TypeVar("T")
READERS = 4
GROUP = 256  # the most transactions that share one commit
WATCH_SECONDS = 0.1


class SqliteSession:
    """One transaction on one connection."""

    skip_locked = ""  # a single writer: nobody else is claiming
    hold = ""  # as above: nobody else is writing

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.woken: set[Channel] = set()

    async def all(self, sql: str, *values: Any) -> Sequence[Row]:
        return self._connection.execute(sql, values).fetchall()

    async def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    async def value(self, sql: str, *values: Any) -> Any:
        row = self._connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    async def run(self, sql: str, *values: Any) -> int:
        return self._connection.execute(sql, values).rowcount

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    async def script(self, sql: str) -> None:
        for statement in sql.split(";\n"):
            if statement.strip():
                self._connection.execute(statement)

    async def wake(self, channel: Channel) -> None:
        self.woken.add(channel)


class _Job(NamedTuple):
    """A use case waiting for the writer, and where its outcome goes."""

    work: Callable[[SqliteSession], Awaitable[Any]]
    outcome: asyncio.Future[Any]


class SqliteDatabase:
    """The database of a node on one machine, in one file."""

    engine: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, path: Path) -> None:
        self.revision = 0
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._bells = {channel: Bell() for channel in CHANNELS}
        self._readers: asyncio.Queue[sqlite3.Connection] = asyncio.Queue()
        self._connections: list[sqlite3.Connection] = []
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, path: Path, *, watch: bool = False) -> SqliteDatabase:
        """Open the file, making it when it isn't there.

        `watch` notices what other processes write, and rings the bells for it.

        Raises:
            StoreError: the file can't be opened, or is damaged.
        """
        database = cls(path)
        try:
            database._writer = database._connect()
            for _ in range(READERS):
                reader = database._connect()
                reader.execute("PRAGMA query_only = ON")
                database._readers.put_nowait(reader)
        except sqlite3.Error as error:
            await database.close()
            raise StoreError(f"{path}: {error}") from error
        database._tasks.append(asyncio.create_task(database._write_in_groups()))
        if watch:
            database._tasks.append(asyncio.create_task(database._watch()))
        return database

    _writer: sqlite3.Connection

    def _connect(self) -> sqlite3.Connection:
        """A connection set up so that an acknowledged commit survives a power cut."""
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self._connections.append(connection)
        connection.row_factory = sqlite3.Row
        for pragma in (
            "busy_timeout = 10000",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cache_size = -4096",
            "temp_store = MEMORY",  # what a savepoint may have to undo; else it goes to a file
            "wal_autocheckpoint = 4000",  # pages: what changes often goes to the file less often
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def read(self, work: Work[T]) -> T:
        connection = await self._readers.get()
        try:
            connection.execute("BEGIN")
            try:
                return await work(SqliteSession(connection))
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._in_words(error) from error
        finally:
            self._readers.put_nowait(connection)

    async def write(self, work: Work[T]) -> T:
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(_Job(work, outcome))
        return await outcome

    def bell(self, channel: Channel) -> Bell:
        return self._bells[channel]

    async def close(self) -> None:
        await self._jobs.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._thread.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _in_words(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"{self._path}: {error}")

    async def _write_in_groups(self) -> None:
        """Take every waiting use case at once and commit them together, for ever."""
        while True:
            jobs = [await self._jobs.get()]
            while len(jobs) < GROUP and not self._jobs.empty():
                jobs.append(self._jobs.get_nowait())
            try:
                await self._commit(jobs)
            except sqlite3.Error as error:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                refusal = self._in_words(error)
                for job in jobs:
                    if not job.outcome.done():
                        job.outcome.set_exception(refusal)
            finally:
                for _ in jobs:
                    self._jobs.task_done()

    async def _commit(self, jobs: list[_Job]) -> None:
        """Run the jobs, each in a savepoint of one transaction; settle them after its commit."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._writer.execute, "BEGIN IMMEDIATE")
        session = SqliteSession(self._writer)
        settled: list[tuple[_Job, Any, BaseException | None]] = []
        for job in jobs:
            if job.outcome.cancelled():
                continue
            woken = set(session.woken)
            self._writer.execute("SAVEPOINT job")
            try:
                settled.append((job, await job.work(session), None))
            except sqlite3.OperationalError:
                raise
            except Exception as error:
                self._writer.execute("ROLLBACK TO job")
                session.woken = woken
                told = self._in_words(error) if isinstance(error, sqlite3.Error) else error
                settled.append((job, None, told))
            self._writer.execute("RELEASE job")
        await loop.run_in_executor(self._thread, self._writer.execute, "COMMIT")
        self.revision += 1
        for job, result, failure in settled:
            if job.outcome.cancelled():
                continue
            if failure is None:
                job.outcome.set_result(result)
            else:
                job.outcome.set_exception(failure)
        for channel in session.woken:
            self._bells[channel].ring()

    async def _watch(self) -> None:
        """Ring every bell when another process has changed the file."""
        connection = self._connect()
        seen = connection.execute("PRAGMA data_version").fetchone()[0]
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error:
                continue  # whoever reads or writes will say what is wrong with the file
            if version != seen:
                seen = version
                self.revision += 1
                for bell in self._bells.values():
                    bell.ring()
