"""`/about`: how the directory works and what its marks mean."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain.contest import AnswerTime
from pecfed.domain.standing import STANDINGS
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import page
from pecfed.http.site import Site, read_site
from pecfed.services import contest
from pecfed.store.database import Session


async def about_page(request: web.Request) -> web.Response:
    """Where entries come from, what is checked, how fast people are answered, how to leave."""
    settings = request.app[SETTINGS]

    async def read(session: Session) -> tuple[Site, AnswerTime]:
        return await read_site(session, settings), await contest.answer_times(session)

    site, answers = await request.app[DATABASE].read(read)
    return await page(
        request,
        "about.html",
        site=site,
        activity_uri=site.main.uri if site.main else None,
        standings=STANDINGS,
        answers=answers,
    )
