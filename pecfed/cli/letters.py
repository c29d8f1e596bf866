"""`assessment letters|answer|settle|ask`: what hubs and members write about statements."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from pecfed import clock
from pecfed.cli.command import say, say_items, say_json, shown
from pecfed.domain.text import pick
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.federation.resolve import resolve
from pecfed.services import reviews, setup
from pecfed.store import reviews as letters
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.reviews import Letter

DEEDS = ("letters", "answer", "settle", "ask")
MOST = 200


async def carry_out(node: Node, given: argparse.Namespace) -> int:
    """Do what is asked with the letters of one actor."""
    if given.what == "letters":
        return await _list(node, given)
    if given.what == "ask":
        return await _ask(node, given)
    if not given.target.isascii() or not given.target.isdigit():
        raise UsageError(
            f"assessment {given.what}: say which letter, by its number (see: assessment letters)"
        )
    return await _deal_with(node, given, int(given.target))


def item(letter: Letter) -> dict[str, Any]:
    """A letter as scripts get it."""
    return {
        "number": letter.id,
        "uri": letter.uri,
        "sent": letter.is_sent,
        "with": letter.other_uri,
        "handle": letter.handle,
        "state": letter.state,
        "at": clock.stamp(clock.from_ms(letter.at)),
        **letter.review.to_value(),
    }


def tell(found: Sequence[Letter]) -> None:
    """Letters for people, each with its words."""
    for each in found:
        where = ", ".join(each.review.commitments)
        way = "to" if each.is_sent else "from"
        state = "open" if each.state == "open" else "    "
        say(f"{each.id:>5}  {state}  {each.review.act} {way} {shown(each.handle)}"
            f"{f' ({shown(where)})' if where else ''}")  # fmt: skip
        for line in pick(each.review.message, "fr")[1].split("\n"):
            if line:
                say(f"        {shown(line)}")


async def _list(node: Node, given: argparse.Namespace) -> int:
    async def read(session: Session) -> Sequence[Letter]:
        actor = await setup.speaker(session, given.actor)
        return await letters.of_actor(session, actor.id, MOST)

    found = await node.database.read(read)
    if given.json:
        say_items([item(each) for each in found])
        return 0
    tell(found)
    if not found:
        say("Nothing.")
    return 0


async def _deal_with(node: Node, given: argparse.Namespace, number: int) -> int:
    async def work(session: Session) -> tuple[LocalActor, str]:
        actor = await setup.speaker(session, given.actor)
        if given.what == "settle":
            return actor, (await reviews.settle(session, actor, number)).uri
        language = next(iter(actor.profile.languages), node.settings.language)
        return actor, await reviews.answer(session, node.uris, actor, number, given.text, language)

    _, uri = await node.database.write(work)
    if given.json:
        say_json({"number": number, "uri": uri})
    else:
        say("It is settled." if given.what == "settle" else f"Answered: {uri}")
    return 0


async def _ask(node: Node, given: argparse.Namespace) -> int:
    if not given.target:
        raise UsageError("assessment ask: say whom, as @name@host")
    member = await resolve(node, given.target)

    async def work(session: Session) -> str:
        actor = await setup.speaker(session, given.actor)
        language = next(iter(actor.profile.languages), node.settings.language)
        return await reviews.ask_endorsement(
            session, node.uris, actor, member.uri, given.text, language
        )

    uri = await node.database.write(work)
    if given.json:
        say_json({"member": member.uri, "uri": uri})
    else:
        say(f"{shown(member.handle)} is asked to endorse the statement.")
    return 0
