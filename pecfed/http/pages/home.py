"""`/`: on a hub what this is and what is new; on a member node whom it speaks for."""

from __future__ import annotations

from aiohttp import web

from pecfed import clock
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import chosen, page
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page, Query

FEW = 5


async def home_page(request: web.Request) -> web.Response:
    """The front page."""
    if request.app[SETTINGS].is_hub:
        return await _hub(request)
    return await _node(request)


async def _hub(request: web.Request) -> web.Response:
    settings, now = request.app[SETTINGS], clock.now()
    few = Query(today=now.date(), limit=FEW, since=clock.to_ms(now))

    async def read(session: Session) -> tuple[Site, dict[str, int], Page[Listed], Page[Listed]]:
        return (
            await read_site(session, settings),
            await directory.figures(session),
            await directory.list_events(session, few),
            await directory.list_resources(session, few),
        )

    site, figures, events, resources = await request.app[DATABASE].read(read)
    return await page(
        request,
        "home.html",
        site=site,
        activity_uri=site.main.uri if site.main else None,
        figures=figures,
        events=events,
        resources=resources,
    )


async def _node(request: web.Request) -> web.Response:
    """The only actor's own page, or a list of those who speak here."""
    settings = request.app[SETTINGS]
    site = await request.app[DATABASE].read(lambda session: read_site(session, settings))
    if len(site.actors) == 1:
        there = f"{chosen(request).prefix}/@{site.actors[0].username}"
        return web.Response(status=302, headers={"Location": there, "Cache-Control": "no-cache"})
    return await page(request, "actors.html", site=site)
