"""`/articles`: what members write with software of their own."""

from __future__ import annotations

from aiohttp import web

from pecfed.http import query
from pecfed.http.render import page
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def articles_page(request: web.Request) -> web.Response:
    """Articles, films and notes, the newest first, each with the server it is read at."""
    known = (*query.ARTICLES, "cursor")
    values = query.read(request.query, known, strict=False, kinds="article_kind")
    wanted = query.query(values)
    site, found = await read_with_site(
        request, lambda session: directory.list_articles(session, wanted)
    )
    return await page(
        request,
        "articles.html",
        site=site,
        values={name: value for name, value in values.items() if name != "cursor"},
        articles=found,
    )
