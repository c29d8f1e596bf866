"""An actor of ours publishes, corrects or withdraws something."""

from __future__ import annotations

from collections.abc import Iterable

from pecfed import clock
from pecfed.domain.content import Content, kind_of
from pecfed.domain.event import Event
from pecfed.domain.profile import Profile
from pecfed.domain.statement import Statement
from pecfed.domain.uris import Uris
from pecfed.services import announcing, poll, working_groups
from pecfed.services.outbox import emit
from pecfed.store import actors, hub_groups, objects, votes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored


async def create(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    content: Content,
    inboxes: Iterable[str] = (),
) -> str:
    """Publish something new, for followers and `inboxes`; its uri."""
    return await _put(session, uris, actor, content, None, inboxes)


async def update(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    before: Stored,
    content: Content,
    inboxes: Iterable[str] = (),
) -> str:
    """Correct something published; its `updated` rises strictly (Mastodon ignores it else)."""
    return await _put(session, uris, actor, content, before, inboxes)


async def _put(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    content: Content,
    before: Stored | None,
    inboxes: Iterable[str],
) -> str:
    now = clock.now_ms()
    uri = before.uri if before else uris.new_object()
    published = before.published_at if before else now
    updated = max(now, before.updated_at + 1) if before else now
    if before is not None:
        content = await poll.corrected(session, uri, before.content, content)
    await poll.opened(session, actor, uri, content)
    await objects.keep(
        session,
        uri=uri,
        actor_uri=actor.uri,
        actor_id=actor.id,
        content=content,
        url=uri,
        published_at=published,
        updated_at=updated,
    )
    groups = await working_groups.address(session, actor, uri, content)
    if isinstance(content, Statement):
        await actors.set_declared(session, actor.id, content.valid_until)
    await emit(
        session,
        uris,
        actor,
        type="Update" if before else "Create",
        object_uri=uri,
        intent={
            "kind": kind_of(content),
            "data": content.to_data(),
            "published": published,
            "updated": updated,
            "groups": [group["group_uri"] for group in groups],
        },
        is_public=True,
        inboxes=[*(group["inbox"] for group in groups), *inboxes],
    )
    if isinstance(content, Event):
        await announcing.relay(session, uris, uri, actor.uri)
    return uri


async def delete(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    stored: Stored,
    inboxes: Iterable[str] = (),
) -> None:
    """Withdraw something: its id answers 410 from now on, and is never used again."""
    await objects.delete(session, stored.uri, clock.now_ms())
    await votes.forget(session, stored.uri)
    await announcing.gone(session, uris, stored.uri, actor.uri)
    groups = await hub_groups.addressed(session, stored.uri)
    if stored.kind == "statement":
        await actors.set_declared(session, actor.id, "")
    await emit(
        session,
        uris,
        actor,
        type="Delete",
        object_uri=stored.uri,
        intent={"kind": stored.kind, "groups": [group["group_uri"] for group in groups]},
        is_public=True,
        inboxes=[*(group["inbox"] for group in groups), *inboxes],
    )


async def update_profile(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    profile: Profile,
    inboxes: Iterable[str] = (),
) -> None:
    """Change what an actor says of itself; its followers are told, and `inboxes`."""
    now = max(clock.now_ms(), actor.updated_at + 1)
    await actors.set_profile(session, actor.id, profile, now)
    await emit(
        session,
        uris,
        actor,
        type="Update",
        object_uri=actor.uri,
        intent={"profile": profile.to_data(), "updated": now},
        is_public=True,
        inboxes=inboxes,
    )
    await working_groups.keep_up(session, uris, await actors.by_id(session, actor.id))
