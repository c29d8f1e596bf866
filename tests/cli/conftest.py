"""Nodes for the tests of the command line, all on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.together.nodes import Node
from tests.together.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Nodes that end with the test."""
    with a_world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Nodes that end with the file, for tests that only look."""
    with a_world(tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def hub(world: World) -> Node:
    """A hub that doesn't serve."""
    return world.made("communs")[0]


@pytest.fixture
def velo(world: World, hub: Node) -> Node:
    """A member node beside it that doesn't serve."""
    assert hub.role == "hub"
    node = world.new("velo")
    assert node.init().code == 0
    return node
