"""`/resources`: what the platforms share."""

from __future__ import annotations

from aiohttp import web

from pecfed.http import query
from pecfed.http.render import chosen, group_options, page
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def resources_page(request: web.Request) -> web.Response:
    """Resources, the newest first, with a form to choose among them."""
    known = (*query.RESOURCES, "cursor")
    values = query.read(request.query, known, strict=False, kinds="resource_kind")
    wanted = query.query(values)
    site, found = await read_with_site(
        request, lambda session: directory.list_resources(session, wanted)
    )
    return await page(
        request,
        "resources.html",
        site=site,
        values={name: value for name, value in values.items() if name != "cursor"},
        resources=found,
        groups=group_options(chosen(request).language),
    )
