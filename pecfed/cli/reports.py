"""`reports`: what others report of what this node publishes."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_json, shown
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.services import operator
from pecfed.store import reports
from pecfed.store.paging import MAX_LIMIT
from pecfed.store.reports import Report


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed reports`."""
    made = add_command(
        commands,
        "reports",
        lambda given: on_node(given, _reports),
        "read what others report of what this node publishes, and close what is dealt with",
        "  pecfed reports --dir node list\n"
        "  pecfed reports --dir node show 3\n"
        "  pecfed reports --dir node close 3",
    )
    made.add_argument("what", choices=("list", "show", "close"))
    made.add_argument("number", nargs="?", type=int, default=0, metavar="NUMBER",
                      help="which report: the number that list shows")  # fmt: skip
    made.add_argument("--all", action="store_true", help="list the closed ones, too")
    add_json(made)


def _item(report: Report) -> dict[str, Any]:
    closed = report.closed_at
    return {
        "number": report.id,
        "about": list(report.about),
        "content": report.content,
        "from": report.actor_uri,
        "reported": clock.stamp(clock.from_ms(report.reported_at)),
        "closed": clock.stamp(clock.from_ms(closed)) if closed is not None else None,
    }


async def _reports(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        found = await node.database.read(
            lambda session: reports.listing(session, MAX_LIMIT, closed=given.all)
        )
        if given.json:
            say_json({"items": [_item(each) for each in found], "next": None})
            return 0
        for each in found:
            state = "open  " if each.closed_at is None else "closed"
            first = " ".join(each.content.split())
            say(f"{each.id:>5}  {state} {each.about[0]}: {shown(first[:100])}")
        if not found:
            say("Nothing.")
        return 0
    if given.number < 1:
        raise UsageError(f"reports {given.what}: say which, by its number (see: list)")
    deed = operator.report if given.what == "show" else operator.close
    report = await node.database.write(lambda session: deed(session, given.number))
    item = _item(report)
    if given.json:
        say_json(item)
    elif given.what == "close":
        say(f"Report {report.id} is closed.")
    else:
        say(f"{report.id}  {item['reported']}  from {report.actor_uri}")
        for uri in report.about:
            say(f"about {uri}")
        for line in report.content.split("\n"):
            say(f"  {shown(line)}")
    return 0
