"""`/api/v1/resources`."""

from __future__ import annotations

from aiohttp import web

from pecfed.exports.items import listing, resource_item
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def list_resources(request: web.Request) -> web.Response:
    """Resources, the newest first."""
    known = (*query.RESOURCES, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True, kinds="resource_kind")
    wanted = query.query(values)
    site, page = await read_with_site(
        request, lambda session: directory.list_resources(session, wanted)
    )
    language = language_of(request, values)
    items = [resource_item(each, language=language, own=site.handles) for each in page.items]
    return reply(request, listing(page, items), language=language)
