"""`/api/v1/resources`."""

from __future__ import annotations

from aiohttp import web

from pecfed.exports.items import listing, resource_item
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page


async def list_resources(request: web.Request) -> web.Response:
    """Resources, the newest first."""
    known = (*query.RESOURCES, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True, kinds="resource_kind")
    settings, wanted = request.app[SETTINGS], query.query(values)

    async def read(session: Session) -> tuple[Site, Page[Listed]]:
        return await read_site(session, settings), await directory.list_resources(session, wanted)

    site, page = await request.app[DATABASE].read(read)
    language = language_of(request, values)
    items = [resource_item(each, language=language, own=site.handles) for each in page.items]
    return reply(request, listing(page, items), language=language)
