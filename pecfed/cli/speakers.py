"""`actors`: the platforms a node speaks for."""

from __future__ import annotations

import argparse

from pecfed.cli.command import add_command, add_json, on_node, say, say_json
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.services import setup
from pecfed.store import actors


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed actors`."""
    made = add_command(
        commands,
        "actors",
        lambda given: on_node(given, _actors),
        "list the platforms this node speaks for, or add one",
        "  pecfed actors --dir node list\n  pecfed actors --dir node add panier --name 'Le Panier'",
    )
    made.add_argument("what", choices=("list", "add"))
    made.add_argument("username", nargs="?", default="", metavar="NAME")
    made.add_argument("--name", default="", help="the name for people")
    add_json(made)


async def _actors(node: Node, given: argparse.Namespace) -> int:
    if given.what == "add":
        if node.settings.is_hub:
            raise UsageError("a hub speaks for itself; give the platform a node of its own")
        username = setup.check_username(given.username)
        await add_speaker(node, username, "member", given.name or username)
    found = [a for a in await node.database.read(actors.everyone) if a.card != "instance"]
    if given.json:
        items = [{"username": a.username, "uri": a.uri, "name": a.profile.name} for a in found]
        say_json({"items": items, "total": len(items), "next": None})
        return 0
    for actor in found:
        say(f"@{actor.username}@{node.settings.handles_host}  {actor.profile.name}  {actor.uri}")
    if not found:
        say("This node speaks for nobody yet.")
    return 0
