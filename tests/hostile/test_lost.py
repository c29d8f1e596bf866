"""Databases that were lost, restored or swapped: said clearly, healed where that is possible."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pecfed.cli import main
from pecfed.settings_file import write
from pecfed.store import remotes
from tests.conftest import MakeServer
from tests.hostile.conftest import let_in
from tests.hostile.peer import Peer
from tests.servers import Server
from tests.together.nodes import Node, pecfed
from tests.together.world import a_world


async def test_a_member_that_asks_again_is_told(hub: Server, peer: Peer) -> None:
    """A node whose database forgot its membership learns of it by asking."""
    await let_in(hub, peer)
    peer.heard.clear()
    join = peer.activity("Join", hub.actor_uri)
    await peer.post(f"{hub.url}/inbox", join)
    await hub.quiet()
    (accept,) = [each for each in peer.heard if each["type"] == "Accept"]
    assert accept["object"]["id"] == join["id"]
    assert await hub.state_of(peer.mallory) == "member"


def test_an_empty_database_is_not_served(tmp_path: Path) -> None:
    """Serving a database that isn't the node's would answer 404 to all who know it."""
    folder = tmp_path / "node"
    node = ("--url", "http://127.0.0.1:9302", "--development", "--username", "lilas")
    assert main(["init", "--dir", str(folder), *node]) == 0
    for file in folder.glob("pecfed.db*"):
        file.unlink()
    ran = pecfed("serve", "--dir", folder, seconds=30)
    assert ran.code == 2
    assert "is empty" in ran.err
    assert "Traceback" not in ran.err


def test_a_hub_does_not_join_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would wait for its own answer for ever."""
    with a_world(tmp_path) as world:
        (hub,) = world.served("ruche")
        ran = hub.run("join", hub.url)
    assert ran.code == 2
    assert "itself" in ran.err


async def test_a_hub_that_is_gone_can_be_left(make_server: MakeServer, hub: Server) -> None:
    """A node leaves a hub whose actor its site no longer knows."""
    node = await make_server(username="lilas")
    assert await node.join(hub) == "asked"
    await node.quiet()
    await node.write(lambda session: remotes.mark_gone(session, hub.actor_uri, 1))
    outside = Node(node.settings.dir, 0, "sqlite", "lilas", "member", real=True)
    write(node.settings)
    ran = await asyncio.to_thread(outside.run, "leave", hub.url)
    assert ran.code == 0, ran
    assert await node.value("SELECT state FROM memberships") == "left"
