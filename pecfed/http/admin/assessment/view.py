"""What the pages of a self-assessment show: the actor meant, its draft, and its letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from pecfed.domain.assessment import Gap, Progress, progress
from pecfed.domain.statement import Declared
from pecfed.errors import NotFoundError
from pecfed.language.charter import Commitment, Principle, charter
from pecfed.services import assessment, reviews, setup
from pecfed.services.assessment import Assessment
from pecfed.store import actors
from pecfed.store import reviews as letters
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.reviews import Letter

LETTERS = 200
"""Letters that are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Question:
    """A letter of a hub and what was answered, in order."""

    letter: Letter
    answers: Sequence[Letter]


@dataclass(frozen=True, slots=True)
class Line:
    """A commitment as it stands in the draft; `is_changed` beside what is published."""

    commitment: Commitment
    answer: Declared | None
    gap: Gap | None
    is_changed: bool
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class View:
    """All of an actor's self-assessment; `questions` are those about no commitment."""

    found: Assessment
    progress: Progress
    sections: Sequence[tuple[Principle, Sequence[Line]]]
    questions: Sequence[Question]

    @property
    def actor(self) -> LocalActor:
        """Whose it is."""
        return self.found.actor

    @property
    def total(self) -> int:
        """How many commitments the charter has."""
        return len(charter().commitments)

    @property
    def is_changed(self) -> bool:
        """Whether the draft says anything else than what is published."""
        return any(line.is_changed for line in self.lines)

    @property
    def lines(self) -> Sequence[Line]:
        """Every commitment, in the order of the charter."""
        return [line for _, lines in self.sections for line in lines]


def path(actor: LocalActor, *steps: str) -> str:
    """The address of a page about an actor's self-assessment."""
    return "/".join(["/admin/assessment", quote(actor.username), *map(quote, steps)])


async def speakers(session: Session) -> Sequence[LocalActor]:
    """The actors that make statements here, the oldest first."""
    return [each for each in await actors.everyone(session) if each.card in setup.SPEAKERS]


async def named(session: Session, request: web.Request) -> LocalActor:
    """The actor that the address names.

    Raises:
        NotFoundError: there is none.
    """
    name = request.match_info["name"]
    for actor in await speakers(session):
        if actor.username == name:
            return actor
    raise NotFoundError(f"no actor {name!r}", safe="this node speaks for nobody of that name")


def commitment_of(request: web.Request) -> Commitment:
    """The commitment that the address names.

    Raises:
        NotFoundError: the charter has none of that name.
    """
    id_ = request.match_info["commitment"]
    for each in charter().commitments:
        if each.id == id_:
            return each
    raise NotFoundError(f"no commitment {id_!r}", safe="the charter has no such commitment")


async def view(session: Session, actor: LocalActor) -> View:
    """Everything there is to show of an actor's self-assessment."""
    found = await assessment.look(session, actor)
    kept = await letters.of_actor(session, actor.id, LETTERS)
    asked = questions(kept)
    said = (
        {item.commitment: item for item in found.statement.commitments} if found.statement else {}
    )
    done = progress(found.draft, charter())
    known = {each.id for each in charter().commitments}
    return View(
        found,
        done,
        [
            (
                principle,
                [_line(each, found, done, said, asked) for each in principle.commitments],
            )
            for principle in charter().principles
        ],
        [each for each in asked if not known.intersection(each.letter.review.commitments)],
    )


def _line(
    commitment: Commitment,
    found: Assessment,
    done: Progress,
    said: Mapping[str, Declared],
    asked: Sequence[Question],
) -> Line:
    answer = found.draft.answers.get(commitment.id)
    return Line(
        commitment,
        answer,
        done.unfinished.get(commitment.id),
        found.saved is not None and answer != said.get(commitment.id),
        [each for each in asked if commitment.id in each.letter.review.commitments],
    )


def questions(kept: Sequence[Letter]) -> Sequence[Question]:
    """What hubs wrote, the newest first, each with our answers."""
    return [
        Question(
            each,
            [it for it in reversed(kept) if it.is_sent and it.review.reply_to == each.uri],
        )
        for each in kept
        if not each.is_sent and each.review.act in reviews.OF_A_HUB
    ]
