"""`keys`: which keys an actor signs with; new ones in their place; away with one that leaked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_actor, add_command, add_json, agreed, on_node, say, say_json
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.services import keys as service
from pecfed.services import setup
from pecfed.services.keys import Made
from pecfed.store import actors, keys
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.keys import KINDS, Kind, OwnKey

DAY = 86_400_000  # milliseconds
OVERLAP = 7
MAX_OVERLAP = 365


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed keys`."""
    made = add_command(
        commands,
        "keys",
        lambda given: on_node(given, _keys),
        "list an actor's keys, put new ones in their place, or revoke one that leaked",
        "  pecfed keys --dir node list\n"
        "  pecfed keys --dir node rotate                      # the old ones count 7 days more\n"
        "  pecfed keys --dir node rotate --instance --overlap 30\n"
        "  pecfed keys --dir node rotate --revoke-old --yes   # after a break-in\n"
        "  pecfed keys --dir node revoke main-key",
    )
    made.add_argument("what", choices=("list", "rotate", "revoke"))
    made.add_argument("key", nargs="?", default="", metavar="KEY",
                      help="revoke: its id, or what stands in it after the #")  # fmt: skip
    add_actor(made)
    made.add_argument("--instance", action="store_true",
                      help="the node's own actor, which signs what it fetches")  # fmt: skip
    made.add_argument("--overlap", type=int, default=None, metavar="DAYS",
                      help=f"rotate: how long the old ones count (default {OVERLAP})")  # fmt: skip
    made.add_argument("--revoke-old", action="store_true",
                      help="rotate: the old ones count no more from now on")  # fmt: skip
    made.add_argument("--yes", action="store_true", help="revoke without being asked")
    add_json(made)


async def _keys(node: Node, given: argparse.Namespace) -> int:
    if given.instance and given.actor:
        raise UsageError("keys: choose --actor NAME or --instance, not both")
    if given.key and given.what != "revoke":
        raise UsageError(f"keys {given.what}: takes no key; to end one: pecfed keys revoke KEY")
    if given.what != "rotate" and (given.overlap is not None or given.revoke_old):
        raise UsageError(f"keys {given.what}: --overlap and --revoke-old go with rotate")
    actor = await node.database.read(lambda session: _actor(session, given))
    if given.what == "list":
        return await _list(node, given, actor)
    if given.what == "rotate":
        return await _rotate(node, given, actor)
    return await _revoke(node, given, actor)


async def _actor(session: Session, given: argparse.Namespace) -> LocalActor:
    """The actor that is meant: a platform or the hub, a working group by its name, the node."""
    if given.instance:
        found = await actors.by_username(session, "instance")
        if found is None:
            raise UsageError("this node has no actor of its own: it was made by another program")
        return found
    everyone = await actors.everyone(session) if given.actor else ()
    groups = (a for a in everyone if a.card == "group" and a.username == given.actor)
    return next(groups, None) or await setup.speaker(session, given.actor)


def _item(key: OwnKey) -> dict[str, Any]:
    times = {
        "created": key.created_at,
        "retired": key.retired_at,
        "expires": key.expires_at,
        "revoked": key.revoked_at,
    }
    return {
        "id": key.uri,
        "kind": key.kind,
        "state": key.state,
        **{name: at and clock.stamp(clock.from_ms(at)) for name, at in times.items()},
        "public": key.public,
    }


async def _show(node: Node, given: argparse.Namespace, actor: LocalActor) -> list[dict[str, Any]]:
    """Print an actor's keys; under `--json` as one line."""
    found = await node.database.read(lambda session: keys.of_actor(session, actor.id))
    items = [_item(key) for key in found]
    if given.json:
        say_json({"actor": actor.uri, "keys": items})
        return items
    for item in items:
        until = item["revoked"] or item["expires"] or ""
        say(
            f"{item['state']:<8} {item['kind']:<11} since {item['created'][:16]}"
            f"{f'  until {until[:16]}' if until else '':<25}  {item['id']}"
        )
    return items


async def _list(node: Node, given: argparse.Namespace, actor: LocalActor) -> int:
    await _show(node, given, actor)
    return 0


async def _rotate(node: Node, given: argparse.Namespace, actor: LocalActor) -> int:
    overlap = OVERLAP if given.overlap is None else given.overlap
    if given.revoke_old and given.overlap:
        raise UsageError("keys rotate: --revoke-old leaves no overlap; choose one of the two")
    if not 0 <= overlap <= MAX_OVERLAP:
        raise UsageError(f"--overlap {overlap}: choose between 0 and {MAX_OVERLAP} days")
    old = service.leaked(actor) if given.revoke_old else []
    if old and not given.yes and not agreed(_warning(actor, old)):
        return 1
    kinds = [kind for kind in KINDS if any(key.kind == kind for key in actor.keys)]
    await _carry_out(node, actor, kinds, overlap=overlap * DAY, revoke=old)
    await _show(node, given, actor)
    if not given.json:
        until = "" if given.revoke_old else f"; the old ones count {overlap} days more"
        say(f"{actor.username} signs with new keys{until}. Who follows it is told.")
    return 0


async def _revoke(node: Node, given: argparse.Namespace, actor: LocalActor) -> int:
    if not given.key:
        raise UsageError("keys revoke: say which key (see: pecfed keys list)")
    key = await node.database.read(lambda session: service.find(session, actor, given.key))
    if not given.yes and not agreed(_warning(actor, [key.uri])):
        return 1
    # an actor can't be without a key: a new one takes the place of a current one
    kinds = [key.kind] if key.state == "current" else []
    await _carry_out(node, actor, kinds, overlap=0, revoke=[key.uri])
    await _show(node, given, actor)
    if not given.json:
        say(f"{key.uri} is revoked. Every server that may know it is told.")
    return 0


def _warning(actor: LocalActor, uris: Sequence[str]) -> str:
    return (
        f"Nothing that {', '.join(uris)} signed will count any more, wherever it is kept; "
        f"what {actor.username} publishes gets new proofs. This can't be undone."
    )


async def _carry_out(
    node: Node, actor: LocalActor, kinds: Sequence[Kind], *, overlap: int, revoke: Sequence[str]
) -> None:
    """Make new pairs on disk, then let them count.

    Whatever stops us in between, a key on disk signs. New ones are left there even
    after an error: a database that broke off may have kept them.
    """
    files = node.keyring.files
    made = [Made(kind, *files.make_new(actor.username, kind)) for kind in kinds]
    await node.database.write(
        lambda session: service.rotate(
            session, node.uris, actor, made, overlap=overlap, revoke=revoke
        )
    )
    for uri in revoke:
        files.remove(actor.username, uri)
