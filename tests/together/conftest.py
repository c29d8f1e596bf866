"""One PostgreSQL for all of these tests, and a world for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pecfed.demo.postgres import LocalPostgres
from tests.together.world import World, a_world


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server that ends with the tests."""
    with LocalPostgres(durable=False) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine; a test that asks for it runs on both."""
    return str(request.param)


@pytest.fixture
def world(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[World]:
    """Nodes on that engine, which end with the test."""
    server = request.getfixturevalue("own_postgres") if engine == "postgresql" else None
    with a_world(tmp_path, server) as made:
        yield made


@pytest.fixture
def sqlite_world(tmp_path: Path) -> Iterator[World]:
    """Nodes on SQLite, where the engine makes no difference."""
    with a_world(tmp_path) as made:
        yield made


@pytest.fixture
def postgres_world(own_postgres: LocalPostgres, tmp_path: Path) -> Iterator[World]:
    """Nodes on PostgreSQL, where only that can do it."""
    with a_world(tmp_path, own_postgres) as made:
        yield made
