"""A member's self-assessment on its own node: written bit by bit, then published like a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pecfed import clock
from pecfed.domain import assessment as rules
from pecfed.domain.assessment import Draft
from pecfed.domain.statement import Declared, Statement, digest
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Wanted
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.language.charter import charter
from pecfed.services import apply
from pecfed.store import actors, objects
from pecfed.store import assessment as drafts
from pecfed.store.actors import LocalActor
from pecfed.store.assessment import Saved
from pecfed.store.database import Session
from pecfed.store.objects import Stored


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far an actor is with its statement.

    `draft` says what is published where nothing is saved; `written_in` is where the
    published statement was written: file, admin, or "" where nobody noted it.
    """

    actor: LocalActor
    draft: Draft
    saved: Saved | None
    published: Stored | None
    written_in: str

    @property
    def statement(self) -> Statement | None:
        """What is published."""
        content = self.published.content if self.published else None
        return content if isinstance(content, Statement) else None

    @property
    def is_behind(self) -> bool:
        """Whether something else was published since the draft was begun."""
        return self.saved is not None and self.draft.based_on != Draft.of(self.statement).based_on

    def version(self, commitment: str) -> int:
        """The version of a saved answer, 0 where none is saved."""
        return self.saved.versions.get(commitment, 0) if self.saved else 0


async def look(session: Session, actor: LocalActor, *, hold: bool = False) -> Assessment:
    """How far an actor is; `hold` keeps others who save a draft of it waiting."""
    saved = await drafts.get(session, actor.id, hold=hold)
    found = await objects.of_actor(session, actor.uri, "statement", limit=1)
    noted = await drafts.source(session, actor.id)
    published = found[0] if found else None
    content = published.content if published else None
    said = Draft.of(content if isinstance(content, Statement) else None)
    return Assessment(
        actor,
        saved.draft if saved else said,
        saved,
        published,
        str(noted["source"]) if noted else "",
    )


async def save(session: Session, actor: LocalActor, answer: Declared, version: int) -> None:
    """Keep an answer in the draft, which begins with what is published.

    `version` is the one that the writer was shown.

    Raises:
        NotFoundError: the charter has no such commitment.
        UsageError: it can't be kept.
        RefusedError: somebody else saved that answer meanwhile.
    """
    text = charter()
    if answer.commitment not in {each.id for each in text.commitments}:
        raise NotFoundError(f"the charter has no commitment {answer.commitment!r}")
    if wrong := rules.wrong(answer, text):
        words = ", ".join(f"{what} {about[:60]}" for what, about in wrong)
        raise UsageError(f"{answer.commitment} can't be kept: {words}", code="bad_answer")
    found = await _held(session, actor)
    if found.version(answer.commitment) != version:
        raise RefusedError(
            f"{answer.commitment} was saved by somebody else meanwhile",
            status=409,
            code="changed_meanwhile",
        )
    await _begin(session, found)
    await drafts.put(session, actor.id, answer, version + 1, clock.now_ms())


async def choose_end(session: Session, actor: LocalActor, day: str) -> None:
    """Choose until when the statement is to be valid.

    Raises:
        UsageError: it is none of the days to choose from.
    """
    today = clock.now().date()
    found = await _held(session, actor)
    if day not in {*rules.ends(today), found.draft.valid_until} or day < today.isoformat():
        raise UsageError(f"{day!r}: choose one of {', '.join(rules.ends(today))}", code="bad_day")
    await _begin(session, found)
    await drafts.set_valid_until(session, actor.id, day, clock.now_ms())


async def _held(session: Session, actor: LocalActor) -> Assessment:
    """How far an actor is, while others who save a draft of it wait."""
    await actors.by_id(session, actor.id, hold=True)  # there may be no row of a draft to hold
    return await look(session, actor, hold=True)


async def _begin(session: Session, found: Assessment) -> None:
    """Begin the draft where there is none: it says what is published."""
    if found.saved is None:
        await drafts.begin(session, found.actor.id, found.draft, clock.now_ms())


async def discard(session: Session, actor: LocalActor) -> bool:
    """Throw the draft away; what is published stays. False where there is none."""
    return await drafts.discard(session, actor.id)


async def catch_up(session: Session, actor: LocalActor) -> tuple[str, ...]:
    """Take into the draft what was published since it was begun.

    Returns the commitments that were changed on both sides: the draft's answer stays.

    Raises:
        RefusedError: nothing was published since.
    """
    found = await _held(session, actor)
    if found.saved is None or not found.is_behind:
        raise RefusedError("the draft is up to date", status=409, code="up_to_date")
    base = await objects.version(session, actor.uri, found.draft.based_on)
    draft, both = rules.catch_up(found.draft, base, found.statement)
    await drafts.begin(session, actor.id, draft, clock.now_ms())
    return both


def candidate(found: Assessment) -> Statement:
    """The statement that publishing would make: of today where it says something new."""
    made = rules.statement(found.draft, charter(), found.actor.uri, clock.now().date())
    now = found.statement
    kept = replace(made, declared=now.declared) if now is not None else made
    return kept if kept == now else made


async def publish(
    session: Session, uris: Uris, actor: LocalActor, shown: str
) -> tuple[Statement, bool]:
    """Publish the draft as the actor's statement; the statement, and whether it was new.

    `shown` is the digest of what the writer was shown, by which a draft that was changed
    meanwhile isn't published unseen. The draft is done with.

    Raises:
        RefusedError: the draft isn't ready, or not what was shown.
    """
    found = await _held(session, actor)
    made = candidate(found)
    if found.is_behind:
        raise RefusedError(
            "another statement was published since the draft was begun",
            status=409,
            code="draft_behind",
        )
    unfinished = rules.progress(found.draft, charter()).unfinished
    if unfinished or not made.commitments:
        names = ", ".join(unfinished) or "nothing is answered yet"
        raise RefusedError(f"not ready to publish: {names}", status=409, code="unfinished")
    if made.valid_until < made.declared or made.valid_until < clock.now().date().isoformat():
        raise RefusedError("choose until when it is valid", status=409, code="bad_day")
    if digest(made.to_value()) != shown:
        raise RefusedError("the draft was changed meanwhile", status=409, code="changed_meanwhile")
    wanted = Wanted(actor.username, actor.profile, (made,), profile_given=False)
    counts = await apply.carry_out(session, uris, actor, wanted, prune=False, source="admin")
    await drafts.discard(session, actor.id)
    return made, bool(counts.created or counts.updated)
