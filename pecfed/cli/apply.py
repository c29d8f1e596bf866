"""`apply FILE`: show the difference between a file and what is published, and publish it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pecfed.cli.command import (
    add_actor,
    add_command,
    add_json,
    on_node,
    say,
    say_json,
    says_yes,
    shown,
)
from pecfed.connectors import apply_file
from pecfed.domain.text import pick
from pecfed.domain.wanted import Change, Difference
from pecfed.errors import RefusedError, UsageError
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.services import apply, reviews, setup
from pecfed.services.apply import Counts
from pecfed.store import actors
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.pictures import Gallery

SHORT = 120
_SIGNS = {"create": "+", "update": "~", "delete": "-"}
_KINDS = {"question": "poll"}
"""Kinds that have another name in the apply file."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed apply`."""
    made = add_command(
        commands,
        "apply",
        lambda given: on_node(given, _apply),
        "publish what a file says: new is created, changed is updated, the rest is left alone",
        "  pecfed apply --dir node velo.toml           # shows the difference, then asks\n"
        "  pecfed apply --dir node velo.toml --yes --json\n"
        "  pecfed apply --dir node velo.toml --prune   # also withdraws what it no longer names",
    )
    made.add_argument("file", type=Path, metavar="FILE", help="the apply file (docs/apply-file.md)")
    made.add_argument("--prune", action="store_true",
                      help="withdraw what is published and not in the file")  # fmt: skip
    made.add_argument("--file-wins", action="store_true",
                      help="publish the file's statement although another was published in the "
                           "admin pages since")  # fmt: skip
    made.add_argument("--yes", action="store_true", help="publish without asking")
    add_actor(made)
    add_json(made)


async def _apply(node: Node, given: argparse.Namespace) -> int:
    table = apply_file.checked(given.file)
    username = apply_file.username_in(table)
    actor = await _whose(node, username, given.actor)
    name = actor.username if actor else username
    gallery = Gallery(given.file, node.uris.base, node.settings.media)
    wanted = apply_file.wanted(
        table,
        actor_uri=actor.uri if actor else node.uris.actor(name),
        username=name,
        language=node.settings.language,
        name=actor.profile.name if actor else name,
        gallery=gallery,
    )

    async def compare(session: Session) -> Difference:
        return await apply.compare(session, actor, wanted, file_wins=given.file_wins)

    found = await node.database.read(compare)
    if not given.json:
        _show(found, actor, name, prune=given.prune)
    changes = bool(found.changes or found.profile or (given.prune and found.gone))
    if changes and not given.yes and not says_yes("Publish this?"):
        sys.stderr.write("pecfed: nothing was published; to publish without asking, add --yes\n")
        return 1
    gallery.keep()
    made = actor is None and await _speaks_now(node, name, wanted.profile.name)

    async def carry_out(session: Session) -> Counts:
        owner = actor or await setup.speaker(session, name)
        return await apply.carry_out(
            session, node.uris, owner, wanted, prune=given.prune, file_wins=given.file_wins
        )

    counts = asdict(await node.database.write(carry_out))
    if made:
        # the actor itself is what is new: its profile is not counted again
        profiled = found.profile is not None and counts["updated"] > 0
        counts["created"] += 1
        counts["updated" if profiled else "unchanged"] -= 1
    if given.json:
        say_json(counts)
    else:
        if changes:
            say(", ".join(f"{count} {word}" for word, count in counts.items()) + ".")
        await _tell_of_letters(node, name)
    return 0


async def _tell_of_letters(node: Node, username: str) -> None:
    """What a directory's reviewers ask about the statement, who works with files sees here."""

    async def read(session: Session) -> int:
        return await reviews.waiting(session, await setup.speaker(session, username))

    count = await node.database.read(read)
    if count:
        say(f"{count} letter{'s wait' if count > 1 else ' waits'}; see: pecfed assessment show")


async def _speaks_now(node: Node, username: str, name: str) -> bool:
    """Let the node speak for its first actor; False when another command has just done so."""
    try:
        await add_speaker(node, username, "hub" if node.settings.is_hub else "member", name)
    except UsageError:
        return False
    return True


async def _whose(node: Node, username: str, chosen: str) -> LocalActor | None:
    """Whose file it is; None when its actor is yet to be made.

    Raises:
        UsageError: the file, `--actor` and the node don't agree.
    """
    if username and chosen and username != chosen:
        raise UsageError(f"the file is {username}'s, --actor says {chosen}")

    async def work(session: Session) -> LocalActor | None:
        name = chosen or username
        known = await actors.everyone(session)
        if name and all(actor.card == "instance" for actor in known):
            setup.check_username(name)
            return None
        if username and not chosen and all(actor.username != username for actor in known):
            names = ", ".join(a.username for a in known if a.card in setup.SPEAKERS)
            renamed = await actors.called(session, username)
            if renamed is not None and renamed.deleted_at is None:
                raise RefusedError(
                    f"{username!r} is called {renamed.username} now; correct the file: "
                    f'[actor] username = "{renamed.username}"',
                    code="other_actor",
                )
            raise RefusedError(
                f"the file says [actor] username = {username!r}, but this node speaks for {names}; "
                f"correct the file, or let it speak for one more: "
                f"pecfed actors --dir {node.settings.dir} add {username}",
                code="other_actor",
            )
        return await setup.speaker(session, name)

    return await node.database.read(work)


def _show(found: Difference, actor: LocalActor | None, name: str, *, prune: bool) -> None:
    """The difference, a line each."""
    if actor is None:
        say(f"+ actor      {name}")
    elif found.profile is not None:
        say(f"~ actor      {name}")
        for line in _fields(actor.profile.to_data(), found.profile.to_data()):
            say(line)
    for change in (*found.changes, *(found.gone if prune else ())):
        say(f"{_SIGNS[change.verb]} {_kind(change):<10} {change.uid}{_name(change)}")
        if change.before is not None and change.after is not None:
            for line in _fields(change.before.content.to_data(), change.after.to_data()):
                say(line)
    if found.gone and not prune:
        uids = ", ".join(f"{_kind(change)} {change.uid}" for change in found.gone)
        say(f"  published but not in the file (kept; --prune withdraws it): {uids}")
    if found.kept:
        say(
            "  statement: the admin pages published a newer one (kept; --file-wins publishes yours)"
        )
    if not found.changes and found.profile is None and not (prune and found.gone):
        say("Nothing to publish: everything is as the file says.")


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs, a line for each field: what stands now and what would."""
    old, new = _flat(before), _flat(after)
    return [
        f"      {path}: {_short(old.get(path))} → {_short(new.get(path))}"
        for path in dict.fromkeys((*new, *old))
        if new.get(path) != old.get(path)
    ]


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by their path: `name.fr`, `commitments.governance-1.level`."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, list) and value and all("commitment" in each for each in value):
            value = {each["commitment"]: each for each in value}  # noqa: PLW2901 - by its name
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _short(value: object) -> str:
    """A value on one line, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False) if value else "nothing"
    return shown(text if len(text) <= SHORT else f"{text[:SHORT]}…")


def _kind(change: Change) -> str:
    """What the apply file calls it."""
    return _KINDS.get(change.kind, change.kind)


def _name(change: Change) -> str:
    """The name of what is created or withdrawn; a poll has its question."""
    content = change.after or (change.before.content if change.before else None)
    name = getattr(content, "name", None) or getattr(content, "question", None)
    return f": {shown(pick(name, 'fr')[1])}" if name else ""
