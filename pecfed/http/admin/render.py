"""Admin pages out of templates: in the account's language, never kept by anybody."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from pecfed.domain.account import may
from pecfed.http.admin import cookie
from pecfed.http.admin.menu import MENU
from pecfed.http.admin.session import ENTERED, SECRET
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import page
from pecfed.http.sanitise import hidden
from pecfed.services import notices

CSRF = "csrf"
"""The field that holds a form's token."""


async def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """A page of the admin.

    Beside what every page is given, templates find `me` (the account, or None for somebody
    who isn't signed in), `may(role)`, `unread` (how many notices), `csrf()` (goes inside each
    form) and `menu`.
    """
    entered, secret = request.get(ENTERED), request.get(SECRET, "")
    me = entered.account.plain if entered else None
    is_hub = request.app[SETTINGS].is_hub
    unread = 0
    if me is not None:
        unread = await request.app[DATABASE].read(lambda s: notices.unread(s, me.role, me.name))
    return await page(
        request,
        template,
        status=status,
        noindex=True,
        me=me,
        may=lambda least: me is not None and may(me.role, least),
        unread=unread,
        csrf=lambda: hidden(CSRF, cookie.form_token(secret)),
        menu=[
            item
            for item in MENU
            if me is not None
            and entered is not None
            and entered.account.can_sign_in
            and may(me.role, item.role)
            and (is_hub or not item.hub)
        ],
        **context,
    )


def see_other(path: str) -> web.Response:
    """On to a page after a form was taken, so that going back doesn't send it again."""
    return web.Response(status=303, headers={"Location": path})
