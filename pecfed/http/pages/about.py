"""`/about`: how the directory works and what its marks mean."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain.standing import STANDINGS
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import page
from pecfed.http.site import read_site


async def about_page(request: web.Request) -> web.Response:
    """Where entries come from, what is checked, how to leave."""
    settings = request.app[SETTINGS]
    site = await request.app[DATABASE].read(lambda session: read_site(session, settings))
    return await page(
        request,
        "about.html",
        site=site,
        activity_uri=site.main.uri if site.main else None,
        standings=STANDINGS,
    )
