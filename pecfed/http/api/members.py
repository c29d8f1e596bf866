"""`/api/v1/members` and `/api/v1/members/SLUG`."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from pecfed import clock
from pecfed.errors import NotFoundError
from pecfed.exports.items import listing, member_item
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Entry


async def list_members(request: web.Request) -> web.Response:
    """Members and invited, by name."""
    known = (*query.MEMBERS, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True)
    wanted = query.query(values)
    page = await request.app[DATABASE].read(lambda session: directory.list_members(session, wanted))
    language, base = language_of(request, values), request.app[SETTINGS].url
    items = [member_item(entry, language=language, base=base) for entry in page.items]
    return reply(request, listing(page, items), language=language)


async def one_member(request: web.Request) -> web.Response:
    """One entry, with what its statement explains.

    Raises:
        NotFoundError: the public directory has no such entry.
    """
    values = query.read(request.query, ("lang",), strict=True)
    slug, today = request.match_info["slug"], clock.now().date()

    async def read(session: Session) -> Entry | None:
        return await directory.entry(session, slug, today) if slug.isprintable() else None

    entry = await request.app[DATABASE].read(read)
    if entry is None:
        into = await request.app[DATABASE].read(lambda session: directory.leads_to(session, slug))
        if into:
            path = f"/api/v1/members/{quote(into, safe='@:')}"
            url = request.rel_url.with_path(path, encoded=True, keep_query=True)
            headers = {"Location": str(url), "Cache-Control": "no-cache"}
            return web.Response(status=301, headers=headers)
        raise NotFoundError(f"no public entry {slug!r}", safe="the directory has no such entry")
    language = language_of(request, values)
    item = member_item(entry, language=language, base=request.app[SETTINGS].url, commitments=True)
    return reply(request, item, language=language)
