"""`groups` and `announce`: what a hub's working groups and the hub itself announce."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_items, say_json, shown
from pecfed.domain.membership import REASONS
from pecfed.domain.text import pick
from pecfed.errors import UsageError
from pecfed.federation.groups import make_groups
from pecfed.federation.node import Node
from pecfed.services import announcing, groups, setup
from pecfed.store import follows, objects, passed_on
from pecfed.store.database import Row, Session
from pecfed.store.paging import MAX_LIMIT

DEEDS = ("withdraw", "restore")


def add_groups(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed groups`."""
    made = add_command(
        commands,
        "groups",
        lambda given: on_node(given, _groups),
        "on a hub: the working groups, what they announce, withdraw something or restore it",
        "  pecfed groups --dir hub list\n"
        "  pecfed groups --dir hub show governance_legal\n"
        "  pecfed groups --dir hub withdraw https://node.velo.example/objects/q7m2 "
        "--reason out-of-scope\n"
        "  pecfed groups --dir hub restore https://node.velo.example/objects/q7m2\n"
        "  pecfed groups --dir hub sync\n"
        f"reasons: {', '.join(REASONS)}",
    )
    made.add_argument("what", choices=("list", "show", *DEEDS, "sync"))
    made.add_argument("target", nargs="?", default="", metavar="TARGET",
                      help="a group's name (show), or an object's address")  # fmt: skip
    made.add_argument("--group", default="", metavar="NAME",
                      help="withdraw, restore: in this group only")  # fmt: skip
    made.add_argument("--reason", default="", metavar="CODE", help="withdraw: a reason code")
    made.add_argument("--message", default="", metavar="TEXT", help="withdraw: words for the log")
    add_json(made)


def add_announce(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed announce`."""
    made = add_command(
        commands,
        "announce",
        lambda given: on_node(given, _announce),
        "on a hub: announce something of a member's by hand, or take that back",
        "  pecfed announce --dir hub https://node.velo.example/objects/q7m2\n"
        "  pecfed announce --dir hub https://node.velo.example/objects/q7m2 --undo",
    )
    made.add_argument("object", metavar="OBJECT", help="the address of the event, resource, …")
    made.add_argument("--undo", action="store_true", help="take the announcement back")
    add_json(made)


async def _groups(node: Node, given: argparse.Namespace) -> int:
    setup.check_hub(node.settings)
    if given.what == "sync":
        made = await make_groups(node)
        if given.json:
            say_json({"changed": made})
        else:
            say(", ".join(made) or "The groups are as the charter has them.")
        return 0
    if given.what == "list":
        return await _list(node, given)
    if not given.target:
        what = "group (see: groups list)" if given.what == "show" else "object, by its address"
        raise UsageError(f"groups {given.what}: say which {what}")
    if given.what == "show":
        return await _show(node, given)
    return await _decide(node, given)


async def _list(node: Node, given: argparse.Namespace) -> int:
    async def work(session: Session) -> list[dict[str, Any]]:
        found = []
        for group in await groups.everyone(session):
            counts = await passed_on.counts(session, group.id)
            found.append(
                {
                    "username": group.username,
                    "uri": group.uri,
                    "name": group.profile.name,
                    "working_group": groups.id_of(group),
                    "followers": await follows.count_followers(session, group.id),
                    "announced": counts.get("shown", 0),
                    "withdrawn": counts.get("withdrawn", 0),
                }
            )
        return found

    items = await node.database.read(work)
    if given.json:
        say_items(items)
        return 0
    for each in items:
        say(
            f"@{each['username']}@{node.settings.handles_host}  {each['name']}  "
            f"followers {each['followers']}, announced {each['announced']}, "
            f"withdrawn {each['withdrawn']}"
        )
    if not items:
        say("No groups yet; make them with: pecfed groups sync")
    return 0


async def _show(node: Node, given: argparse.Namespace) -> int:
    name = groups.name_of(given.target)

    async def work(session: Session) -> list[dict[str, Any]]:
        found = [group for group in await groups.everyone(session) if group.username == name]
        if not found:
            raise UsageError(f"there is no group {name!r}; see: pecfed groups list")
        states: tuple[passed_on.State, ...] = ("shown", "withdrawn")
        rows = await passed_on.listed(session, found[0].id, MAX_LIMIT, states=states)
        return [await _item(session, row, node.settings.language) for row in rows]

    items = await node.database.read(work)
    if given.json:
        say_items(items)
        return 0
    for each in items:
        say(
            f"{each['at'][:10]} {each['state']:<9} {each['member']}  {shown(each['title'])}  "
            f"{each['object']}  {each['reason']}".rstrip()
        )
    if not items:
        say("Nothing yet.")
    return 0


async def _item(session: Session, row: Row, language: str) -> dict[str, Any]:
    """One thing that a group announces or has withdrawn."""
    kept = await objects.get(session, row["object_uri"])
    name = getattr(kept.content, "name", None) if kept else None
    return {
        "object": row["object_uri"],
        "title": pick(name, language)[1] if name else row["title"],
        "member": row["author_slug"],
        "state": row["state"],
        "reason": row["reason"],
        "at": clock.stamp(clock.from_ms(row["at"])),
    }


async def _decide(node: Node, given: argparse.Namespace) -> int:
    if given.what == "withdraw" and not given.reason:
        raise UsageError(f"groups withdraw: give a --reason, one of {', '.join(REASONS)}")
    group = groups.name_of(given.group)

    async def work(session: Session) -> list[str]:
        if given.what == "restore":
            return await groups.restore(session, node.uris, given.target, name=group)
        return await groups.withdraw(
            session,
            node.uris,
            given.target,
            name=group,
            reason=given.reason,
            message=given.message,
        )

    done = await node.database.write(work)
    deed = "withdrawn from" if given.what == "withdraw" else "announced again by"
    if given.json:
        say_json({"object": given.target, given.what: done})
    else:
        say(f"{given.target}: {deed} {', '.join(done) or 'no group: it was so already'}.")
    return 0


async def _announce(node: Node, given: argparse.Namespace) -> int:
    setup.check_hub(node.settings)

    async def work(session: Session) -> bool:
        hub = await setup.the_hub(session)
        if given.undo:
            await announcing.undo_by_hand(session, node.uris, hub, given.object)
            return True
        return await announcing.by_hand(session, node.uris, hub, given.object)

    new = await node.database.write(work)
    state = "withdrawn" if given.undo else "announced"
    if given.json:
        say_json({"object": given.object, "state": state, "changed": new})
    else:
        say(f"{given.object} is {state}{'' if new else ' already'}.")
    return 0
