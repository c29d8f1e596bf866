"""A world of nodes for each of these tests; the engines are those of `tests/conftest.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.together.world import World, a_world


@pytest.fixture
def world(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[World]:
    """Nodes on each of the two engines in turn, which end with the test."""
    server = request.getfixturevalue("postgres") if engine == "postgresql" else None
    with a_world(tmp_path, server) as made:
        yield made


@pytest.fixture
def sqlite_world(tmp_path: Path) -> Iterator[World]:
    """Nodes on SQLite, where the engine makes no difference."""
    with a_world(tmp_path) as made:
        yield made
