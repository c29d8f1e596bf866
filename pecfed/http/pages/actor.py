"""`/@NAME`: one of this node's own actors, for people."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.domain.standing import of_statement
from pecfed.errors import GoneError, NotFoundError
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.group import group_page
from pecfed.http.negotiate import wants_activity
from pecfed.http.render import chosen, page
from pecfed.http.site import Site, read_site
from pecfed.http.statement import declaration
from pecfed.store import actors, objects
from pecfed.store.database import Session
from pecfed.store.objects import Stored


async def actor_page(request: web.Request) -> web.Response:
    """Profile, statement, events, resources and how to follow; ActivityPub clients are sent on.

    Raises:
        NotFoundError: nobody of that name speaks here.
        GoneError: somebody did, and was deleted.
    """
    settings, now = request.app[SETTINGS], clock.now()
    name = request.match_info["name"].lower()

    async def read(session: Session) -> tuple[Site, Sequence[Stored] | str]:
        site = await read_site(session, settings)
        uris = [actor.uri for actor in (*site.actors, *site.groups) if actor.username == name]
        once = None if uris else await actors.called(session, name)
        if once is not None and once.deleted_at is not None:
            raise GoneError("that actor is no more")
        if once is not None and once.username != name:
            return site, once.username
        return site, await objects.of_actor(session, uris[0]) if uris else []

    site, published = await request.app[DATABASE].read(read)
    if isinstance(published, str):  # the name it has now
        there = f"{chosen(request).prefix}/@{published}"
        return web.Response(status=301, headers={"Location": there, "Cache-Control": "no-cache"})
    for group in site.groups:
        if group.username == name:
            return await group_page(request, site, group)
    actor = next((each for each in site.actors if each.username == name), None)
    if actor is None:
        raise NotFoundError(f"no actor {name!r} here", safe="nobody of that name speaks here")
    if wants_activity(request):
        return web.Response(status=302, headers={"Location": actor.uri, "Vary": "Accept"})
    events = [(each, each.content) for each in published if isinstance(each.content, Event)]
    statement = declaration(next((each for each in published if each.kind == "statement"), None))
    until = statement.statement.valid_until if statement else ""
    return await page(
        request,
        "actor.html",
        site=site,
        negotiated=True,
        activity_uri=actor.uri,
        noindex=not actor.profile.indexable,
        actor=actor,
        profile=actor.profile,
        handle=site.handle(actor),
        declaration=statement,
        standing=of_statement(until, now.date()),
        upcoming=[each for each, event in events if (event.end or event.start) >= now],
        past=[each for each, event in reversed(events) if (event.end or event.start) < now],
        resources=[each for each in published if each.kind == "resource"],
        polls=[each for each in published if each.kind == "question"],
    )
