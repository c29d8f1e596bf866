"""An actor takes another name: its id, keys and followers stay, its handle changes."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.errors import UsageError
from pecfed.services import publish, setup
from pecfed.store import actors
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def check_name(session: Session, uris: Uris, actor: LocalActor, username: str) -> None:
    """Refuse a name that an actor can't take.

    Raises:
        UsageError: it has that name already, or another has, or had it.
    """
    if actor.username == username:
        raise UsageError(f"{username!r} is its name already")
    if await actors.by_username(session, username) is not None:
        raise UsageError(f"this node already speaks for {username!r}")
    await setup.check_never_used(session, uris, username, actor)


async def rename(session: Session, uris: Uris, actor: LocalActor, username: str) -> LocalActor:
    """Give an actor another name and tell its followers; the old handle leads to the new one.

    Raises:
        UsageError: as `check_name`.
    """
    await actors.hold_all(session)
    actor = await actors.by_id(session, actor.id)
    await check_name(session, uris, actor, username)
    await actors.rename(session, actor, username, clock.now_ms())
    renamed = await actors.by_id(session, actor.id)
    await publish.update_profile(session, uris, renamed, renamed.profile)
    return await actors.by_id(session, actor.id)
