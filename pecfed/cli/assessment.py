"""`assessment`: how far a statement is that is written in the admin pages."""

from __future__ import annotations

import argparse

from pecfed import clock
from pecfed.cli.command import add_actor, add_command, add_json, on_node, say, say_json, shown
from pecfed.domain.assessment import progress
from pecfed.domain.text import pick
from pecfed.errors import NotFoundError
from pecfed.exports.apply_file import write_charter
from pecfed.federation.node import Node
from pecfed.language.charter import charter
from pecfed.services import assessment, setup
from pecfed.services.assessment import Assessment
from pecfed.store.database import Session


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed assessment`."""
    made = add_command(
        commands,
        "assessment",
        lambda given: on_node(given, _assessment),
        "see how far a self-assessment is, and take it into an apply file",
        "  pecfed assessment --dir node show\n"
        "  pecfed assessment --dir node export            # what is published, as [charter]\n"
        "  pecfed assessment --dir node export --draft    # what is written so far",
    )
    made.add_argument("what", choices=("show", "export"))
    made.add_argument("--draft", action="store_true", help="export: the draft's [charter]")
    add_actor(made)
    add_json(made)


async def _assessment(node: Node, given: argparse.Namespace) -> int:
    async def read(session: Session) -> Assessment:
        return await assessment.look(session, await setup.speaker(session, given.actor))

    found = await node.database.read(read)
    return _export(found, given) if given.what == "export" else _show(found, given)


def _export(found: Assessment, given: argparse.Namespace) -> int:
    statement = assessment.candidate(found) if given.draft else found.statement
    if statement is None or not statement.commitments:
        raise NotFoundError(
            f"{found.actor.username} has no answer that is complete"
            if given.draft
            else f"{found.actor.username} has published no statement; its draft: --draft"
        )
    if given.json:
        say_json(statement.to_value())
    else:
        say(write_charter(statement).rstrip("\n"))
    return 0


def _show(found: Assessment, given: argparse.Namespace) -> int:
    text = charter()
    done = progress(found.draft, text)
    saved = clock.stamp(clock.from_ms(found.saved.saved_at)) if found.saved else None
    if given.json:
        say_json(
            {
                "actor": found.actor.username,
                "draft": saved,
                "behind": found.is_behind,
                "published": found.statement.declared if found.statement else None,
                "written_in": found.written_in or None,
                "complete": list(done.complete),
                "unfinished": dict(done.unfinished),
                "silent": list(done.silent),
            }
        )
        return 0
    for each in text.commitments:
        answer = found.draft.answers.get(each.id)
        state = (answer.level if answer else "") or "-"
        if each.id in done.unfinished:
            state += f" (needs: {done.unfinished[each.id]})"
        say(f"{each.id:<14} {shown(state):<28} {pick(each.title, 'en')[1]}")
    say(f"{len(done.complete)} of {len(text.commitments)} answered.")
    if saved:
        say(f"This is a draft saved on {saved}; it is published in the admin pages.")
    if found.is_behind:
        say("Another statement was published since it was begun.")
    return 0
