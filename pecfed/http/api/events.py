"""`/api/v1/events`."""

from __future__ import annotations

from aiohttp import web

from pecfed.exports.items import event_item, listing
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def list_events(request: web.Request) -> web.Response:
    """Events and calls, past and to come, by their start."""
    known = (*query.EVENTS, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True)
    wanted = query.query(values)
    site, page = await read_with_site(
        request, lambda session: directory.list_events(session, wanted)
    )
    language = language_of(request, values)
    items = [event_item(each, language=language, own=site.handles) for each in page.items]
    return reply(request, listing(page, items), language=language)
