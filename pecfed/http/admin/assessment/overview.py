"""`/admin/assessment`: how far a statement is, what reviewers ask, and where to go on."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.admin.assessment.view import View, named, speakers, view
from pecfed.http.admin.render import render
from pecfed.http.appkeys import DATABASE
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

DONE = frozenset({"published", "discarded"})
"""What a form has just done, that the page says."""


async def choose_page(request: web.Request) -> web.Response:
    """The self-assessment of the only actor; where there are several, a choice of them."""

    async def read(session: Session) -> tuple[list[LocalActor], View | None]:
        found = list(await speakers(session))
        return found, await view(session, found[0]) if len(found) == 1 else None

    everyone, only = await request.app[DATABASE].read(read)
    if only is not None:
        return await _page(request, only)
    return await render(request, "admin/assessment_choose.html", actors=everyone)


async def overview_page(request: web.Request) -> web.Response:
    """The self-assessment of the actor that is named."""

    async def read(session: Session) -> View:
        return await view(session, await named(session, request))

    found = await request.app[DATABASE].read(read)
    return await _page(request, found)


async def _page(request: web.Request, found: View) -> web.Response:
    done = request.query.get("done", "")
    return await render(
        request, "admin/assessment.html", view=found, done=done if done in DONE else ""
    )
