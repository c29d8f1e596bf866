"""`/resources`: what the platforms share."""

from __future__ import annotations

from aiohttp import web

from pecfed.http import query
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import chosen, group_options, page
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page


async def resources_page(request: web.Request) -> web.Response:
    """Resources, the newest first, with a form to choose among them."""
    known = (*query.RESOURCES, "cursor")
    values = query.read(request.query, known, strict=False, kinds="resource_kind")
    settings, wanted = request.app[SETTINGS], query.query(values)

    async def read(session: Session) -> tuple[Site, Page[Listed]]:
        return (
            await read_site(session, settings),
            await directory.list_resources(session, wanted),
        )

    site, found = await request.app[DATABASE].read(read)
    return await page(
        request,
        "resources.html",
        site=site,
        values={name: value for name, value in values.items() if name != "cursor"},
        resources=found,
        groups=group_options(chosen(request).language),
    )
