"""A database of before there was a table of keys keeps the keys it has."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pecfed.domain.profile import Profile
from pecfed.settings import make
from pecfed.store import actors, migrate
from pecfed.store.database import Database, Session
from pecfed.store.open import open_database
from tests.conftest import Pool


@pytest.fixture
def fresh(engine: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """The address of a database without a table."""
    if engine == "sqlite":
        return lambda: "sqlite"
    pool: Pool = request.getfixturevalue("pool")
    return pool.fresh


async def test_the_first_keys_keep_their_ids(
    fresh: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The RSA key stays `#main-key`, the Ed25519 key `#ed25519-key`."""
    every = migrate.scripts()
    settings = make(tmp_path, {"url": "https://node.example", "database": fresh()})

    async def opened(work: Callable[[Session], Awaitable[object]]) -> None:
        database: Database = await open_database(settings)
        try:
            await database.write(work)
        finally:
            await database.close()

    async def as_it_was(session: Session) -> None:
        profile = json.dumps(Profile("Vélo").to_data())
        for name in ("instance", "velo"):
            await session.run(
                "INSERT INTO actors (username, card, uri, profile, rsa_public, ed25519_public, "
                "created_at, updated_at) VALUES (?, 'member', ?, ?, ?, ?, 7, 8)",
                name, f"https://node.example/{name}", profile, f"PEM {name}", f"z6Mk {name}",
            )  # fmt: skip

    async def as_it_is(session: Session) -> None:
        for actor in await actors.everyone(session):
            assert [(key.uri, key.kind, key.public, key.created_at) for key in actor.keys] == [
                (f"{actor.uri}#main-key", "rsa", f"PEM {actor.username}", 7),
                (f"{actor.uri}#ed25519-key", "ed25519", f"z6Mk {actor.username}", 7),
            ]

    with monkeypatch.context() as before:
        before.setattr(migrate, "scripts", lambda: every[:1])
        await opened(as_it_was)
    await opened(as_it_is)
