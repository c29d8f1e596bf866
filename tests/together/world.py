"""Several nodes that know each other, and what they publish."""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pecfed import clock
from pecfed.demo.postgres import LocalPostgres
from pecfed.federation.keyfiles import KeyFiles
from tests.together.nodes import Node, eventually, free_port


@cache
def _keys(number: int) -> dict[str, bytes]:
    """A pair of keys that is made once, since making one takes longer than a test should."""
    with tempfile.TemporaryDirectory() as folder:
        KeyFiles(Path(folder)).make("x")
        return {path.name: path.read_bytes() for path in (Path(folder) / "keys").iterdir()}


def lay_keys(folder: Path, *usernames: str, first: int = 0) -> None:
    """Put keys for those names into a node's folder, where it keeps what is there already."""
    (folder / "keys").mkdir(mode=0o700, parents=True)
    for number, name in enumerate(usernames, first):
        for file, key in _keys(number).items():
            (folder / "keys" / file.replace("x.", f"{name}.", 1)).write_bytes(key)


class World:
    """The nodes of one test, on one engine."""

    def __init__(self, folder: Path, postgres: LocalPostgres | None) -> None:
        self.folder = folder
        self.postgres = postgres
        self.nodes: list[Node] = []

    def new(self, username: str, role: str = "member", folder: str = "") -> Node:
        """A node that is yet to be made."""
        database = self.postgres.create_database() if self.postgres else "sqlite"
        node = Node(self.folder / (folder or username), free_port(), database, username, role)
        self.nodes.append(node)
        return node

    def made(self, *usernames: str) -> list[Node]:
        """Nodes with their databases and keys, the first of them a hub."""
        nodes = [self.new(name, "member" if at else "hub") for at, name in enumerate(usernames)]
        for place, node in enumerate(nodes):
            lay_keys(node.dir, "instance", node.username, first=2 * place)
            made = node.init()
            assert made.code == 0, made
        return nodes

    def served(self, *usernames: str) -> list[Node]:
        """Nodes that serve, the first of them a hub."""
        nodes = self.made(*usernames)
        for node in nodes:
            node.start()
        for node in nodes:
            node.ready()
        return nodes

    def joined(self, *usernames: str) -> list[Node]:
        """Nodes that serve, the first of them a hub, the others its members."""
        hub, *members = nodes = self.served(*usernames)
        for member in members:
            join(hub, member)
        return nodes

    def close(self) -> None:
        """End every process of it."""
        for node in self.nodes:
            if node.process is not None:
                node.signal(signal.SIGCONT)
                node.signal(signal.SIGTERM)
        for node in self.nodes:
            if node.process is not None:
                node.ended()


def join(hub: Node, member: Node) -> None:
    """Ask, accept, and wait until both sides know, and the hub follows and has read all."""
    assert member.json("join", hub.url) == {"hub": hub.actor, "membership": "asked"}
    eventually(lambda: hub.value(f"SELECT count(*) AS n FROM members WHERE uri = '{member.actor}'"))
    accepted = hub.json("members", "accept", member.handle)
    assert accepted["membership"] == "member"
    eventually(lambda: member.value("SELECT state FROM memberships") == "member")
    eventually(lambda: member.value("SELECT count(*) AS n FROM followers"))
    settled(hub, member)
    # while it is read, the entry is leased for some minutes; then it is due tomorrow
    due = f"SELECT read_due_at FROM members WHERE uri = '{member.actor}'"
    eventually(lambda: hub.value(due) > clock.now_ms() + 3_600_000)


def settled(*nodes: Node) -> None:
    """Wait until nothing is on its way between them."""
    for node in (*nodes, *nodes):
        eventually(lambda node=node: not node.waiting())  # type: ignore[misc]
        eventually(
            lambda node=node: (
                not node.value(  # type: ignore[misc]
                    "SELECT count(*) AS n FROM inbox WHERE state = 'waiting'"
                )
            )
        )


def caught_up(hub: Node, node: Node) -> None:
    """Wait until all that a node has said has reached the hub and had its effect."""

    def arrived() -> bool:
        node.hurry()
        time.sleep(0.1)
        return not node.waiting()

    eventually(arrived, 60)
    settled(node, hub)


def standing(node: Node, actor: str) -> dict[str, Any]:
    """What a database has of an actor and not withdrawn, by the objects' ids."""
    rows = node.rows(
        f"SELECT uri, data, updated_at FROM objects WHERE actor_uri = '{actor}' "
        "AND deleted_at IS NULL"
    )
    return {row["uri"]: (json.loads(row["data"]), row["updated_at"]) for row in rows}


@contextlib.contextmanager
def a_world(folder: Path, postgres: LocalPostgres | None = None) -> Iterator[World]:
    """A world whose processes end with the block; when that fails, their logs are shown."""
    made = World(folder, postgres)
    try:
        yield made
    except BaseException:
        for node in made.nodes:
            if (node.dir / "serve.log").exists():
                print(f"--- {node.dir.name}\n{node.log[-4000:]}")
        raise
    finally:
        made.close()
