"""What the store asks of an engine: sessions, transactions, wake-ups.

A use case is an async function that takes a `Session` and touches nothing but the
database; `Database.write` runs it in a transaction of its own. It must never wait
for the network: other writers wait behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]
Channel = Literal["inbox", "deliveries", "reading", "groups"]
CHANNELS: tuple[Channel, ...] = ("inbox", "deliveries", "reading", "groups")


class Session(Protocol):
    """One transaction. Places for values are written `?`; one value for each."""

    @property
    def skip_locked(self) -> str:
        """What makes a claiming SELECT pass over rows another process is claiming."""

    @property
    def hold(self) -> str:
        """What makes a SELECT keep its rows from other writers until the transaction ends."""

    async def all(self, sql: str, *values: Any) -> Sequence[Row]:
        """All rows of a query."""

    async def one(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, or None."""

    async def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""

    async def run(self, sql: str, *values: Any) -> int:
        """Run a change; the number of rows it touched."""

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run the same change once for each row of values."""

    async def script(self, sql: str) -> None:
        """Run several statements that take no values (migrations)."""

    async def wake(self, channel: Channel) -> None:
        """After the commit, wake whoever waits on `channel`, in every process."""


Work = Callable[[Session], Awaitable[T]]


class Database(Protocol):
    """A database that runs use cases."""

    engine: Literal["sqlite", "postgresql"]
    revision: int
    """Grows with every change this process made or heard of; what was read before is then old."""

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent view of the data; it must not write.

        Raises:
            StoreError: the database could not be read.
        """

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; when this returns, it is on disk.

        An error raised by `work` undoes what it did, and nothing else, and comes out here.

        Raises:
            StoreError: the database could not keep it; nothing was half written.
        """

    def bell(self, channel: Channel) -> Bell:
        """The bell that rings when something for `channel` was written."""

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""


class Bell:
    """Rings when there is something to do; a ring while nobody listens is kept."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake the listener, now or when it next listens."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()
