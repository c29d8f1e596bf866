"""`/articles`: what members write with software of their own."""

from __future__ import annotations

from aiohttp import web

from pecfed.http import query
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import page
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page


async def articles_page(request: web.Request) -> web.Response:
    """Articles, films and notes, the newest first, each with the server it is read at."""
    known = (*query.ARTICLES, "cursor")
    values = query.read(request.query, known, strict=False, kinds="article_kind")
    settings, wanted = request.app[SETTINGS], query.query(values)

    async def read(session: Session) -> tuple[Site, Page[Listed]]:
        return (
            await read_site(session, settings),
            await directory.list_articles(session, wanted),
        )

    site, found = await request.app[DATABASE].read(read)
    return await page(
        request,
        "articles.html",
        site=site,
        values={name: value for name, value in values.items() if name != "cursor"},
        articles=found,
    )
