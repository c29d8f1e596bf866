"""When a database can't be used: words that help, nothing half written, and recovery."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pecfed.demo.postgres import LocalPostgres
from pecfed.errors import StoreError
from pecfed.settings import Settings, make
from pecfed.store import withdrawn
from pecfed.store.database import Session
from pecfed.store.open import open_database
from pecfed.store.sqlite import SqliteDatabase

Own = Callable[[], Settings]


@pytest.fixture
def own(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Own:
    """Settings over a database that no other test gets."""
    database = "sqlite"
    if engine == "postgresql":
        server: LocalPostgres = request.getfixturevalue("postgres")
        database = server.create_database()
    return lambda: make(tmp_path, {"url": "https://node.example", "database": database})


async def test_a_newer_database_is_refused_with_words(own: Own) -> None:
    """An older program doesn't touch what a newer one wrote, and says what to do."""
    opened = await open_database(own())

    async def from_the_future(session: Session) -> None:
        await session.run("INSERT INTO migrations VALUES (9999, '9999_later', 1)")

    await opened.write(from_the_future)
    await opened.close()
    with pytest.raises(StoreError, match="install the newer pecfed") as caught:
        await open_database(own())
    assert "9999" in caught.value.message and not caught.value.retry


async def test_two_processes_may_start_at_once(own: Own) -> None:
    """Both find the database migrated, once."""
    both = await asyncio.gather(open_database(own()), open_database(own()))
    every = len(await _scripts())
    for opened in both:
        assert await opened.read(lambda s: s.value("SELECT count(*) FROM migrations")) == every
        await opened.close()


async def test_a_migration_that_fails_leaves_nothing(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it or none of it: the next start begins where the last one did."""
    real = await _scripts()
    last = real[-1][0]
    broken = [
        *real,
        (
            last + 1,
            "9999_broken",
            "CREATE TABLE half (id BIGINT);\nCREATE TABLE half (id BIGINT);\n",
        ),
    ]
    monkeypatch.setattr("pecfed.store.migrate.scripts", lambda: broken)
    with pytest.raises(StoreError):
        await open_database(own())
    monkeypatch.undo()
    opened = await open_database(own())
    assert await opened.read(lambda s: s.value("SELECT max(number) FROM migrations")) == last
    with pytest.raises(StoreError):
        await opened.read(lambda s: s.value("SELECT count(*) FROM half"))
    await opened.close()


async def _scripts() -> list[tuple[int, str, str]]:
    from pecfed.store.migrate import scripts

    return scripts()


async def test_nobody_answers_at_that_address(tmp_path: Path) -> None:
    """A PostgreSQL that isn't there is told in one sentence, without its password."""
    url = "postgresql://pecfed:secret@127.0.0.1:9/pecfed"
    with pytest.raises(StoreError, match="PostgreSQL") as caught:
        await open_database(make(tmp_path, {"url": "https://node.example", "database": url}))
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00garbage"])
async def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """And it is left as it is."""
    path = tmp_path / "pecfed.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"pecfed\.db"):
        await open_database(make(tmp_path, {"url": "https://node.example"}))
    assert path.read_bytes() == content


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """No folder is made behind anybody's back."""
    with pytest.raises(StoreError, match="nowhere"):
        await open_database(make(tmp_path / "nowhere", {"url": "https://node.example"}))
    assert not (tmp_path / "nowhere").exists()


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    """503 to every write of the group, reads go on, and once there is room writes do too."""
    opened = await open_database(make(tmp_path, {"url": "https://node.example"}))
    assert isinstance(opened, SqliteDatabase)

    async def note(session: Session, name: str, size: int = 10) -> None:
        await withdrawn.add(session, name, "x" * size, 1)

    async def names(session: Session) -> list[str]:
        rows = await session.all("SELECT uri FROM withdrawn ORDER BY uri")
        return [row["uri"] for row in rows]

    await opened.write(lambda session: note(session, "before"))
    pages = opened._writer.execute("PRAGMA page_count").fetchone()[0]
    opened._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    outcomes = await asyncio.gather(
        opened.write(lambda session: note(session, "small")),
        opened.write(lambda session: note(session, "large", 1_000_000)),
        return_exceptions=True,
    )
    assert all(isinstance(got, StoreError) and got.retry for got in outcomes)
    assert [got.status for got in outcomes if isinstance(got, StoreError)] == [503, 503]
    assert await opened.read(names) == ["before"]
    opened._writer.execute("PRAGMA max_page_count = 1000000")
    await opened.write(lambda session: note(session, "after", 1_000_000))
    assert await opened.read(names) == ["after", "before"]
    await opened.close()
    with sqlite3.connect(tmp_path / "pecfed.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    raw.close()


async def test_a_commit_that_fails_is_told_to_everybody_in_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that something is kept before the commit came back; the next one works."""
    opened = await open_database(make(tmp_path, {"url": "https://node.example"}))
    assert isinstance(opened, SqliteDatabase)
    real = opened._writer

    class Failing:
        """The connection, whose next COMMIT finds the disk full."""

        left = 1

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.left:
                self.left -= 1
                raise sqlite3.OperationalError("database or disk is full")
            return real.execute(sql, *values)

    async def note(name: str, session: Session) -> None:
        await withdrawn.add(session, name, "a", 1)

    monkeypatch.setattr(opened, "_writer", Failing())
    outcomes = await asyncio.gather(
        *(opened.write(partial(note, f"u{n}")) for n in range(5)),
        return_exceptions=True,
    )
    assert [type(got) for got in outcomes] == [StoreError] * 5
    assert await opened.read(lambda s: s.value("SELECT count(*) FROM withdrawn")) == 0
    await opened.write(partial(note, "later"))
    assert await opened.read(lambda s: s.value("SELECT count(*) FROM withdrawn")) == 1
    await opened.close()
