"""`members archive|reopen|hide|unhide|merge|unmerge|apart|probe|still-true`: entries' lives."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

from pecfed import clock
from pecfed.cli.command import say, say_json, shown
from pecfed.errors import RefusedError, UsageError
from pecfed.exports import items
from pecfed.federation.node import Node
from pecfed.services import archiving, duplicates, likeness, setup, still_true, suspicion
from pecfed.store import likenesses, members
from pecfed.store import liveness as lives
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.liveness import Life
from pecfed.store.members import Member
from pecfed.work import liveness as job

DEEDS = (
    "archive", "reopen", "hide", "unhide", "merge", "unmerge", "apart", "probe", "still-true",
)  # fmt: skip
EXAMPLES = (
    "  pecfed members --dir hub archive velo@node.velo.example --reason closed --closed \\\n"
    "    --successor https://heirs.example\n"
    "  pecfed members --dir hub reopen velo@node.velo.example\n"
    "  pecfed members --dir hub merge velo@node.velo.example le-velo\n"
    "  pecfed members --dir hub unmerge le-velo\n"
    "  pecfed members --dir hub apart velo@node.velo.example velo@other.example\n"
    "  pecfed members --dir hub unhide velo@node.velo.example\n"
    "  pecfed members --dir hub probe velo@node.velo.example\n"
    "  pecfed members --dir hub still-true velo@node.velo.example\n"
)
REASON = {"hide": "security", "merge": "other", "apart": "other"}
"""What stands in the log where no reason is given; "resolved" elsewhere."""


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of these deeds."""
    made.add_argument("other", nargs="?", default="", metavar="OTHER",
                      help="merge: becomes part of MEMBER; apart: the other entry")  # fmt: skip
    made.add_argument("--successor", default="", metavar="URL",
                      help="archive: who goes on with its work")  # fmt: skip
    made.add_argument("--closed", action="store_true",
                      help="archive: the organisation itself is no more")  # fmt: skip


async def carry_out(node: Node, given: argparse.Namespace) -> int:
    """Do what is asked, and say what an entry is now."""
    if given.what in {"merge", "apart"} and not given.other:
        raise UsageError(f"members {given.what}: say which two (see: members list)")
    if given.what == "archive" and not given.reason:
        raise UsageError("members archive: give a --reason, as closed or asked-by-member")
    if given.what == "probe":
        return await _probe(node, given)
    if given.what == "still-true":
        return await _ask(node, given)

    async def work(session: Session) -> Member:
        hub = await setup.the_hub(session)
        reason = given.reason or REASON.get(given.what, "resolved")
        return await _deed(session, node, hub, given, reason)

    entry = await node.database.write(work)
    life = await node.database.read(lambda session: lives.of(session, entry.id))
    if given.json:
        say_json({"id": entry.slug, "membership": entry.state}
                 | {"liveness": life_item(life)})  # fmt: skip
        return 0
    say(_words(given, entry))
    return 0


async def _deed(
    session: Session, node: Node, hub: LocalActor, given: argparse.Namespace, reason: str
) -> Member:
    """One of those that change an entry."""
    name, message, uris = given.member, given.message, node.uris
    if given.what == "archive":
        return await archiving.archive(
            session, uris, hub, name, by="operator", reason=reason, message=message,
            successor=given.successor, is_closed=given.closed,
        )  # fmt: skip
    if given.what == "merge":
        return await duplicates.merge(
            session, uris, hub, name, given.other, by="operator", reason=reason, message=message
        )
    if given.what == "apart":
        return (
            await duplicates.keep_apart(session, name, given.other, by="operator", reason=reason)
        )[0]
    if given.what == "hide":
        return await suspicion.hide_by_hand(session, name, by="operator", reason=reason)
    if given.what == "unhide":
        return await suspicion.unhide(session, name, by="operator", reason=reason)
    undo: Callable[..., Awaitable[Member]]
    undo = archiving.reopen if given.what == "reopen" else duplicates.unmerge
    return await undo(session, uris, hub, name, by="operator", reason=reason, message=message)


def _words(given: argparse.Namespace, entry: Member) -> str:
    words = {
        "merge": f"{shown(given.other)} is part of {entry.slug} now, and leads there; "
        f"undo: members unmerge {shown(given.other)}",
        "apart": f"{entry.slug} and {shown(given.other)} are two; nobody is asked again.",
        "hide": f"The label of {entry.slug} is hidden; show it again: members unhide",
        "unhide": f"The label of {entry.slug} may be seen again.",
        "archive": f"{entry.slug} is archived; its page stays; undo: members reopen",
    }
    return words.get(given.what, f"{entry.slug} is {entry.state} now.")


async def _entry(node: Node, name: str) -> Member:
    entry = await node.database.read(lambda session: members.the_entry(session, name))
    if entry.state != "member" or entry.uri is None:
        raise RefusedError(f"{entry.slug} is {entry.state}, no member", code="wrong_state")
    return entry


async def _probe(node: Node, given: argparse.Namespace) -> int:
    """Ask a member's node now whether it is there; 1 when it isn't."""
    entry = await _entry(node, given.member)
    if await node.is_blocked(entry.uri or ""):
        raise RefusedError(f"{entry.slug} is blocked, so that nobody asks it", code="blocked")

    async def begin(session: Session) -> None:
        await lives.needed(session, entry.id, clock.now_ms())

    await node.database.write(begin)
    found = await job.one(node, entry)
    life = await node.database.read(lambda session: lives.of(session, entry.id))
    if given.json:
        say_json({"id": entry.slug, "liveness": life_item(life)})
    else:
        say(f"{entry.slug}: {shown(found.failure) or 'it answers'}")
        say_life(life)
    return 1 if found.failure else 0


async def _ask(node: Node, given: argparse.Namespace) -> int:
    """Ask a member now whether its entry is still true."""
    entry = await _entry(node, given.member)

    async def work(session: Session) -> bool:
        return await still_true.ask(session, node.uris, await setup.the_hub(session), entry)

    if not await node.database.write(work):
        raise RefusedError(f"{entry.slug}: its actor is gone, nobody can be asked", code="gone")
    if given.json:
        say_json({"id": entry.slug, "asked": True})
    else:
        say(f"{entry.slug} is asked by a direct message with three links.")
    return 0


def _stamp(at: int | None) -> str | None:
    return clock.stamp(clock.from_ms(at)) if at else None


def life_item(life: Life | None) -> dict[str, Any] | None:
    """An entry's life as the API gives it, and what is for the operator alone."""
    item = items.life_item(life)
    if life is None or item is None:
        return None
    return item | {
        "probed": _stamp(life.probed_at),
        "failing_since": _stamp(life.signs.failing_since),
        "failure": life.failure or None,
        "asked": _stamp(life.signs.asked_at),
        "certificate": life.certificate or None,
        "issuer": life.issuer or None,
        "hidden": _stamp(life.hidden_at),
        "hidden_because": list(life.hidden_because),
    }


def say_life(life: Life | None) -> None:
    """The same in words, a few lines."""
    item = life_item(life)
    if item is None:
        return
    if item["archived"]:
        closed = ", the organisation has closed" if item["closed"] else ""
        say(f"  archived on {item['archived']}{closed}; successor: {item['successor'] or 'none'}")
        return
    say(f"  {item['state']}, seen {item['seen'] or 'never'}, said to be true {item['affirmed']}")
    if item["failure"]:
        say(f"  no answer since {item['failing_since']}: {shown(item['failure'])}")
    if item["asked"]:
        say(f'  asked "still true?" {item["asked"]}')
    if item["hidden"]:
        say(f"  its label is hidden since {item['hidden']}: "
            f"{shown('; '.join(item['hidden_because'])) or 'by hand'}")  # fmt: skip


async def look(session: Session, entry: Member) -> tuple[Life | None, dict[str, Any]]:
    """An entry's life; and what it may be taken for or be the same as, and what is part of it."""
    doubt = await likeness.doubt(session, entry)
    doubles = (await likeness.doubles(session, entry)).values()
    merged = await likenesses.merged(session, entry.id)
    into = await members.by_id(session, merged.into_id) if merged else None
    life = await lives.of(session, entry.id)
    return life, {
        "suspicion": doubt.facts(entry.name) if doubt.words or doubt.like else None,
        "doubles": [{"id": other.slug, "name": other.name, "why": why} for other, why in doubles],
        "parts": [each.slug for each in await likenesses.parts(session, entry.id)],
        "part_of": into.slug if into else None,
    }


def say_likeness(item: dict[str, Any]) -> None:
    """The same in words; nothing where there is nothing to say."""
    if item["suspicion"]:
        words = item["suspicion"]["words"]
        if words:
            say(f"  suspicion: written in two alphabets: {shown(', '.join(words))}")
        for like in item["suspicion"]["like"]:
            what = "name" if like["kind"] == "look" else like["kind"]
            say(f"  suspicion: its {what} looks like that of {shown(like['entry'])} "
                f"({shown(like['name'])})")  # fmt: skip
    for double in item["doubles"]:
        say(f"  may be the same as {double['id']} ({shown(double['name'])}): "
            f"{', '.join(double['why'])}")  # fmt: skip
    if item["parts"]:
        say(f"  merged into it: {', '.join(item['parts'])}")
    if item["part_of"]:
        say(f"  part of {item['part_of']}")
