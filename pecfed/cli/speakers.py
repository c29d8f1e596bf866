"""`actors`: the platforms a node speaks for, from the first to the last."""

from __future__ import annotations

import argparse

from pecfed.cli import life
from pecfed.cli.command import add_command, add_json, on_node, say, say_json
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.services import setup
from pecfed.store import actors

_LIFE = {"alias": life.alias, "move": life.move, "delete": life.delete}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed actors`."""
    made = add_command(
        commands,
        "actors",
        lambda given: on_node(given, _actors),
        "list the platforms this node speaks for, add one, move it elsewhere, or end it",
        "  pecfed actors --dir node list\n"
        "  pecfed actors --dir node add panier --name 'Le Panier'\n"
        "  pecfed actors --dir node alias panier @panier@old.example   # it came from there\n"
        "  pecfed actors --dir node move panier @panier@coop.example   # its followers go there\n"
        "  pecfed actors --dir node delete panier                      # asks first",
    )
    made.add_argument("what", choices=("list", "add", *_LIFE))
    made.add_argument("username", nargs="?", default="", metavar="NAME")
    made.add_argument("target", nargs="?", default="", metavar="TARGET",
                      help="alias, move: another actor, as @name@host or its address")  # fmt: skip
    made.add_argument("--name", default="", help="the name for people")
    made.add_argument("--remove", action="store_true", help="alias: take it out again")
    made.add_argument("--undo", action="store_true", help="move: speak here again")
    made.add_argument("--yes", action="store_true", help="move, delete: without being asked")
    add_json(made)


async def _actors(node: Node, given: argparse.Namespace) -> int:
    if given.what in _LIFE:
        return await _LIFE[given.what](node, given)
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
