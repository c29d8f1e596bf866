"""`conversations`: what others say of what this node publishes, and what it answers."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_json, shown
from pecfed.domain.text import clean
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.services import operator
from pecfed.store import conversations
from pecfed.store.conversations import Message
from pecfed.store.database import Session
from pecfed.store.paging import MAX_LIMIT

STATES = ("new", "seen", "answered")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed conversations`."""
    made = add_command(
        commands,
        "conversations",
        lambda given: on_node(given, _conversations),
        "read what others reply or mention, answer it, hide it",
        "  pecfed conversations --dir node list --state new\n"
        "  pecfed conversations --dir node show 12\n"
        "  pecfed conversations --dir node answer 12 'Merci, nous corrigeons.'\n"
        "  pecfed conversations --dir node hide 12",
    )
    made.add_argument("what", choices=("list", "show", "answer", "hide", "unhide"))
    made.add_argument("number", nargs="?", type=int, default=0, metavar="NUMBER",
                      help="which message: the number that list shows")  # fmt: skip
    made.add_argument("text", nargs="?", default="", metavar="TEXT", help="answer: what to say")
    made.add_argument("--language", default="", choices=("", "fr", "en"),
                      help="answer: its language, where it isn't the node's")  # fmt: skip
    made.add_argument("--state", default="", choices=("", *STATES), help="list only these")
    made.add_argument("--hidden", action="store_true", help="list the hidden ones, too")
    made.add_argument("--about", default="", metavar="URI", help="list: about one object or actor")
    made.add_argument("--limit", type=int, default=50, help="list: at most so many")
    made.add_argument("--cursor", default="", help="list: the `next` of the page before")
    add_json(made)


async def _conversations(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        return await _list(node, given)
    if given.number < 1:
        raise UsageError(f"conversations {given.what}: say which, by its number (see: list)")
    if given.what == "answer":
        return await _answer(node, given)
    deed = {"show": operator.see, "hide": operator.hide, "unhide": operator.unhide}[given.what]
    answers: list[dict[str, Any]] = []

    async def work(session: Session) -> Message:
        answers.extend(map(_answered, await conversations.answers(session, given.number)))
        return await deed(session, given.number)

    message = await node.database.write(work)
    if given.json:
        say_json(_item(message) | {"answers": answers})
    elif given.what == "show":
        _tell(message, answers)
    else:
        say(f"{message.id} is {'hidden' if message.hidden else 'shown'} now.")
    return 0


def _item(message: Message) -> dict[str, Any]:
    return {
        "number": message.id,
        "uri": message.uri,
        "kind": message.kind,
        "about": message.about_uri,
        "author": message.actor_uri,
        "handle": message.handle,
        "name": message.name,
        "content": message.content,
        "links": list(message.links),
        "language": message.language,
        "url": message.url,
        "public": message.is_public,
        "state": message.state,
        "hidden": message.hidden,
        "published": clock.stamp(clock.from_ms(message.published_at)),
        "received": clock.stamp(clock.from_ms(message.received_at)),
    }


def _answered(row: Any) -> dict[str, Any]:
    return {
        "uri": row["uri"],
        "content": row["content"],
        "public": bool(row["is_public"]),
        "published": clock.stamp(clock.from_ms(row["answered_at"])),
    }


def _marks(message: Message) -> str:
    words = [message.state, message.kind, "public" if message.is_public else "private"]
    return " ".join(words + (["hidden"] if message.hidden else []))


def _tell(message: Message, answers: list[dict[str, Any]]) -> None:
    """A message for people: each line by itself, nothing that could move the cursor."""
    item = _item(message)
    say(f"{message.id}  {_marks(message)}  {item['published']}")
    say(f"{shown(message.name)}  @{shown(message.handle)}  {message.actor_uri}")
    say(f"about {message.about_uri}\nat    {message.url}")
    for line in message.content.split("\n"):
        say(f"  {shown(line)}")
    for link in message.links:
        say(f"  → {link}")
    for each in answers:
        say(f"answered {each['published']} {each['uri']}")
        for line in each["content"].split("\n"):
            say(f"  {shown(line)}")


async def _list(node: Node, given: argparse.Namespace) -> int:
    if not 1 <= given.limit <= MAX_LIMIT:
        raise UsageError(f"--limit {given.limit}: choose between 1 and {MAX_LIMIT}")
    if given.cursor and not (given.cursor.isascii() and given.cursor.isdecimal()):
        raise UsageError(f"--cursor {given.cursor!r}: give the `next` of the page before")

    async def work(session: Session) -> list[Message]:
        found = await conversations.listing(
            session,
            given.limit + 1,
            before=int(given.cursor[:18]) if given.cursor else 2**62,
            state=given.state,
            about_uri=given.about,
            hidden=given.hidden,
        )
        return list(found)

    found = await node.database.read(work)
    after = str(found[given.limit - 1].id) if len(found) > given.limit else None
    found = found[: given.limit]
    if given.json:
        say_json({"items": [_item(each) for each in found], "next": after})
        return 0
    for each in found:
        first = " ".join(each.content.split())
        say(f"{each.id:>5}  {_marks(each):<22} @{shown(each.handle)}: {shown(first[:100])}")
    if after:
        say(f"more: --cursor {after}")
    elif not found:
        say("Nothing.")
    return 0


async def _answer(node: Node, given: argparse.Namespace) -> int:
    """Publish an answer; its author's inbox is looked up first.

    Raises:
        FetchError: the author's server can't be asked.
    """
    text = clean(given.text, 100_000)
    if not text:
        raise UsageError("conversations answer: say what, as a text after the number")
    number = given.number
    message = await node.database.read(lambda session: operator.message(session, number))
    author = await node.remotes.actor(message.actor_uri)
    language = given.language or node.settings.language
    uri = await node.database.write(
        lambda session: operator.answer(session, node.uris, number, author, text, language)
    )
    if given.json:
        say_json({"number": number, "uri": uri, "public": message.is_public})
    else:
        whom = "everybody can read it" if message.is_public else "for them alone"
        say(f"@{shown(message.handle)} is answered ({whom}): {uri}")
    return 0
