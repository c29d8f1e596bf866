"""`/api/v1/articles`."""

from __future__ import annotations

from aiohttp import web

from pecfed.exports.items import article_item, listing
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page


async def list_articles(request: web.Request) -> web.Response:
    """What members wrote with software of their own, the newest first."""
    known = (*query.ARTICLES, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True, kinds="article_kind")
    settings, wanted = request.app[SETTINGS], query.query(values)

    async def read(session: Session) -> tuple[Site, Page[Listed]]:
        return await read_site(session, settings), await directory.list_articles(session, wanted)

    site, page = await request.app[DATABASE].read(read)
    language = language_of(request, values)
    items = [article_item(each, language=language, own=site.handles) for each in page.items]
    return reply(request, listing(page, items), language=language)
