"""`assessment`: how far a statement is, what is asked about it, and whom to ask."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pecfed import clock
from pecfed.cli import letters
from pecfed.cli.command import add_actor, add_command, add_json, on_node, say, say_json, shown
from pecfed.domain.assessment import progress
from pecfed.domain.text import pick
from pecfed.errors import NotFoundError
from pecfed.exports.apply_file import write_charter
from pecfed.federation.node import Node
from pecfed.language.charter import charter
from pecfed.services import assessment, setup
from pecfed.services.assessment import Assessment
from pecfed.store import reviews as kept
from pecfed.store.database import Session
from pecfed.store.reviews import Letter


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed assessment`."""
    made = add_command(
        commands,
        "assessment",
        lambda given: on_node(given, _assessment),
        "see how far a self-assessment is, answer what is asked about it, ask for endorsements",
        "  pecfed assessment --dir node show\n"
        "  pecfed assessment --dir node export            # what is published, as [charter]\n"
        "  pecfed assessment --dir node export --draft    # what is written so far\n"
        "  pecfed assessment --dir node letters\n"
        "  pecfed assessment --dir node answer 3 'The statutes: https://velo.example/statutes'\n"
        "  pecfed assessment --dir node ask @panier@panier.example 'You know how we work.'",
    )
    made.add_argument("what", choices=("show", "export", *letters.DEEDS))
    made.add_argument("target", nargs="?", default="", metavar="WHICH",
                      help="answer, settle: the letter's number; ask: the member")  # fmt: skip
    made.add_argument("text", nargs="?", default="", metavar="TEXT",
                      help="answer, ask: your words")  # fmt: skip
    made.add_argument("--draft", action="store_true", help="export: the draft's [charter]")
    add_actor(made)
    add_json(made)


async def _assessment(node: Node, given: argparse.Namespace) -> int:
    if given.what in letters.DEEDS:
        return await letters.carry_out(node, given)

    async def read(session: Session) -> tuple[Assessment, Sequence[Letter]]:
        actor = await setup.speaker(session, given.actor)
        got = await kept.of_actor(session, actor.id, letters.MOST)
        waiting = [each for each in got if not each.is_sent and each.state == "open"]
        return await assessment.look(session, actor), waiting

    found, waiting = await node.database.read(read)
    return _export(found, given) if given.what == "export" else _show(found, waiting, given)


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


def _show(found: Assessment, waiting: Sequence[Letter], given: argparse.Namespace) -> int:
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
                "letters": [letters.item(each) for each in waiting],
            }
        )
        return 0
    for each in text.commitments:
        answer = found.draft.answers.get(each.id)
        state = (answer.level if answer else "") or "-"
        if each.id in done.unfinished:
            state += f" (needs: {done.unfinished[each.id]})"
        say(f"{each.id:<14} {shown(state):<28} {pick(each.title, 'en')[1]}")
        letters.tell([it for it in waiting if each.id in it.review.commitments])
    known = {each.id for each in text.commitments}
    letters.tell([each for each in waiting if not known.intersection(each.review.commitments)])
    say(f"{len(done.complete)} of {len(text.commitments)} answered.")
    if saved:
        say(f"This is a draft saved on {saved}; it is published in the admin pages.")
    if found.is_behind:
        say("Another statement was published since it was begun.")
    return 0
