"""`claims`: what invited organisations ask a hub: this is us, take us off."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
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
from pecfed.errors import RefusedError, UsageError
from pecfed.federation.node import Node
from pecfed.services import claim, setup
from pecfed.store import claims, members
from pecfed.store.claims import Claim
from pecfed.store.database import Session
from pecfed.store.paging import MAX_LIMIT


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed claims`."""
    made = add_command(
        commands,
        "claims",
        lambda given: on_node(given, _claims),
        "on a hub: what invited organisations ask (this is us, take us off), and take them off",
        "  pecfed claims --dir hub list\n"
        "  pecfed claims --dir hub close 3\n"
        "  pecfed claims --dir hub take-off les-remorques\n"
        "  pecfed claims --dir hub allow les-remorques",
    )
    made.add_argument("what", choices=("list", "close", "take-off", "allow"))
    made.add_argument("which", nargs="?", default="", metavar="WHICH",
                      help="close: the number that list shows; else the entry's id")  # fmt: skip
    made.add_argument("--all", action="store_true", help="list those that are dealt with, too")
    made.add_argument("--yes", action="store_true", help="take-off: don't ask")
    add_json(made)


async def _claims(node: Node, given: argparse.Namespace) -> int:
    setup.check_hub(node.settings)
    if given.what == "list":
        return await _list(node, given)
    if not given.which:
        raise UsageError(f"claims {given.what}: say which (see: claims list, members list)")
    deeds = {"close": _close, "take-off": _take_off, "allow": _allow}
    return await deeds[given.what](node, given)


async def _list(node: Node, given: argparse.Namespace) -> int:
    async def read(session: Session) -> list[dict[str, Any]]:
        found = await claims.listing(session, MAX_LIMIT, closed=given.all)
        return [await _item(session, each) for each in found]

    items = await node.database.read(read)
    if given.json:
        say_items(items)
        return 0
    for each in items:
        proof = shown(each["proof"]) if each["proof"] else "nothing proves it"
        say(f"{each['number']:>5}  {each['state']:<6} {each['kind']:<8} {each['entry']}  {proof}")
        for words in filter(None, (each["handle"], each["words"])):
            say(f"       {shown(words)}")
    if not items:
        say("Nothing.")
    return 0


async def _item(session: Session, found: Claim) -> dict[str, Any]:
    entry = await members.by_id(session, found.member_id)
    return {
        "number": found.id,
        "kind": found.kind,
        "entry": entry.slug,
        "name": entry.name,
        "proof": found.proof_uri or None,
        "handle": found.handle or None,
        "words": found.words,
        "state": found.state,
        "asked": clock.stamp(clock.from_ms(found.at)),
    }


async def _close(node: Node, given: argparse.Namespace) -> int:
    if not given.which.isascii() or not given.which.isdecimal():
        raise UsageError(f"claims close {given.which!r}: say which, by its number (see: list)")

    async def work(session: Session) -> dict[str, Any]:
        return await _item(session, await claim.close(session, int(given.which[:18])))

    item = await node.database.write(work)
    if given.json:
        say_json(item | {"state": "closed"})
    else:
        say(f"Claim {item['number']} ({item['entry']}) is closed.")
    return 0


async def _take_off(node: Node, given: argparse.Namespace) -> int:
    entry = await node.database.read(lambda session: claim.invited(session, given.which))
    warning = (
        f"{shown(entry.name)} ({entry.slug}) vanishes from the directory, what is kept of it is "
        "forgotten, and no file lists it again."
    )
    if not given.yes and not agreed(warning):
        return 1

    async def work(session: Session) -> None:
        held = await claim.invited(session, given.which, hold=True)
        await claim.take_off(session, held, by="operator")

    await node.database.write(work)
    if given.json:
        say_json({"entry": entry.slug, "taken_off": True})
    else:
        say(f"{entry.slug} is taken off. Should it ask to be listed: claims allow {entry.slug}")
    return 0


async def _allow(node: Node, given: argparse.Namespace) -> int:
    if not await node.database.write(lambda session: claims.allow(session, given.which)):
        raise RefusedError(f"{given.which!r} isn't kept off; nothing was changed", code="not_off")
    if given.json:
        say_json({"entry": given.which, "taken_off": False})
    else:
        say(f"{given.which} may be invited again.")
    return 0
