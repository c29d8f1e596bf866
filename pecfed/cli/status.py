"""`status` tells how a node is doing, `retry` tries again what was parked."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import __version__, clock
from pecfed.cli.command import add_actor, add_command, add_json, on_node, say, say_json, shown
from pecfed.domain.uris import origin
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.services import setup
from pecfed.store import (
    conversations,
    deliveries,
    directory,
    follows,
    inbox,
    memberships,
    objects,
    reactions,
    reports,
)
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


def add_status(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed status`."""
    made = add_command(
        commands,
        "status",
        lambda given: on_node(given, _status),
        "show how the node is doing: hubs, followers, what waits, what could not be delivered",
        "  pecfed status --dir node\n  pecfed status --dir node --json",
    )
    add_actor(made)
    add_json(made)


MOST_NOTICES = 200


KINDS = {"statement": "statement", "event": "event", "resource": "resource", "poll": "question"}
"""What `status` counts, by the word of the apply file, and the word of the database."""


async def read_status(session: Session, node: Node, actor: LocalActor | None) -> dict[str, Any]:
    """What `status --json` prints; without an actor (the last one is deleted) the node's alone."""
    found = await _of_actor(session, node, actor) if actor else {}
    found |= await _of_node(session)
    if node.settings.is_hub:
        found["directory"] = await directory.figures(session)
    return {"role": node.settings.role, "version": __version__} | found


async def _of_actor(session: Session, node: Node, actor: LocalActor) -> dict[str, Any]:
    """What is one actor's own."""
    hubs = [
        {
            "uri": row["hub_uri"],
            "membership": row["state"],
            "reason": row["reason"],
            "message": row["message"],
            "changed": clock.stamp(clock.from_ms(row["changed_at"])),
        }
        for row in await memberships.of_actor(session, actor.id)
    ]
    published = await objects.of_actor(session, actor.uri, limit=objects.EVERYTHING)
    return {
        "actor": actor.uri,
        "handle": f"{actor.username}@{node.settings.handles_host}",
        "name": actor.profile.name,
        "url": node.uris.page(actor.username),
        "moved_to": actor.moved_to or None,
        "followers": await follows.count_followers(session, actor.id),
        "following": len(await follows.following(session, actor.id)),
        "hubs": hubs,
        "published": {
            word: sum(each.kind == kind for each in published) for word, kind in KINDS.items()
        },
    }


async def _of_node(session: Session) -> dict[str, Any]:
    """What is the whole node's: its queues, and what others say."""
    queue = await deliveries.counts(session)
    found = {
        "queue": {name: queue[name] for name in ("waiting", "retrying", "parked")},
        "delivered": queue["delivered"],
        "inbox": await inbox.counts(session),
        "parked": await deliveries.parked(session, 20),
        "silent_hosts": sorted(await deliveries.known_failing(session)),
    }
    found["conversations"] = {
        "new": await conversations.count_new(session),
        "reports": await reports.count_open(session),
    }
    found["notices"] = [
        {"about": about, **counts}
        for about, counts in (await reactions.counts(session, MOST_NOTICES)).items()
    ]
    return found


async def _status(node: Node, given: argparse.Namespace) -> int:
    async def work(session: Session) -> dict[str, Any]:
        nobody = not given.actor and await setup.speaks_for_nobody_any_more(session)
        actor = None if nobody else await setup.speaker(session, given.actor)
        return await read_status(session, node, actor)

    found = await node.database.read(work)
    if given.json:
        say_json(found)
        return 0
    if "actor" in found:
        _say_actor(found)
    else:
        say("This node speaks for nobody any more; keep it serving until nothing waits.")
    queue = found["queue"]
    say(
        f"deliveries: {queue['waiting']} waiting, {queue['retrying']} retrying, "
        f"{queue['parked']} parked, {found['delivered']} arrived this week"
    )
    say(f"inbox: {found['inbox']['waiting']} waiting, {found['inbox']['parked']} parked")
    waiting = found["conversations"]
    say(f"conversations: {waiting['new']} new messages, {waiting['reports']} open reports")
    for each in found["parked"]:
        say(f"  parked: {each['type']} to {each['inbox']}: {shown(each['error'])}")
    if found["parked"]:
        say(f"  try them again: pecfed retry --dir {given.dir}")
    if "directory" in found:
        say("directory: " + ", ".join(f"{n} {word}" for word, n in found["directory"].items()))
    return 0


def _say_actor(found: dict[str, Any]) -> None:
    """What is one actor's own, in words."""
    say(f"{shown(found['name'])}  @{found['handle']}  {found['url']}")
    if found["moved_to"]:
        say(f"has moved to {found['moved_to']}, and publishes nothing more here")
    say(f"followers {found['followers']}, following {found['following']}")
    say("published: " + ", ".join(f"{n} {kind}" for kind, n in found["published"].items()))
    for hub in found["hubs"]:
        why = f" ({hub['reason']}: {shown(hub['message'])})" if hub["reason"] else ""
        say(f"hub {hub['uri']}: {hub['membership']}{why}")


def add_retry(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed retry`."""
    made = add_command(
        commands,
        "retry",
        lambda given: on_node(given, _retry),
        "try again what was given up: parked deliveries and parked inbox letters",
        "  pecfed retry --dir node\n  pecfed retry --dir node --host https://annuaire.example",
    )
    made.add_argument("--host", default="", help="only deliveries to that host's origin")
    add_json(made)


async def _retry(node: Node, given: argparse.Namespace) -> int:
    from_host = ""
    if given.host:
        from_host = origin(given.host)
        if not from_host:
            raise UsageError(f"--host {given.host!r}: write it as https://annuaire.example")

    async def work(session: Session) -> tuple[int, int]:
        now = clock.now_ms()
        out = await deliveries.retry_parked(session, now, from_host)
        return out, 0 if from_host else await inbox.retry_parked(session, now)

    out, letters = await node.database.write(work)
    if given.json:
        say_json({"deliveries": out, "letters": letters})
    else:
        say(f"{out} deliveries and {letters} letters will be tried again.")
    return 0
