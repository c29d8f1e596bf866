"""`queue`: what waits for a reviewer, decided from the shell by the services that the pages use."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_json, shown
from pecfed.domain.difference import difference
from pecfed.domain.membership import REASONS
from pecfed.domain.queue import ACTS, KINDS, STATES, WAITING, Decision
from pecfed.domain.statement import Statement
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.language.charter import charter
from pecfed.services import desk, effects
from pecfed.services.queue import is_act, the_item
from pecfed.store import members, objects, queue
from pecfed.store.database import Session
from pecfed.store.paging import MAX_LIMIT
from pecfed.store.queue import Done, Item

BY = "operator"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed queue`."""
    made = add_command(
        commands,
        "queue",
        lambda given: on_node(given, _queue),
        "see what waits for a reviewer, and decide: publish, ask back, refuse, later, undo",
        "  pecfed queue --dir hub list --kind join\n"
        "  pecfed queue --dir hub show 3\n"
        "  pecfed queue --dir hub publish 3 --reason meets-criteria --label\n"
        "  pecfed queue --dir hub ask 3 --reason not-verifiable --about governance-1 \\\n"
        "    --message 'Where can your statutes be read?'\n"
        "  pecfed queue --dir hub undo 3\n"
        f"reasons: {', '.join(REASONS)}",
    )
    made.add_argument("what", choices=("list", "show", *ACTS, "undo", "note"))
    made.add_argument("number", nargs="?", type=int, default=0, metavar="NUMBER",
                      help="which item: the number that list shows")  # fmt: skip
    made.add_argument("--kind", default="", choices=("", *KINDS), help="list only these")
    made.add_argument("--state", default="", choices=("", *STATES), help="list only these")
    made.add_argument("--limit", type=int, default=MAX_LIMIT, help="list: at most so many")
    made.add_argument("--cursor", default="", help="list: the `next` of the page before")
    made.add_argument("--reason", default="", metavar="CODE", help="why: a reason code")
    made.add_argument("--message", default="", metavar="TEXT",
                      help="words for the member; note: for the other reviewers")  # fmt: skip
    made.add_argument("--until", default="", metavar="DAY",
                      help="publish: valid until; ask: answer by; later: back on")  # fmt: skip
    made.add_argument("--about", action="append", default=[], metavar="COMMITMENT",
                      help="ask: a commitment that the question is about")  # fmt: skip
    made.add_argument("--doubt", action="append", default=[], metavar="PRINCIPLE",
                      help="publish a statement: a principle that isn't confirmed")  # fmt: skip
    made.add_argument("--label", action="store_true", help="publish a statement: the label, too")
    made.add_argument("--now", action="store_true", help="take effect now: it can't be undone")
    add_json(made)


def _stamp(at: int | None) -> str | None:
    return clock.stamp(clock.from_ms(at)) if at is not None else None


def _item(item: Item) -> dict[str, Any]:
    return {
        "number": item.id,
        "kind": item.kind,
        "subject": item.subject,
        "ref": item.ref or None,
        "facts": dict(item.facts),
        "state": item.state,
        "decision": item.decision.to_data() if item.decision else None,
        "by": item.by or None,
        "seconded_by": item.seconded_by or None,
        "opened": _stamp(item.opened_at),
        "due": _stamp(item.due_at),
    }


def _act(act: Done) -> dict[str, Any]:
    return {
        "at": _stamp(act.at),
        "by": act.by,
        "act": act.act,
        "reason": act.reason or None,
        "words": act.words or None,
    }


async def _queue(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        return await _list(node, given)
    if given.number < 1:
        raise UsageError(f"queue {given.what}: say which, by its number (see: list)")
    if given.what == "show":
        return await _show(node, given)
    item = await node.database.write(lambda session: _do(session, node, given))
    if given.json:
        say_json(_item(item))
    elif item.state == "decided":
        say(f"Item {item.id}: {given.what} takes effect at {_stamp(item.due_at)}; "
            f"until then: pecfed queue undo {item.id}")  # fmt: skip
    else:
        say(f"Item {item.id} is {item.state} now.")
    return 0


async def _do(session: Session, node: Node, given: argparse.Namespace) -> Item:
    if given.what == "undo":
        return await desk.undo(session, given.number, by=BY)
    if given.what == "note":
        return await desk.note(session, given.number, given.message, by=BY)
    act = is_act(given.what)
    assert act is not None
    here = await effects.the_desk(session, node.uris, node.settings)
    decision = Decision(
        act, given.reason, given.message, node.settings.language, given.until,
        tuple(given.about), tuple(given.doubt), given.label,
    )  # fmt: skip
    return await desk.decide(session, here, given.number, decision, by=BY, at_once=given.now)


async def _list(node: Node, given: argparse.Namespace) -> int:
    if not 1 <= given.limit <= MAX_LIMIT:
        raise UsageError(f"--limit {given.limit}: choose between 1 and {MAX_LIMIT}")
    page = await node.database.read(
        lambda session: queue.listing(
            session,
            states=(given.state,) if given.state else WAITING,
            kind=given.kind,
            limit=given.limit,
            start=given.cursor,
        )
    )
    if given.json:
        found = [_item(item) for item in page.items]
        say_json({"items": found, "total": page.total, "next": page.next})
        return 0
    for item in page.items:
        say(f"{item.id:>5}  {item.state:<9} {item.kind:<12} {shown(item.subject)}")
    if page.next:
        say(f"{page.total} in all; more: --cursor {page.next}")
    elif not page.items:
        say("Nothing waits.")
    return 0


async def _show(node: Node, given: argparse.Namespace) -> int:
    async def read(session: Session) -> tuple[Item, list[Done], str, list[str]]:
        item = await the_item(session, given.number)
        entry = await members.find(session, item.subject)
        return (
            item,
            list(await queue.acts(session, item.id)),
            entry.name if entry else "",
            await _changes(session, item),
        )

    item, acts, name, changes = await node.database.read(read)
    if given.json:
        say_json(_item(item) | {"name": name or None, "acts": [_act(each) for each in acts]})
        return 0
    say(f"{item.id}  {item.kind}, {item.state}  {shown(name)}  {shown(item.subject)}")
    for fact, value in item.facts.items():
        say(f"  {shown(fact)}: {shown(str(value))}")
    for line in changes:
        say(f"  {line}")
    for act in acts:
        say(f"  {_stamp(act.at)} {act.act} by {shown(act.by)} {act.reason} {shown(act.words)}")
    return 0


async def _changes(session: Session, item: Item) -> list[str]:
    """What changed in the statement that an item is about, a line for each commitment."""
    digest = str(item.facts.get("digest") or "")
    now = await objects.version(session, item.subject, digest) if digest else None
    if now is None:
        return []
    last = await queue.last(session, "statement", item.subject, "", "publish")
    before: Statement | None = None
    if last is not None and last.id != item.id:
        before = await objects.version(session, item.subject, str(last.facts.get("digest") or ""))
    found = difference(before, now, [each.id for each in charter().commitments])
    return [
        f"{each.what:<8} {shown(each.commitment)} "
        f"{each.before.level if each.before else ''} → {each.now.level if each.now else ''}"
        for each in found
        if each.what != "same"
    ]
