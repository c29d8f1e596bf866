"""An actor of ours goes by another name, moves elsewhere, or ends."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.errors import RefusedError
from pecfed.services import publish
from pecfed.services.outbox import emit
from pecfed.store import actors, assessment, deliveries, follows, memberships, objects, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

MAX_ALIASES = 20
ENDING = 3 * 86_400_000
"""Milliseconds for which the key of an actor that ended may still be asked for."""


async def set_aliases(
    session: Session, uris: Uris, actor: LocalActor, wanted: tuple[str, ...]
) -> LocalActor:
    """Say which other actors' ids are this actor's too (`alsoKnownAs`); tells its followers.

    Raises:
        RefusedError: more than twenty.
    """
    if len(wanted) > MAX_ALIASES:
        raise RefusedError(f"an actor goes by at most {MAX_ALIASES} other ids", code="too_many")
    return await _restated(session, uris, actor, wanted, actor.moved_to)


async def move(
    session: Session, uris: Uris, actor: LocalActor, target_uri: str, target_aliases: list[str]
) -> None:
    """Send an actor's followers to another actor, which must name it in its `alsoKnownAs`.

    Raises:
        RefusedError: the other actor doesn't, or it has moved already.
    """
    if target_uri == actor.uri:
        raise RefusedError(f"{target_uri} is that actor itself", code="same_actor")
    if actor.moved_to:
        raise RefusedError(
            f"{actor.username} has moved to {actor.moved_to} already; take that back first: --undo",
            code="moved",
        )
    if actor.uri not in target_aliases:
        raise RefusedError(
            f"{target_uri} doesn't say that it is {actor.uri} too: let it name that id as its "
            "alias (alsoKnownAs) first, so that nobody can be moved against their will",
            code="no_alias",
        )
    moved = await _restated(session, uris, actor, actor.also_known_as, target_uri)
    await emit(
        session,
        uris,
        moved,
        type="Move",
        object_uri=moved.uri,
        intent={"object": moved.uri, "target": target_uri},
        is_public=True,
        inboxes=await hub_inboxes(session, moved),
    )


async def stay(session: Session, uris: Uris, actor: LocalActor) -> None:
    """Take a move back: the actor speaks here again; followers that have gone stay where they are.

    Raises:
        RefusedError: it hasn't moved.
    """
    if not actor.moved_to:
        raise RefusedError(f"{actor.username} hasn't moved", code="not_moved")
    await _restated(session, uris, actor, actor.also_known_as, "")


async def _restated(
    session: Session, uris: Uris, actor: LocalActor, aliases: tuple[str, ...], moved_to: str
) -> LocalActor:
    """The actor with other aliases, its followers told."""
    now = max(clock.now_ms(), actor.updated_at + 1)
    await actors.set_aliases(session, actor.id, aliases, moved_to, now)
    fresh = await actors.by_id(session, actor.id)
    await publish.update_profile(session, uris, fresh, fresh.profile)
    return await actors.by_id(session, actor.id)


async def hub_inboxes(session: Session, actor: LocalActor) -> list[str]:
    """Where the hubs of an actor are told things, whether they follow it or not."""
    found = []
    for row in await memberships.of_actor(session, actor.id):
        hub = await remotes.get(session, row["hub_uri"])
        if hub is not None and row["state"] != "left":
            found.append(hub.shared_inbox)
    return found


async def end(session: Session, uris: Uris, actor: LocalActor) -> int:
    """Delete an actor for good and tell every server we know; how many inboxes are told.

    Everything it published answers 410 at once. Its key can be asked for until the
    news has arrived everywhere (`is_ending`), since whoever hears of it must be able
    to check who says so. The name and the ids are never used again.

    Raises:
        RefusedError: it is the node's own, or a hub's.
    """
    if actor.card in {"instance", "hub"}:
        raise RefusedError(
            f"{actor.username} is this {'hub' if actor.card == 'hub' else 'node'}'s own actor: "
            "without it nothing here would work",
            code="needed",
        )
    now = max(clock.now_ms(), actor.updated_at + 1)
    everywhere = await remotes.every_inbox(session)
    await emit(
        session,
        uris,
        actor,
        type="Delete",
        object_uri=actor.uri,
        intent={"kind": "actor"},
        is_public=True,
        inboxes=everywhere,
    )
    await objects.end_of_actor(session, actor.id, now)
    await assessment.discard(session, actor.id)
    await follows.end_of_actor(session, actor.id)
    for row in await memberships.of_actor(session, actor.id):
        await memberships.set_state(session, actor.id, row["hub_uri"], "left", now)
    await actors.mark_deleted(session, actor.id, now)
    return len(everywhere)


async def is_ending(session: Session, actor: LocalActor) -> bool:
    """Whether the news that an actor is no more is still on its way to somebody."""
    if actor.deleted_at is None or clock.now_ms() > actor.deleted_at + ENDING:
        return False
    return await deliveries.under_way(session, actor.id)
