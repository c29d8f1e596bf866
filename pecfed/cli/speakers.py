"""`actors`: the platforms a node speaks for, from the first to the last."""

from __future__ import annotations

import argparse
from functools import partial

from pecfed.cli.command import (
    add_command,
    add_json,
    agreed,
    on_node,
    say,
    say_items,
    say_json,
    shown,
)
from pecfed.errors import UsageError
from pecfed.federation.actor_document import aliases
from pecfed.federation.node import Node
from pecfed.federation.resolve import resolve
from pecfed.federation.speakers import add_speaker, rename_speaker
from pecfed.language.wire import parse
from pecfed.services import life, setup
from pecfed.store import actors, follows, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed actors`."""
    made = add_command(
        commands,
        "actors",
        lambda given: on_node(given, _actors),
        "list the platforms this node speaks for, add one, move it elsewhere, or end it",
        "  pecfed actors --dir node list\n"
        "  pecfed actors --dir node add panier --name 'Le Panier'\n"
        "  pecfed actors --dir node rename panier lepanier             # its old handle leads on\n"
        "  pecfed actors --dir node alias panier @panier@old.example   # it came from there\n"
        "  pecfed actors --dir node move panier @panier@coop.example   # its followers go there\n"
        "  pecfed actors --dir node delete panier                      # asks first",
    )
    made.add_argument("what", choices=("list", "add", "rename", "alias", "move", "delete"))
    made.add_argument("username", nargs="?", default="", metavar="NAME")
    made.add_argument("target", nargs="?", default="", metavar="TARGET",
                      help="rename: a name; alias, move: @name@host or an address")  # fmt: skip
    made.add_argument("--name", default="", help="the name for people")
    made.add_argument("--remove", action="store_true", help="alias: take it out again")
    made.add_argument("--undo", action="store_true", help="move: speak here again")
    made.add_argument("--yes", action="store_true", help="move, delete: without being asked")
    add_json(made)


async def _actors(node: Node, given: argparse.Namespace) -> int:
    if given.what == "alias":
        return await _alias(node, given)
    if given.what == "move":
        return await _move(node, given)
    if given.what == "delete":
        return await _delete(node, given)
    if given.what == "rename":
        return await _rename(node, given)
    if given.what == "add":
        if node.settings.is_hub:
            raise UsageError("a hub speaks for itself; give the platform a node of its own")
        username = setup.check_username(given.username)
        await add_speaker(node, username, "member", given.name or username)
    found = [a for a in await node.database.read(actors.everyone) if a.card in setup.SPEAKERS]
    if given.json:
        items = [{"username": a.username, "uri": a.uri, "name": a.profile.name} for a in found]
        say_items(items)
        return 0
    for actor in found:
        say(f"@{actor.username}@{node.settings.handles_host}  {actor.profile.name}  {actor.uri}")
    if not found:
        say("This node speaks for nobody yet.")
    return 0


async def _rename(node: Node, given: argparse.Namespace) -> int:
    """Another name for an actor; its id and its followers stay."""
    actor = await _speaker(node, given)
    if not given.target:
        raise UsageError("actors rename: say the name it has and the one it takes")
    renamed = await rename_speaker(node, actor, setup.check_username(given.target))
    handle = f"@{renamed.username}@{node.settings.handles_host}"
    if given.json:
        say_json({"actor": renamed.uri, "username": renamed.username, "handle": handle})
        return 0
    say(
        f"{actor.username} is {handle} now; its followers are told, and its old handle leads there."
    )
    say("Where an apply file says [actor] username, write the new one.")
    return 0


async def _alias(node: Node, given: argparse.Namespace) -> int:
    """Show, add or remove the other ids of an actor."""
    actor = await _speaker(node, given)
    wanted = actor.also_known_as
    if given.target:
        other = await resolve(node, given.target)
        wanted = tuple(uri for uri in wanted if uri != other.uri)
        if not given.remove:
            wanted = (*wanted, other.uri)
        if wanted != actor.also_known_as:
            await node.database.write(
                lambda session: life.set_aliases(session, node.uris, actor, wanted)
            )
    if given.json:
        say_json({"actor": actor.uri, "also_known_as": list(wanted)})
    else:
        say(f"{actor.username} is also: {', '.join(wanted) or 'nobody else'}")
    return 0


async def _move(node: Node, given: argparse.Namespace) -> int:
    """Send an actor's followers elsewhere, or take that back."""
    actor = await _speaker(node, given)
    if given.undo:
        await node.database.write(lambda session: life.stay(session, node.uris, actor))
        if given.json:
            say_json({"actor": actor.uri, "moved_to": None})
        else:
            say(
                f"{actor.username} speaks here again; followers that have gone stay where they are."
            )
        return 0
    if not given.target:
        raise UsageError("actors move: say where to, as @name@host, or --undo to take it back")
    target = await resolve(node, given.target)
    target = await node.remotes.refresh(target.uri)
    known_as = aliases(parse(target.document.encode()))
    if not given.yes and not agreed(
        f"Every follower of {actor.username} will be sent to {shown(target.handle)} "
        f"({target.uri}). Those who go don't come back by themselves."
    ):
        return 1
    await node.database.write(
        lambda session: life.move(session, node.uris, actor, target.uri, known_as)
    )
    if given.json:
        say_json({"actor": actor.uri, "moved_to": target.uri})
    else:
        say(f"{actor.username} has moved to {shown(target.handle)}; its followers are told.")
    return 0


async def _delete(node: Node, given: argparse.Namespace) -> int:
    """End an actor for good."""
    actor = await _speaker(node, given)
    published, followers = await node.database.read(partial(_weight, actor))
    if not given.yes and not agreed(
        f"{actor.username}, its {published} published objects and its {followers} followers will "
        "be gone for good, here and on every server that knows it; nobody can have that name "
        f"here again. To keep a copy first: pecfed export --actor {actor.username} FILE"
    ):
        return 1
    told = await node.database.write(lambda session: life.end(session, node.uris, actor))
    if given.json:
        say_json({"actor": actor.uri, "deleted": True, "told": told})
    else:
        say(f"{actor.username} is deleted; {told} servers are told while this node serves.")
    return 0


async def _speaker(node: Node, given: argparse.Namespace) -> LocalActor:
    if not given.username:
        raise UsageError(f"actors {given.what}: say which actor (see: pecfed actors list)")
    return await node.database.read(lambda session: setup.speaker(session, given.username))


async def _weight(actor: LocalActor, session: Session) -> tuple[int, int]:
    """How much an actor has published, and how many follow it."""
    published = await objects.of_actor(session, actor.uri, limit=objects.EVERYTHING)
    return len(published), await follows.count_followers(session, actor.id)
