"""An actor of ours changes its keys: new ones sign from now on, old ones end later or at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from pecfed import clock
from pecfed.domain.attestation import Attestation
from pecfed.domain.label import Label
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError
from pecfed.services import life, publish
from pecfed.store import actors, follows, keys, objects, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.keys import Kind, OwnKey


class Made(NamedTuple):
    """A pair that is on disk and signs nothing yet; `name` is the fragment of its id."""

    kind: Kind
    name: str
    public: str


async def rotate(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    made: Iterable[Made],
    *,
    overlap: int,
    revoke: Collection[str] = (),
) -> LocalActor:
    """Let new pairs take the place of those of their kind, and tell who knows the actor.

    The old ones count for `overlap` milliseconds more. Those that `revoke` names, by
    id, count no more from now on; then every server we have met is told.
    """
    actor = await actors.by_id(session, actor.id, hold=True)
    now = clock.now_ms()
    for pair in made:
        for old in actor.keys:
            if old.kind == pair.kind and old.state == "current":
                await keys.retire(session, old.uri, now, now + overlap)
        uri = f"{actor.uri}#{pair.name}"
        await keys.add(session, actor.id, uri, pair.kind, pair.public, now)
    for uri in revoke:
        await keys.revoke(session, uri, now)
    if any(key.kind == "attestation" and key.uri in revoke for key in actor.keys):
        await _reissue(session, uris, actor)
    return await _tell(session, uris, actor, everybody=bool(revoke))


async def _reissue(session: Session, uris: Uris, hub: LocalActor) -> None:
    """Send what a revoked key had signed once more: the copies that others keep count no more.

    The credentials themselves are served with a proof by the new key from now on.
    """
    for kind in ("attestation", "label"):
        for stored in await objects.of_actor(session, hub.uri, kind):
            content = stored.content
            if isinstance(content, Attestation | Label) and not content.revoked:
                member = await remotes.get(session, content.about.member)
                told = [member.inbox] if member else []
                await publish.update(session, uris, hub, stored, content, told)


async def begin_attesting(session: Session, hub: LocalActor, name: str, public: str) -> None:
    """Let a hub have its first attestation key; nobody is told, since it has signed nothing yet.

    Whoever looks for it reads the actor's document anew.
    """
    hub = await actors.by_id(session, hub.id, hold=True)
    if not any(key.kind == "attestation" for key in hub.keys):
        uri = f"{hub.uri}#{name}"
        await keys.add(session, hub.id, uri, "attestation", public, clock.now_ms())


async def find(session: Session, actor: LocalActor, name: str) -> OwnKey:
    """The key of an actor that somebody means, by its id or what stands after the #.

    Raises:
        NotFoundError: the actor has none of that name, or it is revoked already.
    """
    for key in actor.keys:
        if name in {key.uri, key.uri.rpartition("#")[2]}:
            return key
    every = {key.uri for key in await keys.of_actor(session, actor.id)}
    known = name in every or f"{actor.uri}#{name}" in every
    raise NotFoundError(
        f"the key {name!r} of {actor.username} is revoked already"
        if known
        else f"{actor.username} has no key {name!r}; see: pecfed keys list"
    )


def leaked(actor: LocalActor) -> list[str]:
    """The ids of the keys that whoever has read this node's files may sign with."""
    now = clock.now_ms()
    return [key.uri for key in actor.keys if key.expires_at is None or key.expires_at > now]


async def _tell(session: Session, uris: Uris, actor: LocalActor, *, everybody: bool) -> LocalActor:
    """Send an Update of the actor to who follows or lists it, or to everybody who may know it."""
    inboxes = [
        *await life.hub_inboxes(session, actor),
        *await follows.following_inboxes(session, actor.id),
        *(await remotes.every_inbox(session) if everybody else ()),
    ]
    await publish.update_profile(session, uris, actor, actor.profile, inboxes)
    return await actors.by_id(session, actor.id)
