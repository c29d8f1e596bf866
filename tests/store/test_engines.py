"""What both engines promise: transactions, views, wake-ups, and that acknowledged is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from pecfed.errors import PecfedError, StoreError
from pecfed.settings import make
from pecfed.store import withdrawn
from pecfed.store.database import CHANNELS, Database, Session
from pecfed.store.migrate import migrate, scripts, version
from pecfed.store.open import open_database
from pecfed.store.postgresql import PostgresqlDatabase

COUNT = "SELECT count(*) FROM withdrawn"


async def note(session: Session, uri: str = "u", who: str = "a") -> None:
    await withdrawn.add(session, uri, who, 1)


def noting(uri: str) -> Callable[[Session], Awaitable[None]]:
    """The same, by name."""
    return lambda session: note(session, uri)


async def count(session: Session) -> int:
    return int(await session.value(COUNT))


async def test_what_was_written_is_read(database: Database) -> None:
    """A write is seen by every read that begins after it."""
    await database.write(note)
    assert await database.read(count) == 1


async def test_an_error_undoes_its_transaction_and_comes_out(database: Database) -> None:
    """What the use case raises is raised, and what it wrote is gone."""

    async def fails(session: Session) -> None:
        await note(session)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await database.write(fails)
    assert await database.read(count) == 0


async def test_one_failing_job_of_many_undoes_only_itself(database: Database) -> None:
    """Of a hundred writes at once, the three that fail leave no trace, the rest stay."""

    async def job(number: int, session: Session) -> int:
        await note(session, f"u{number}")
        if number in {0, 50, 99}:
            raise LookupError(number)
        return number

    outcomes = await asyncio.gather(
        *(database.write(partial(job, n)) for n in range(100)),
        return_exceptions=True,
    )
    assert [n for n, got in enumerate(outcomes) if isinstance(got, LookupError)] == [0, 50, 99]
    assert [got for got in outcomes if not isinstance(got, BaseException)] == [
        n for n in range(100) if n not in {0, 50, 99}
    ]
    assert await database.read(count) == 97


async def test_a_broken_rule_of_the_database_is_a_store_error(database: Database) -> None:
    """A row that may not be is refused alone, in the same words on both engines."""

    async def twice(session: Session) -> None:
        for _ in range(2):
            await session.run(
                "INSERT INTO withdrawn (uri, actor_uri, until_at) VALUES ('u', 'a', 1)"
            )

    async def orphan(session: Session) -> None:
        await session.run(
            "INSERT INTO followers (actor_id, follower_uri, follow_uri, followed_at) "
            "VALUES (?, 'u', 'f', 1)",
            99,
        )

    good = database.write(note)
    for bad in (twice, orphan):
        with pytest.raises(StoreError) as caught:
            await database.write(bad)
        assert caught.value.status == 503
    await good
    assert await database.read(count) == 1


async def test_a_read_cannot_write(database: Database) -> None:
    """A query that changes something is refused, and changes nothing."""
    with pytest.raises(StoreError):
        await database.read(note)
    assert await database.read(count) == 0


async def test_a_read_sees_one_moment(database: Database) -> None:
    """What is written while a read goes on is not seen by it."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: Session) -> tuple[int, int]:
        before = await count(session)
        began.set()
        await go_on.wait()
        return before, await count(session)

    reading = asyncio.create_task(database.read(slow))
    await began.wait()
    await database.write(note)
    go_on.set()
    assert await reading == (0, 0)
    assert await database.read(count) == 1


async def test_more_reads_than_connections(database: Database) -> None:
    """Those that find no free connection wait for one."""
    await database.write(note)
    assert await asyncio.gather(*(database.read(count) for _ in range(50))) == [1] * 50


async def test_who_stops_waiting_disturbs_nobody(database: Database) -> None:
    """A caller that is cancelled leaves the others' writes alone."""
    tasks = [asyncio.create_task(database.write(noting(f"u{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, got in enumerate(outcomes) if got is not None] == [3]
    assert await database.read(count) in {19, 20}


async def test_the_bell_rings_after_the_commit(database: Database) -> None:
    """Only for the channel that was woken, not for what was undone, and the revision grows."""
    listener = await _listening(database)
    before = database.revision

    async def fails(session: Session) -> None:
        await session.wake("reading")
        raise ValueError

    with pytest.raises(ValueError):
        await database.write(fails)
    await database.write(lambda session: session.wake("inbox"))
    if listener:
        began = asyncio.get_running_loop().time()
        await database.bell("inbox").wait(5)
        assert asyncio.get_running_loop().time() - began < 2
    assert database.revision > before


async def _listening(database: Database) -> bool:
    """SQLite rings for its own writes; PostgreSQL's bells ring where `watch` was asked."""
    return database.engine == "sqlite"


async def test_two_processes_hear_of_each_other(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    """What one writes rings the bells of the other within a moment, and is seen there."""
    settings = make(tmp_path, {"url": "https://node.example", "database": await new_database()})
    one = await open_database(settings)
    other = await open_database(settings, watch=True)
    try:
        await asyncio.sleep(0.2)  # the listener has begun
        for channel in CHANNELS:
            await other.bell(channel).wait(0.01)
        before = other.revision

        async def work(session: Session) -> None:
            await note(session)
            await session.wake("deliveries")

        async with asyncio.timeout(5):
            waiting = asyncio.create_task(other.bell("deliveries").wait(5))
            await one.write(work)
            began = asyncio.get_running_loop().time()
            await waiting
        assert asyncio.get_running_loop().time() - began < 1
        assert other.revision > before
        assert await other.read(count) == 1
    finally:
        await other.close()
        await one.close()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_nothing_is_missed_while_nobody_listened(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    """Whatever was written before the listening began, or while it was cut off, rings too."""
    settings = make(tmp_path, {"url": "https://node.example", "database": await new_database()})
    opened = await open_database(settings, watch=True)
    assert isinstance(opened, PostgresqlDatabase)
    try:
        async with asyncio.timeout(3):
            await opened.bell("inbox").wait(60)
            await opened.read(
                lambda session: session.value(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            await opened.bell("inbox").wait(60)
    finally:
        await opened.close()


async def test_acknowledged_is_kept(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    """After closing and opening again everything is there that `write` returned from."""
    settings = make(tmp_path, {"url": "https://node.example", "database": await new_database()})
    for turn in range(3):
        opened = await open_database(settings)
        assert await opened.read(count) == turn * 10
        await asyncio.gather(*(opened.write(noting(f"{turn}-{n}")) for n in range(10)))
        await opened.close()


async def test_closing_waits_for_what_was_asked(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    """Writes that were asked before the close are done by it, or told that they failed."""
    settings = make(tmp_path, {"url": "https://node.example", "database": await new_database()})
    opened = await open_database(settings)
    tasks = [asyncio.create_task(opened.write(noting(f"u{n}"))) for n in range(5)]
    await asyncio.sleep(0)
    await opened.close()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    again = await open_database(settings)
    assert await again.read(count) == sum(got is None for got in outcomes)
    assert all(got is None or isinstance(got, PecfedError) for got in outcomes)
    await again.close()


async def test_migrations_run_once(database: Database) -> None:
    """Each is recorded with its number; a second run has nothing to do."""
    assert await migrate(database) == []
    assert await database.read(version) == scripts()[-1][0] == len(scripts())
