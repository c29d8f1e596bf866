"""What every test may ask for: an engine, a fresh database on it, a node that really serves.

Whoever asks for `engine`, `database` or `make_server` runs once on SQLite and once on
PostgreSQL. The PostgreSQL server is our own, for the length of the run; its databases
are copies of one that was migrated once, and go back to a pool when a test is done.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from pecfed.demo.postgres import LocalPostgres
from pecfed.settings import make
from pecfed.store.database import Database
from pecfed.store.migrate import migrate
from pecfed.store.open import open_database
from tests.conformance.page import Results
from tests.servers import KeyBox, Server, serving_node

WITHOUT = frozenset(filter(None, os.environ.get("PECFED_WITHOUT", "").split(",")))
STRICT = bool(os.environ.get("PECFED_STRICT"))
# the same examples each time, nothing left in the folder, no stopwatch on a busy machine
hypothesis.settings.register_profile("ours", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("ours")
MakeServer = Callable[..., Awaitable[Server]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--conformance` is what `./run conformance` asks for."""
    parser.addoption("--conformance", action="store_true", help="write docs/conformance.md")


def pytest_configure(config: pytest.Config) -> None:
    """What the marked tests find out is written down when it is asked for."""
    if config.getoption("--conformance"):
        config.pluginmanager.register(Results(), "conformance")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under PECFED_STRICT=1 a test that is skipped has failed."""
    report = yield
    _strict(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    report = yield
    _strict(report)
    return report


def _strict(report: pytest.TestReport | pytest.CollectReport) -> None:
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be (PECFED_STRICT): {report.longrepr}"


class Pool:
    """PostgreSQL databases, migrated and empty, each lent to one test at a time."""

    def __init__(self, server: LocalPostgres) -> None:
        self._server = server
        self._template = server.create_database()
        _in_thread(self._migrate(self._template))
        self._free: list[str] = []

    @staticmethod
    async def _migrate(url: str) -> None:
        settings = make(Path(), {"url": "https://node.example", "database": url})
        await (await open_database(settings)).close()

    def fresh(self) -> str:
        """A database that nobody gets after this test."""
        return self._server.create_database()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """The address of a migrated database without a row."""
        url = self._free.pop() if self._free else self._server.create_database(self._template)
        yield url
        await _empty(url)
        self._free.append(url)


async def _empty(url: str) -> None:
    """Delete every row of every table, in any order."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'migrations'"
        )
        deletes = "".join(f"DELETE FROM {row['tablename']};" for row in rows)
        await connection.execute(f"SET session_replication_role = replica; {deletes}")
    finally:
        await connection.close()


def _in_thread(work: Any) -> None:
    """Run a coroutine where an event loop may be running already."""
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    thread.join()


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server of our own."""
    with LocalPostgres(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def pool(postgres: LocalPostgres) -> Pool:
    """Its databases."""
    return Pool(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the two engines in turn."""
    name: str = request.param
    if name in WITHOUT:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    return name


@pytest.fixture
async def new_database(
    engine: str, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Gives, each time it is called, the `database` setting of one more fresh database."""
    databases: Pool | None = request.getfixturevalue("pool") if engine == "postgresql" else None
    async with AsyncExitStack() as stack:

        async def new() -> str:
            return await stack.enter_async_context(databases.lent()) if databases else "sqlite"

        yield new


@pytest.fixture
async def database(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> AsyncIterator[Database]:
    """An empty database at this program's version."""
    settings = make(tmp_path, {"url": "https://node.example", "database": await new_database()})
    opened = await open_database(settings)
    await migrate(opened)  # a second time: nothing to do
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyBox:
    """Key pairs made once and dealt out to the nodes of each test."""
    return KeyBox(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def make_server(
    new_database: Callable[[], Awaitable[str]], keys: KeyBox, tmp_path: Path
) -> AsyncIterator[MakeServer]:
    """`await make_server(role="hub", username="ruche")`: a node that serves, with its jobs.

    Anything else that is given is a setting; the node stops with the test.
    """
    async with AsyncExitStack() as stack:

        async def build(
            *, role: str = "member", username: str = "lilas", name: str = "", **more: Any
        ) -> Server:
            folder = tmp_path / f"{role}-{username}"
            folder.mkdir()
            given = {"role": role, "database": await new_database(), **more}
            return await stack.enter_async_context(
                serving_node(folder, keys, username, name or username.capitalize(), given)
            )

        yield build
