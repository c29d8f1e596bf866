"""`/groups`: the working groups of a hub."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.group import Group, read_group
from pecfed.http.render import page
from pecfed.http.site import Site, read_site
from pecfed.store.database import Session


async def groups_page(request: web.Request) -> web.Response:
    """Every working group: its name, its topics, how many follow it."""
    settings = request.app[SETTINGS]

    async def read(session: Session) -> tuple[Site, list[Group]]:
        site = await read_site(session, settings)
        return site, [await read_group(session, site, actor) for actor in site.groups]

    site, found = await request.app[DATABASE].read(read)
    return await page(request, "groups.html", site=site, found=found)
