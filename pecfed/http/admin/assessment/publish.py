"""What publishing a self-assessment would change, and doing it; taking it into a file."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from pecfed import clock
from pecfed.domain import assessment as rules
from pecfed.domain.difference import difference
from pecfed.domain.statement import Statement, digest
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.exports.apply_file import write_charter
from pecfed.http.admin.assessment.view import View, named, path, view
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import form
from pecfed.http.appkeys import DATABASE, URIS
from pecfed.language.charter import charter
from pecfed.services import assessment
from pecfed.store.database import Session


async def publish_page(request: web.Request) -> web.Response:
    """Each commitment that would change, as it is and as it would be."""
    return await _page(request)


async def _page(
    request: web.Request, *, status: int = 200, problem: str = "", both: Sequence[str] = ()
) -> web.Response:
    async def read(session: Session) -> View:
        return await view(session, await named(session, request))

    found = await request.app[DATABASE].read(read)
    made = assessment.candidate(found.found)
    order = [each.id for each in charter().commitments]
    changes = difference(found.found.statement, made, order) if found.found.saved else []
    ends = rules.ends(clock.now().date())
    chosen = made.valid_until
    return await render(
        request,
        "admin/assessment_publish.html",
        status=status,
        view=found,
        made=made,
        shown=digest(made.to_value()),
        changes=[each for each in changes if each.what != "same"],
        titles={each.id: each.title for each in charter().commitments},
        ends=sorted({*ends, chosen} if chosen >= clock.now().date().isoformat() else ends),
        problem=problem,
        both=both,
    )


async def publish(request: web.Request) -> web.Response:
    """Publish what was shown; where that isn't possible, the page says why."""

    async def work(session: Session) -> str:
        actor = await named(session, request)
        shown = form(request).get("shown", "")
        await assessment.publish(session, request.app[URIS], actor, shown)
        return path(actor)

    try:
        there = await request.app[DATABASE].write(work)
    except RefusedError as error:
        return await _page(request, status=error.status, problem=error.code)
    return see_other(f"{there}?done=published")


async def choose_end(request: web.Request) -> web.Response:
    """Choose until when the statement is to be valid."""

    async def work(session: Session) -> str:
        actor = await named(session, request)
        await assessment.choose_end(session, actor, form(request).get("valid_until", ""))
        return path(actor, "publish")

    try:
        return see_other(await request.app[DATABASE].write(work))
    except UsageError as error:
        return await _page(request, status=error.status, problem=error.code)


async def discard(request: web.Request) -> web.Response:
    """Throw the draft away, where it is ticked that this is meant."""

    async def work(session: Session) -> str:
        actor = await named(session, request)
        if form(request).get("sure") != "yes":
            return path(actor, "publish")
        await assessment.discard(session, actor)
        return f"{path(actor)}?done=discarded"

    return see_other(await request.app[DATABASE].write(work))


async def catch_up(request: web.Request) -> web.Response:
    """Take into the draft what was published since; what both changed is named."""

    async def work(session: Session) -> Sequence[str]:
        return await assessment.catch_up(session, await named(session, request))

    try:
        both = await request.app[DATABASE].write(work)
    except RefusedError as error:
        return await _page(request, status=error.status, problem=error.code)
    return await _page(request, both=both)


async def charter_file(request: web.Request) -> web.Response:
    """What is published as the `[charter]` of an apply file; with `?draft=1` the draft.

    Raises:
        NotFoundError: nothing is there to be written.
    """

    async def read(session: Session) -> Statement | None:
        found = await assessment.look(session, await named(session, request))
        return assessment.candidate(found) if "draft" in request.query else found.statement

    statement = await request.app[DATABASE].read(read)
    if statement is None or not statement.commitments:
        raise NotFoundError("no statement to export", safe="there is no complete answer yet")
    return web.Response(
        text=write_charter(statement),
        content_type="application/toml",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="charter.toml"'},
    )
