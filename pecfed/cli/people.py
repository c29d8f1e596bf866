"""`people`: what is kept of somebody elsewhere; hand it out, or forget it."""

from __future__ import annotations

import argparse

from pecfed.cli.command import add_command, add_json, agreed, on_node, say, say_json, shown
from pecfed.domain.handle import Handle
from pecfed.domain.uris import origin
from pecfed.errors import NotFoundError, UsageError
from pecfed.federation.node import Node
from pecfed.services import people
from pecfed.store import personal, remotes


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed people`."""
    made = add_command(
        commands,
        "people",
        lambda given: on_node(given, _people),
        "hand out all that is kept of somebody elsewhere, or forget it",
        "  pecfed people --dir node export @marie@mastodon.example\n"
        "  pecfed people --dir node erase https://mastodon.example/users/marie --yes",
    )
    made.add_argument("what", choices=("export", "erase"))
    made.add_argument("who", metavar="WHO", help="a handle, or the id of an actor")
    made.add_argument("--yes", action="store_true", help="erase: don't ask")
    add_json(made)


async def _people(node: Node, given: argparse.Namespace) -> int:
    uri = await _uri(node, given.who)
    if given.what == "export":
        value = await node.database.read(lambda session: people.export(session, uri))
        if not value["kept"]:
            raise NotFoundError(f"nothing is kept of {given.who}")
        say_json(value)
        return 0
    kept = await node.database.read(lambda session: personal.kept(session, uri))
    what = ", ".join(f"{len(rows)} {name}" for name, rows in kept.items()) or "nothing"
    if not given.yes and not agreed(f"Of {shown(uri)} is kept: {what}. It will be forgotten."):
        return 1
    gone = await node.database.write(lambda session: people.erase(session, uri))
    if given.json:
        say_json({"actor": uri, "forgotten": dict(gone)})
    else:
        say("Forgotten: " + (", ".join(f"{n} {name}" for name, n in gone.items()) or "nothing"))
    return 0


async def _uri(node: Node, who: str) -> str:
    """The id that somebody means; nobody elsewhere is asked, only what is known here counts."""
    if origin(who):
        return who
    handle = Handle.read(who)
    if handle is None:
        raise UsageError(f"{who!r}: write a handle as @name@host, or an actor's id")
    uri = await node.database.read(lambda session: remotes.by_handle(session, str(handle)))
    if not uri:
        raise NotFoundError(f"nobody here is known as {who}; try the actor's id")
    return uri
