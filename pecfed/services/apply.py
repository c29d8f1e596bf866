"""Carrying out a file: what is new is created, what changed updated, nothing else is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pecfed import clock
from pecfed.domain import assessment
from pecfed.domain.statement import Statement
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Difference, Wanted, difference
from pecfed.errors import RefusedError
from pecfed.services import publish
from pecfed.store import actors, objects
from pecfed.store import assessment as drafts
from pecfed.store.actors import LocalActor
from pecfed.store.assessment import Source
from pecfed.store.database import Session
from pecfed.store.objects import Stored

EXPORT = "pecfed assessment export --actor {}"
"""The command that writes what is published as the `[charter]` of an apply file."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things were created, updated, deleted and left as they were."""

    created: int
    updated: int
    deleted: int
    unchanged: int


async def compare(
    session: Session,
    actor: LocalActor | None,
    wanted: Wanted,
    *,
    source: Source = "file",
    file_wins: bool = False,
) -> Difference:
    """What carrying out `wanted` would do; `actor` is None where it is yet to be made.

    A statement published in the admin pages since the file was written stays, unless
    `file_wins`; `source` says where `wanted` comes from.

    Raises:
        RefusedError: the file's statement was changed, too.
    """
    if actor is None:
        return difference(wanted, None, [])
    published = await objects.of_actor(session, actor.uri, limit=objects.EVERYTHING)
    if source == "file" and not file_wins:
        found = await _newer(session, actor, wanted, published)
        if found is not None:
            others = [each for each in wanted.contents if not isinstance(each, Statement)]
            wanted = replace(wanted, contents=(found, *others), declared_given=True)
            return replace(difference(wanted, actor.profile, published), kept=(found,))
    return difference(wanted, actor.profile, published)


async def _newer(
    session: Session, actor: LocalActor, wanted: Wanted, published: Sequence[Stored]
) -> Statement | None:
    """The published statement where it stays, being newer than the file.

    Raises:
        RefusedError: both were changed.
    """
    noted = await drafts.source(session, actor.id)
    now = next((it.content for it in published if isinstance(it.content, Statement)), None)
    if noted is None or now is None:
        return None
    asked = next((each for each in wanted.contents if isinstance(each, Statement)), None)
    found = assessment.verdict(
        asked, now, in_admin=noted["source"] == "admin", file_mark=noted["file_mark"]
    )
    if found == "conflict":
        day = clock.from_ms(noted["changed_at"]).date().isoformat()
        raise RefusedError(
            f"[charter] says something new, and so does the statement that was published in the "
            f"admin pages on {day}; take that one into the file ({EXPORT.format(actor.username)}), "
            "or publish the file's: --file-wins",
            status=409,
            code="statement_newer",
        )
    return now if found == "keep" else None


async def carry_out(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    wanted: Wanted,
    *,
    prune: bool,
    source: Source = "file",
    file_wins: bool = False,
) -> Counts:
    """Publish the difference in one transaction; `prune` withdraws what the file leaves out.

    Raises:
        RefusedError: the actor has moved, or the file's statement and the published one
            were both changed.
    """
    # two who apply at once take turns, so that the second finds what the first published
    fresh = await actors.by_id(session, actor.id, hold=True)
    if fresh.moved_to:
        raise RefusedError(
            f"{fresh.username} has moved to {fresh.moved_to} and speaks there; to publish here "
            f"again: pecfed actors move {fresh.username} --undo",
            code="moved",
        )
    found = await compare(session, fresh, wanted, source=source, file_wins=file_wins)
    if not found.kept:
        await _note_source(session, fresh, wanted, source)
    if found.profile is not None:
        await publish.update_profile(session, uris, fresh, found.profile)
        fresh = await actors.by_id(session, actor.id)
    created = 0
    for change in found.changes:
        assert change.after is not None
        if isinstance(change.before, Stored):
            await publish.update(session, uris, fresh, change.before, change.after)
        else:
            await publish.create(session, uris, fresh, change.after)
            created += 1
    for change in found.gone if prune else ():
        assert isinstance(change.before, Stored)
        await publish.delete(session, uris, fresh, change.before)
    return Counts(
        created=created,
        updated=len(found.changes) - created + (found.profile is not None),
        deleted=len(found.gone) if prune else 0,
        unchanged=found.unchanged + (0 if prune else len(found.gone)),
    )


async def _note_source(session: Session, actor: LocalActor, wanted: Wanted, source: Source) -> None:
    """Note where the statement was written, so that file and admin pages don't undo each other."""
    asked = next((each for each in wanted.contents if isinstance(each, Statement)), None)
    if asked is None:
        return
    if source == "file":
        file_mark = assessment.mark(asked)
    else:
        noted = await drafts.source(session, actor.id)
        before = await objects.of_actor(session, actor.uri, "statement", limit=1)
        published = before[0].content if before else None
        # what was published before anybody noted it came from a file
        file_mark = noted["file_mark"] if noted else ""
        if noted is None and isinstance(published, Statement):
            file_mark = assessment.mark(published)
    await drafts.set_source(session, actor.id, source, file_mark, clock.now_ms())
