"""`/goodbye/TOKEN`: no more mails to the address whose mails lead here."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.appkeys import DATABASE
from pecfed.http.forms import read_form
from pecfed.http.render import page
from pecfed.services import mailing


async def goodbye_page(request: web.Request) -> web.Response:
    """Looking changes nothing: mail programs and their guards look at links by themselves.

    The same page for a link that leads to nobody, so that none can be tried out.
    """
    return await _answer(request, "")


async def goodbye(request: web.Request) -> web.Response:
    """One press, or one request of a mail program (RFC 8058), and it is over; twice is once.

    Raises:
        RefusedError: the form can't be read.
    """
    await read_form(request)
    token = request.match_info["token"]
    if token.isascii() and len(token) < 100:
        await request.app[DATABASE].write(lambda session: mailing.goodbye(session, token))
    return await _answer(request, "done")


async def _answer(request: web.Request, outcome: str) -> web.Response:
    response = await page(
        request, "goodbye.html", noindex=True, outcome=outcome, there=request.path
    )
    response.headers["Cache-Control"] = "no-store"
    return response
