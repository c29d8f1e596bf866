"""A node begins: its instance actor and its first speaker."""

from __future__ import annotations

import re

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.domain.uris import Uris
from pecfed.errors import UsageError
from pecfed.settings import Settings
from pecfed.store import actors
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

USERNAME = re.compile(r"[a-z0-9_]{1,30}")
RESERVED = frozenset({"instance", "relay"})
SPEAKERS = frozenset({"hub", "member"})
"""The cards of actors that people speak through; the others speak by themselves."""


def check_username(username: str) -> str:
    """A user name that every Fediverse server accepts, or a clear refusal.

    Raises:
        UsageError: it has other characters than a-z, 0-9 and _, is too long, or reserved.
    """
    if not USERNAME.fullmatch(username):
        raise UsageError(
            f"username {username!r}: use 1 to 30 of a-z, 0-9 and _, as every server accepts those"
        )
    if username in RESERVED:
        raise UsageError(f"username {username!r} is the node's own; choose another")
    return username


async def add_actor(
    session: Session,
    uris: Uris,
    *,
    username: str,
    card: str,
    profile: Profile,
    rsa_public: str,
    ed25519_public: str,
) -> LocalActor:
    """Let the node speak for one more actor.

    Raises:
        UsageError: it already does.
    """
    await actors.hold_all(session)
    await check_free(session, uris, username)
    return await actors.add(
        session,
        username=username,
        card=card,
        uri=uris.actor(username),
        profile=profile,
        rsa_public=rsa_public,
        ed25519_public=ed25519_public,
        now=clock.now_ms(),
    )


async def check_free(session: Session, uris: Uris, username: str) -> None:
    """Refuse a name that an actor of this node has, or had.

    Raises:
        UsageError: it has, or had.
    """
    known = await actors.by_username(session, username)
    if known is not None and known.deleted_at is not None:
        raise UsageError(
            f"{username!r} was deleted: other servers take nothing from that name any more; "
            "choose another"
        )
    if known is not None:
        raise UsageError(f"this node already speaks for {username!r}")
    await check_never_used(session, uris, username)


async def check_never_used(
    session: Session, uris: Uris, username: str, by: LocalActor | None = None
) -> None:
    """Refuse a name that another actor than `by` had, or whose address is another's id.

    Raises:
        UsageError: it is another's.
    """
    for other in (
        await actors.called(session, username),
        await actors.at_uri(session, uris.actor(username)),
    ):
        if other is not None and (by is None or other.id != by.id):
            raise UsageError(
                f"{username!r} was the name of {other.username}, and still leads there; "
                "choose another"
            )


async def speaks_for_nobody_any_more(session: Session) -> bool:
    """Whether this node's last actor has been deleted; False where there was none yet."""
    if any(actor.card in SPEAKERS for actor in await actors.everyone(session)):
        return False
    return any(a.card in SPEAKERS for a in await actors.ended(session, clock.now_ms() + 1))


async def speaker(session: Session, username: str = "") -> LocalActor:
    """The actor somebody means: by name, else the node's only one.

    Raises:
        UsageError: there is none of that name, none at all, or a choice.
    """
    everyone = [actor for actor in await actors.everyone(session) if actor.card in SPEAKERS]
    if username:
        for actor in everyone:
            if actor.username == username:
                return actor
        known = ", ".join(actor.username for actor in everyone) or "nobody yet"
        raise UsageError(f"this node doesn't speak for {username!r}; it speaks for {known}")
    if not everyone:
        raise UsageError(
            "this node has no actor yet: name one in the file ([actor] username = …) and apply it"
        )
    if len(everyone) > 1:
        names = ", ".join(actor.username for actor in everyone)
        raise UsageError(f"this node speaks for {names}: choose one with --actor NAME")
    return everyone[0]


async def first_speaker(session: Session) -> LocalActor:
    """The first actor that this node speaks for.

    Raises:
        UsageError: there is none yet.
    """
    for actor in await actors.everyone(session):
        if actor.card in SPEAKERS:
            return actor
    return await speaker(session)


def check_hub(settings: Settings) -> None:
    """Refuse what only a hub can do.

    Raises:
        UsageError: this node is no hub.
    """
    if not settings.is_hub:
        raise _no_hub()


def _no_hub() -> UsageError:
    return UsageError("this node is not a hub: make one with pecfed init --role hub")


async def the_hub(session: Session) -> LocalActor:
    """The hub's own actor.

    Raises:
        UsageError: this node is no hub.
    """
    for actor in await actors.everyone(session):
        if actor.card == "hub":
            return actor
    raise _no_hub()


async def has_hub(session: Session) -> bool:
    """Whether this node speaks for a hub."""
    return any(actor.card == "hub" for actor in await actors.everyone(session))
