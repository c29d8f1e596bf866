"""`contest` on a member's node: answer a hub's decision, or appeal; `replies` on a hub."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import (
    add_actor,
    add_command,
    add_json,
    on_node,
    say,
    say_items,
    say_json,
    shown,
)
from pecfed.domain.membership import REASONS
from pecfed.domain.text import pick
from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError, UsageError
from pecfed.federation.node import Node
from pecfed.services import contest, reviews, setup
from pecfed.store import member_replies, memberships
from pecfed.store.database import Session
from pecfed.store.member_replies import MemberReply
from pecfed.store.paging import MAX_LIMIT

WHAT = {"reply": "right-of-reply", "appeal": "appeal", "take-back": "take-back"}


def add_contest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed contest`."""
    made = add_command(
        commands,
        "contest",
        lambda given: on_node(given, _contest),
        "contest what a hub decided: a reply that it shows beside the entry, or an appeal",
        "  pecfed contest --dir node reply https://annuaire.example 'We have answered in May.'\n"
        "  pecfed contest --dir node appeal https://annuaire.example 'The proof is online now.'\n"
        "  pecfed contest --dir node take-back https://annuaire.example",
    )
    made.add_argument("what", choices=tuple(WHAT))
    made.add_argument("hub", metavar="HUB_URL", help="the hub's address, or its actor's")
    made.add_argument(
        "text", nargs="?", default="", metavar="TEXT", help="reply, appeal: the words"
    )
    add_actor(made)
    add_json(made)


async def _contest(node: Node, given: argparse.Namespace) -> int:
    async def work(session: Session) -> str:
        actor = await setup.speaker(session, given.actor)
        for row in await memberships.of_actor(session, actor.id):
            if same_origin(row["hub_uri"], given.hub):
                return await reviews.contest(
                    session, node.uris, actor, row["hub_uri"], WHAT[given.what], given.text,
                    node.settings.language,
                )  # fmt: skip
        raise RefusedError(
            f"{actor.username} has no membership at {given.hub}; see: pecfed status",
            code="no_membership",
        )

    uri = await node.database.write(work)
    if given.json:
        say_json({"uri": uri, "act": WHAT[given.what]})
    else:
        say("Sent to the hub, signed.")
    return 0


def add_replies(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed replies`."""
    made = add_command(
        commands,
        "replies",
        lambda given: on_node(given, _replies),
        "on a hub: what members reply to decisions about them; hide one for a reason, show it",
        "  pecfed replies --dir hub list\n"
        "  pecfed replies --dir hub show velo@node.velo.example\n"
        "  pecfed replies --dir hub hide velo@node.velo.example --reason abuse",
    )
    made.add_argument("what", choices=("list", "hide", "show"))
    made.add_argument("member", nargs="?", default="", metavar="MEMBER",
                      help="its id, handle or actor's address")  # fmt: skip
    made.add_argument("--reason", default="", metavar="CODE", help="hide: a reason code")
    add_json(made)


async def _replies(node: Node, given: argparse.Namespace) -> int:
    setup.check_hub(node.settings)
    if given.what == "list":
        found = await node.database.read(lambda s: member_replies.everything(s, MAX_LIMIT))
        if given.json:
            say_items([_item(each) for each in found])
            return 0
        for each in found:
            text = " ".join(pick(each.content, node.settings.language)[1].split())
            say(f"{each.hidden or 'shown':<10} {each.actor_uri}  {shown(text[:100])}")
        if not found:
            say("Nothing.")
        return 0
    if not given.member:
        raise UsageError(f"replies {given.what}: say whose (see: replies list)")
    if given.what == "hide" and not given.reason:
        raise UsageError(f"replies hide: give a --reason, one of {', '.join(REASONS)}")
    hide = given.reason if given.what == "hide" else ""
    reply = await node.database.write(
        lambda s: contest.set_shown(s, given.member, hide=hide, by="operator")
    )
    if given.json:
        say_json(_item(reply))
    else:
        say(f"The reply of {reply.actor_uri} is {'hidden' if reply.hidden else 'shown'} now.")
    return 0


def _item(reply: MemberReply) -> dict[str, Any]:
    return {
        "member": reply.actor_uri,
        "content": dict(reply.content),
        "hidden": reply.hidden or None,
        "at": clock.stamp(clock.from_ms(reply.at)),
    }
