"""The one-time link that `pecfed admin link` prints: looking at it changes nothing."""

from __future__ import annotations

from aiohttp import web

from pecfed.errors import RefusedError
from pecfed.http.admin.render import render
from pecfed.http.admin.session import form
from pecfed.http.admin.sign_in import START, signed_in
from pecfed.http.appkeys import DATABASE
from pecfed.services import accounts

MOST = 100  # characters


async def enter_page(request: web.Request) -> web.Response:
    """Whom the link is for, and a button; mail programs that look at links don't press it."""
    secret = request.match_info["secret"][:MOST]
    found = await request.app[DATABASE].read(lambda session: accounts.of_link(session, secret))
    return await _page(request, secret, found.name if found else "")


async def enter(request: web.Request) -> web.Response:
    """Use the link up, and begin a session."""
    secret = form(request).get("secret", "")[:MOST]
    try:
        account, begun = await request.app[DATABASE].write(
            lambda session: accounts.enter(session, secret)
        )
    except RefusedError:
        return await _page(request, "", "")
    return await signed_in(request, begun, START if account.can_sign_in else "/admin/account")


async def _page(request: web.Request, secret: str, name: str) -> web.Response:
    status = 200 if name else 410
    return await render(request, "admin/enter.html", status=status, secret=secret, name=name)
