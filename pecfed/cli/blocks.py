"""`blocks`: whom this node doesn't listen to and tells nothing."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_items, say_json, shown
from pecfed.domain import blocking
from pecfed.domain.handle import Handle
from pecfed.domain.text import clean
from pecfed.errors import FetchError, UsageError
from pecfed.federation.node import Node
from pecfed.federation.resolve import resolve
from pecfed.services import blocking as service
from pecfed.services.blocking import Undone
from pecfed.store import blocks, remotes
from pecfed.store.blocks import Block
from pecfed.store.database import Session

MAX_NOTE = 500


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed blocks`."""
    made = add_command(
        commands,
        "blocks",
        lambda given: on_node(given, _blocks),
        "block an actor or a whole server, end a block, or list them",
        "  pecfed blocks --dir node add spam.example --reason spam --note 'Adverts, 12 May'\n"
        "  pecfed blocks --dir node add @mallory@mixed.example --reason abuse\n"
        "  pecfed blocks --dir node list --json\n"
        "  pecfed blocks --dir node remove spam.example\n"
        f"reasons: {', '.join(blocking.REASONS)}",
    )
    made.add_argument("what", choices=("list", "add", "remove"))
    made.add_argument("target", nargs="?", default="", metavar="TARGET",
                      help="a server, or an actor's handle or address")  # fmt: skip
    made.add_argument("--reason", default="other", metavar="CODE", help="why: a reason code")
    made.add_argument("--note", default="", metavar="TEXT", help="words for yourself")
    made.add_argument("--yes", action="store_true", help="add: even a member or a hub of ours")
    add_json(made)


async def _blocks(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        return await _list(node, given)
    if not given.target:
        raise UsageError(f"blocks {given.what}: say which server or actor")
    target = await _target(node, given.target)
    if given.what == "add":
        return await _add(node, given, target)
    count = await node.database.write(lambda session: service.remove(session, target))
    if given.json:
        say_json({"target": target, "shown_again": count})
    else:
        say(f"{target} is blocked no longer. Who followed us from there may do so again.")
    return 0


async def _target(node: Node, text: str) -> str:
    """The one spelling of what somebody wants to block.

    Raises:
        UsageError: it is neither a server nor an actor, or an actor nobody can find.
    """
    if Handle.read(text) is None:
        _, scheme, rest = text.partition("://")
        if not scheme or not rest.partition("/")[2]:
            return blocking.server(text)
        if not blocking.actor(text):
            raise UsageError(f"{text!r} is no address; write it as https://spam.example/users/x")
    known = await node.database.read(lambda session: _known(session, text))
    if not known:
        try:
            known = (await resolve(node, text)).uri
        except FetchError as error:
            if Handle.read(text) is not None:
                raise UsageError(
                    f"{text}: can't be asked now ({error.message}); give the actor's own "
                    "address, or block its server"
                ) from error
            known = text  # whoever is away can be blocked too
    return blocking.actor(known)


async def _known(session: Session, text: str) -> str:
    """The id of an actor we have met (or blocked), by its id or handle; else ""."""
    handle = Handle.read(text)
    if handle is not None:
        return await remotes.by_handle(session, str(handle))
    if blocking.actor(text) in await blocks.targets(session):
        return text
    found = await remotes.get(session, text)
    return found.uri if found else ""


def _item(block: Block) -> dict[str, Any]:
    return {
        "target": block.target,
        "scope": blocking.scope_of(block.target),
        "reason": block.reason,
        "note": block.note,
        "since": clock.stamp(clock.from_ms(block.blocked_at)),
    }


async def _list(node: Node, given: argparse.Namespace) -> int:
    found = await node.database.read(blocks.everything)
    if given.json:
        say_items([_item(each) for each in found])
        return 0
    for each in found:
        item = _item(each)
        say(f"{item['since'][:10]} {each.reason:<14} {each.target}  {shown(each.note)}")
    if not found:
        say("Nobody is blocked.")
    return 0


async def _add(node: Node, given: argparse.Namespace, target: str) -> int:
    async def work(session: Session) -> Undone:
        return await service.add(
            session,
            node.uris,
            target,
            reason=given.reason,
            note=clean(given.note, MAX_NOTE),
            even_members=given.yes,
        )

    undone = await node.database.write(work)
    if given.json:
        say_json(
            {
                "target": target,
                "scope": blocking.scope_of(target),
                "new": undone.new,
                "followers_removed": undone.followers,
                "messages_hidden": undone.hidden,
            }
        )
        return 0
    whole = " and its subdomains" if blocking.scope_of(target) == "server" else ""
    say(
        f"{target}{whole} is blocked: {undone.followers} followers removed, "
        f"{undone.hidden} messages hidden."
    )
    return 0
