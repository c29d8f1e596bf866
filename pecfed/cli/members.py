"""`members`: a hub's operator looks at the entries and decides."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, cast

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_json, shown
from pecfed.connectors import invited_file
from pecfed.domain.membership import REASONS, STATES, Deed
from pecfed.domain.text import pick
from pecfed.errors import NotFoundError, UsageError
from pecfed.exports.items import listing, member_item
from pecfed.federation.node import Node
from pecfed.services import membership, setup
from pecfed.store import directory, members
from pecfed.store.database import Row, Session
from pecfed.store.directory import Entry
from pecfed.store.paging import MAX_LIMIT, Page, Query

DEEDS = ("accept", "refuse", "suspend", "restore", "remove")
DEFAULT_REASON = {"accept": "meets-criteria", "restore": "resolved"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed members`."""
    reasons = ", ".join(REASONS)
    made = add_command(
        commands,
        "members",
        lambda given: on_node(given, _members),
        "on a hub: list entries, accept or refuse who asks, suspend, restore, remove, invite",
        "  pecfed members --dir hub list\n"
        "  pecfed members --dir hub show velo@node.velo.example\n"
        "  pecfed members --dir hub accept velo@node.velo.example --reason meets-criteria\n"
        "  pecfed members --dir hub refuse x@y.example --reason out-of-scope --message 'Why.'\n"
        "  pecfed members --dir hub invite invited.toml\n"
        f"reasons: {reasons}",
    )
    made.add_argument("what", choices=("list", "show", *DEEDS, "invite"))
    made.add_argument("member", nargs="?", default="", metavar="MEMBER",
                      help="its id, handle or actor's address (invite: a file)")  # fmt: skip
    made.add_argument("--reason", default="", metavar="CODE", help="why: a reason code")
    made.add_argument("--message", default="", metavar="TEXT", help="words for the member")
    made.add_argument("--state", default="", choices=("", *STATES), help="list only these")
    made.add_argument("--limit", type=int, default=MAX_LIMIT, help="list: at most so many")
    made.add_argument("--cursor", default="", help="list: the `next` of the page before")
    add_json(made)


async def _members(node: Node, given: argparse.Namespace) -> int:
    if not node.settings.is_hub:
        raise UsageError("this node is not a hub: make one with pecfed init --role hub")
    if given.what == "list":
        return await _list(node, given)
    if not given.member:
        raise UsageError(f"members {given.what}: say which member (see: members list)")
    if given.what == "invite":
        return await _invite(node, given)
    if given.what == "show":
        return await _show(node, given)
    return await _decide(node, given)


async def _list(node: Node, given: argparse.Namespace) -> int:
    if not 1 <= given.limit <= MAX_LIMIT:
        raise UsageError(f"--limit {given.limit}: choose between 1 and {MAX_LIMIT}")
    query = Query(
        today=clock.now().date(), limit=given.limit, cursor=given.cursor, membership=given.state
    )

    async def work(session: Session) -> Page[Entry]:
        return await directory.list_members(session, query, states=STATES)

    page = await node.database.read(work)
    if given.json:
        say_json(listing(page, [_item(node, entry) for entry in page.items]))
        return 0
    for entry in page.items:
        say(
            f"{entry.member.state:<10} {entry.standing:<10} {entry.member.slug}  "
            f"{shown(entry.member.name)}"
        )
    if page.next:
        say(f"{page.total} in all; more: --cursor {page.next}")
    elif not page.items:
        say("Nobody yet.")
    return 0


def _item(node: Node, entry: Entry, *, commitments: bool = False) -> dict[str, Any]:
    return member_item(
        entry, language=node.settings.language, base=node.settings.url, commitments=commitments
    )


async def _find(session: Session, name: str) -> tuple[Entry, list[Row]]:
    entry = await members.find(session, name)
    if entry is None:
        raise NotFoundError(f"there is no entry {name!r}; see: pecfed members list")
    found = await directory.entries(session, [entry], clock.now().date())
    return found[0], list(await members.history(session, entry.id))


async def _show(node: Node, given: argparse.Namespace) -> int:
    entry, history = await node.database.read(lambda session: _find(session, given.member))
    lines = [{**dict(row), "at": clock.stamp(clock.from_ms(row["at"]))} for row in history]
    item = _item(node, entry, commitments=True) | {"log": lines}
    if given.json:
        say_json(item)
        return 0
    say(f"{shown(entry.member.name)}  {entry.member.slug}  {entry.member.state}, {entry.standing}")
    say(f"{entry.member.uri or 'no actor'}  {item['url'] or ''}")
    say(shown(pick(entry.member.profile.summary, node.settings.language)[1]))
    if entry.declared:
        for each in entry.declared.commitments:
            words = shown(pick(each.explanation, node.settings.language)[1])
            say(f"  {each.commitment:<16} {each.level:<14} {words} {' '.join(each.evidence)}")
    for line in lines:
        say(f"  {line['at']} {line['deed']} → {line['to_state']} by {line['by']} "
            f"{line['reason']} {shown(line['message'])}")  # fmt: skip
    return 0


async def _decide(node: Node, given: argparse.Namespace) -> int:
    reason = given.reason or DEFAULT_REASON.get(given.what, "")
    if not reason:
        raise UsageError(f"members {given.what}: give a --reason, one of {', '.join(REASONS)}")

    async def work(session: Session) -> Entry:
        hub = await setup.the_hub(session)
        entry = await membership.decide(
            session,
            node.uris,
            hub,
            given.member,
            cast(Deed, given.what),
            reason=reason,
            message=given.message,
        )
        return (await directory.entries(session, [entry], clock.now().date()))[0]

    entry = await node.database.write(work)
    if given.json:
        say_json(_item(node, entry))
    else:
        say(f"{entry.member.slug} is {entry.member.state} now.")
    return 0


async def _invite(node: Node, given: argparse.Namespace) -> int:
    """List the organisations of a file; those listed already are corrected or left alone."""
    found = invited_file.read(Path(given.member), language=node.settings.language)

    async def work(session: Session) -> int:
        changed = 0
        for each in found:
            _, new = await membership.invite(session, each.slug, each.profile, each.source)
            changed += new
        return changed

    changed = await node.database.write(work)
    if given.json:
        say_json({"invited": changed, "unchanged": len(found) - changed})
    else:
        say(f"{changed} invited, {len(found) - changed} as they were.")
    return 0
