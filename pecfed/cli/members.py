"""`members`: a hub's operator looks at the entries and decides."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pecfed import clock
from pecfed.cli import vouching, watching
from pecfed.cli.command import add_command, add_json, on_node, say, say_json, shown
from pecfed.connectors import invited_file
from pecfed.domain.handle import Handle
from pecfed.domain.membership import REASONS, STATES, Deed
from pecfed.domain.text import pick
from pecfed.errors import RefusedError, UsageError
from pecfed.exports.items import listing, member_item
from pecfed.federation import willing
from pecfed.federation.actor import profile_of
from pecfed.federation.node import Node
from pecfed.federation.resolve import resolve
from pecfed.services import invitation, membership, setup
from pecfed.store import directory, invitations, members, objects
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.invitations import Invitation
from pecfed.store.members import Change
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
        "on a hub: list entries, accept or refuse who asks, suspend, restore, remove, invite, "
        "attest, label; on any node: endorse",
        "  pecfed members --dir hub list\n"
        "  pecfed members --dir hub show velo@node.velo.example\n"
        "  pecfed members --dir hub accept velo@node.velo.example --reason meets-criteria\n"
        "  pecfed members --dir hub refuse x@y.example --reason out-of-scope --message 'Why.'\n"
        "  pecfed members --dir hub invite invited.toml\n"
        "  pecfed members --dir hub invite @coop@mobilizon.example --entry la-coop\n"
        "  pecfed members --dir hub check @coop@mobilizon.example\n"
        f"{watching.EXAMPLES}"
        f"{vouching.EXAMPLES}"
        f"reasons: {reasons}",
    )
    made.add_argument("what", choices=("list", "show", *DEEDS, "invite", "check",
                                         *watching.DEEDS, *vouching.DEEDS))  # fmt: skip
    made.add_argument("member", nargs="?", default="", metavar="MEMBER",
                      help="its id, handle or actor's address (invite: also a file)")  # fmt: skip
    made.add_argument("--entry", default="", metavar="ID",
                      help="invite: the entry from public sources that it is")  # fmt: skip
    made.add_argument("--reason", default="", metavar="CODE", help="why: a reason code")
    made.add_argument("--message", default="", metavar="TEXT", help="words for the member")
    made.add_argument("--state", default="", choices=("", *STATES), help="list only these")
    watching.add_options(made)
    made.add_argument("--limit", type=int, default=MAX_LIMIT, help="list: at most so many")
    made.add_argument("--cursor", default="", help="list: the `next` of the page before")
    vouching.add_options(made)
    add_json(made)


async def _members(node: Node, given: argparse.Namespace) -> int:
    if given.what in vouching.DEEDS and given.member:
        return await vouching.carry_out(node, given)
    setup.check_hub(node.settings)
    if given.what == "list":
        return await _list(node, given)
    if not given.member:
        raise UsageError(f"members {given.what}: say which member (see: members list)")
    if given.what == "invite":
        return await _invite(node, given)
    if given.what == "show":
        return await _show(node, given)
    if given.what == "check":
        return await _check(node, given)
    if given.what in watching.DEEDS:
        return await watching.carry_out(node, given)
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


async def _find(session: Session, name: str) -> tuple[Entry, list[Change], Invitation | None]:
    entry = await members.find(session, name)
    if entry is None and (asked := await invitations.by_handle(session, name.removeprefix("@"))):
        entry = await members.by_id(session, asked.member_id)
    entry = entry or await members.the_entry(session, name)
    found = await directory.entries(session, [entry], clock.now().date())
    asked = await invitations.of_member(session, entry.id)
    return found[0], await members.history(session, entry.id), asked


def _invitation(asked: Invitation | None) -> dict[str, Any] | None:
    """An invitation as `show` tells it; times are UTC, null where nothing happened yet."""
    if asked is None:
        return None

    def stamp(at: int | None) -> str | None:
        return clock.stamp(clock.from_ms(at)) if at else None

    return {
        "uri": asked.actor_uri,
        "state": asked.state,
        "asked": stamp(asked.asked_at),
        "looked": stamp(asked.looked_at),
        "proof": asked.proof or None,
        "proof_uri": asked.proof_uri or None,
        "answered": stamp(asked.answered_at),
    }


async def _proven_by(session: Session, entry: Entry) -> str:
    """The id of the key that the member's statement was proved with; "" without a proof."""
    if entry.declared is None or entry.statement is None:
        return ""
    return await objects.proven_by(session, entry.statement.uri, entry.declared)


async def _show(node: Node, given: argparse.Namespace) -> int:
    entry, history, asked = await node.database.read(lambda session: _find(session, given.member))
    lines = [asdict(each) | {"at": clock.stamp(clock.from_ms(each.at))} for each in history]
    invitation_item = _invitation(asked)
    item = _item(node, entry, commitments=True) | {"log": lines, "invitation": invitation_item}
    key = await node.database.read(lambda session: _proven_by(session, entry))
    life, likeness = await node.database.read(lambda s: watching.look(s, entry.member))
    item |= {"liveness": watching.life_item(life), "likeness": likeness}
    if item["statement"]:
        item["statement"]["proven_by"] = key or None
    if given.json:
        say_json(item)
        return 0
    because = f" ({entry.because})" if entry.because else ""
    say(f"{shown(entry.member.name)}  {entry.member.slug}  {entry.member.state}, "
        f"{entry.standing}{because}")  # fmt: skip
    say(f"{entry.member.uri or 'no actor'}  {item['url'] or ''}")
    say(shown(pick(entry.member.profile.summary, node.settings.language)[1]))
    if entry.declared:
        for each in entry.declared.commitments:
            words = shown(pick(each.explanation, node.settings.language)[1])
            say(f"  {each.commitment:<16} {each.level:<14} {words} {' '.join(each.evidence)}")
        say(f"  its proof is by {shown(key)}" if key else "  it came without a proof")
    say(f"source: {' '.join(map(shown, entry.member.source))}")
    watching.say_life(life)
    watching.say_likeness(likeness)
    if invitation_item:
        told = invitation_item["looked"] or "not yet"
        say(f"invitation of {shown(invitation_item['uri'])}: {invitation_item['state']}, "
            f"asked {invitation_item['asked']}, looked {told}")  # fmt: skip
        if invitation_item["proof"]:
            say(f"  {invitation_item['answered']} by {invitation_item['proof']} "
                f"{shown(invitation_item['proof_uri'] or '')}")  # fmt: skip
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


async def _invite_actor(node: Node, given: argparse.Namespace) -> int:
    """Ask an actor of any software whether it wants to be listed."""
    actor = await resolve(node, given.member)
    profile = profile_of(actor)

    async def work(session: Session) -> tuple[Entry, list[Change], Invitation | None, bool]:
        hub = await setup.the_hub(session)
        entry, asked = await invitation.invite(
            session, node.uris, hub, actor, profile, slug=given.entry
        )
        return *await _find(session, entry.slug), asked

    entry, _, found, asked = await node.database.write(work)
    if given.json:
        say_json(_item(node, entry) | {"invitation": _invitation(found), "asked": asked})
        return 0
    say(f"{shown(entry.member.name)} ({actor.type}): {shown(actor.uri)}")
    if asked:
        say(f"{entry.member.slug} is asked in a message; nothing of it is shown until it agrees: "
            "by its answer, its own Join, or a rel=\"me\" link to this hub.")  # fmt: skip
    else:
        say(f"{entry.member.slug} was asked already, and hasn't answered.")
    return 0


async def _check(node: Node, given: argparse.Namespace) -> int:
    """Look now whether an invited organisation links to the hub."""
    entry, _, asked = await node.database.read(lambda session: _find(session, given.member))
    if asked is None or asked.state != "open":
        state = entry.member.state if asked is None else asked.state
        raise RefusedError(
            f"{entry.member.slug} has no open invitation ({state}); see: members show",
            code="not_asked",
        )
    where = await willing.look(node, asked)
    if given.json:
        say_json({"uri": asked.actor_uri, "link": where or None})
    elif where:
        say(f"{shown(where)} links to this hub: {entry.member.slug} is a member now.")
    else:
        say(f'{shown(asked.actor_uri)}: no rel="me" link to this hub yet.')
    return 0


async def _invite(node: Node, given: argparse.Namespace) -> int:
    """List the organisations of a file; those listed already are corrected or left alone."""
    if Handle.read(given.member) or "://" in given.member:
        return await _invite_actor(node, given)
    found = invited_file.read(Path(given.member), language=node.settings.language)

    async def work(session: Session) -> tuple[int, list[str]]:
        changed, kept_off = 0, []
        for each in found:
            try:
                _, new = await membership.invite(session, each.slug, each.profile, each.source)
                changed += new
            except RefusedError as error:
                if error.code != "kept_off":
                    raise
                kept_off.append(each.slug)
        return changed, kept_off

    changed, kept_off = await node.database.write(work)
    unchanged = len(found) - changed - len(kept_off)
    if given.json:
        say_json({"invited": changed, "unchanged": unchanged, "kept_off": kept_off})
        return 0
    say(f"{changed} invited, {unchanged} as they were.")
    if kept_off:
        say(f"left out, since they asked not to be listed: {', '.join(kept_off)}")
    return 0
