"""Carrying out a file: what is new is created, what changed updated, nothing else is sent."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Difference, Wanted, difference
from pecfed.errors import RefusedError
from pecfed.services import publish
from pecfed.store import actors, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things were created, updated, deleted and left as they were."""

    created: int
    updated: int
    deleted: int
    unchanged: int


async def compare(session: Session, actor: LocalActor | None, wanted: Wanted) -> Difference:
    """What carrying out `wanted` would do; `actor` is None where it is yet to be made."""
    if actor is None:
        return difference(wanted, None, [])
    published = await objects.of_actor(session, actor.uri, limit=objects.EVERYTHING)
    return difference(wanted, actor.profile, published)


async def carry_out(
    session: Session, uris: Uris, actor: LocalActor, wanted: Wanted, *, prune: bool
) -> Counts:
    """Publish the difference in one transaction; `prune` withdraws what the file leaves out."""
    # two who apply at once take turns, so that the second finds what the first published
    fresh = await actors.by_id(session, actor.id, hold=True)
    if fresh.moved_to:
        raise RefusedError(
            f"{fresh.username} has moved to {fresh.moved_to} and speaks there; to publish here "
            f"again: pecfed actors move {fresh.username} --undo",
            code="moved",
        )
    found = await compare(session, fresh, wanted)
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
