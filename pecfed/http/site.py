"""Who speaks on this site: the node's own actors, as pages and API name them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.services import setup
from pecfed.settings import Settings
from pecfed.store import actors
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Site:
    """The actors people can meet (the instance actor isn't one), and who is the host.

    `actors` speak for platforms or the hub, `groups` are a hub's working groups.
    """

    settings: Settings
    actors: Sequence[LocalActor]
    groups: Sequence[LocalActor] = ()

    @property
    def main(self) -> LocalActor | None:
        """The hub's own actor, on a node the first; None on an empty node."""
        card = "hub" if self.settings.is_hub else "member"
        found = (actor for actor in self.actors if actor.card == card)
        return next(found, self.actors[0] if self.actors else None)

    @property
    def name(self) -> str:
        """What the site is called."""
        return self.main.profile.name if self.main else self.settings.host

    def handle(self, actor: LocalActor) -> str:
        """name@host of one of our actors."""
        return f"{actor.username}@{self.settings.handles_host}"

    @property
    def handles(self) -> Mapping[str, str]:
        """The handles of our actors by their uris."""
        return {actor.uri: self.handle(actor) for actor in self.actors}

    def actor(self, uri: str) -> LocalActor | None:
        """The actor of ours with that uri."""
        return next((each for each in (*self.actors, *self.groups) if each.uri == uri), None)


async def read_site(session: Session, settings: Settings) -> Site:
    """Who speaks here now."""
    everyone = await actors.everyone(session)
    return Site(
        settings,
        [actor for actor in everyone if actor.card in setup.SPEAKERS],
        [actor for actor in everyone if actor.card == "group"],
    )


async def read_with_site(
    request: web.Request, read: Callable[[Session], Awaitable[Shown]]
) -> tuple[Site, Shown]:
    """The site, and what `read` gives, in one consistent view of the database."""
    settings = request.app[SETTINGS]

    async def work(session: Session) -> tuple[Site, Shown]:
        return await read_site(session, settings), await read(session)

    return await request.app[DATABASE].read(work)
