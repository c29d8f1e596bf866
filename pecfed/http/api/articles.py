"""`/api/v1/articles`."""

from __future__ import annotations

from aiohttp import web

from pecfed.exports.items import article_item, listing
from pecfed.http import query
from pecfed.http.api.answer import language_of, reply
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def list_articles(request: web.Request) -> web.Response:
    """What members wrote with software of their own, the newest first."""
    known = (*query.ARTICLES, *query.PAGING, "lang")
    values = query.read(request.query, known, strict=True, kinds="article_kind")
    wanted = query.query(values)
    site, page = await read_with_site(
        request, lambda session: directory.list_articles(session, wanted)
    )
    language = language_of(request, values)
    items = [article_item(each, language=language, own=site.handles) for each in page.items]
    return reply(request, listing(page, items), language=language)
