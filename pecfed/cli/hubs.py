"""`join` and `leave`: a member node and its hubs."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from pecfed.cli.command import add_actor, add_command, add_json, on_node, say, say_json
from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError, UsageError
from pecfed.federation.hubs import find_hub
from pecfed.federation.node import Node
from pecfed.services import join, setup
from pecfed.store import memberships, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[Node, argparse.Namespace], Awaitable[int]],
    help_: str,
    example: str,
) -> None:
    made = add_command(commands, name, lambda given: on_node(given, run), help_, example)
    made.add_argument("hub", metavar="HUB_URL", help="the hub's address, or its actor's")
    add_actor(made)
    add_json(made)


def add_join(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed join`."""
    _add(commands, "join", _join, "ask a hub to list this platform",
         "  pecfed join --dir node https://annuaire.example")  # fmt: skip


def add_leave(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed leave`."""
    _add(commands, "leave", _leave, "leave a hub's directory",
         "  pecfed leave --dir node https://annuaire.example")  # fmt: skip


async def _join(node: Node, given: argparse.Namespace) -> int:
    actor = await node.database.read(lambda session: setup.speaker(session, given.actor))
    hub = await find_hub(node, given.hub)
    if node.uris.is_ours(hub.uri):
        raise UsageError(f"{given.hub} is this node itself; name another hub")

    async def work(session: Session) -> str:
        return await join.ask(session, node.uris, actor, hub)

    state = await node.database.write(work)
    if given.json:
        say_json({"hub": hub.uri, "membership": state})
    elif state == "asked":
        say(
            f"{hub.name} has been asked; its operator decides. See: pecfed status --dir {given.dir}"
        )
    else:
        say(f"{actor.username} is {state} at {hub.name} already.")
    return 0


async def _leave(node: Node, given: argparse.Namespace) -> int:
    async def whose(session: Session) -> tuple[LocalActor, str]:
        actor = await setup.speaker(session, given.actor)
        for row in await memberships.of_actor(session, actor.id):
            if same_origin(row["hub_uri"], given.hub):
                return actor, row["hub_uri"]
        raise RefusedError(
            f"{actor.username} has no membership at {given.hub}", code="no_membership"
        )

    actor, hub_uri = await node.database.read(whose)
    # one that is gone, or away, can be left as well
    known = await node.database.read(lambda session: remotes.get(session, hub_uri))
    hub = known or await node.remotes.actor(hub_uri)

    async def work(session: Session) -> str:
        return await join.leave(session, node.uris, actor, hub)

    state = await node.database.write(work)
    if given.json:
        say_json({"hub": hub.uri, "membership": state})
    else:
        say(f"{actor.username} leaves {hub.name}.")
    return 0
