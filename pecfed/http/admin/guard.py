"""Around every handler of the admin: session, role, form and confirmation, before it is asked.

In this order; the first that fails answers, and the handler isn't called:

- a form that another site has sent: 403
- no session that counts: 401, with the page to sign in
- an account that has nothing to sign in by yet: on to the page where it gets some
- a lesser role than the row of `ADMIN` asks for: 403
- a form without this session's token: 403
- where the row says `confirm`, no second factor within five minutes: 403, with a page that
  asks for it and carries the form along
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import MultiDictProxy

from pecfed.domain.account import Role, may
from pecfed.errors import RefusedError
from pecfed.http.admin import cookie, passkeys
from pecfed.http.admin.confirming import confirm
from pecfed.http.admin.form import check_from_here, read_form
from pecfed.http.admin.render import CSRF, render, see_other
from pecfed.http.admin.session import ENTERED, FORM, SECRET
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import LANGUAGE
from pecfed.services import accounts
from pecfed.services.accounts import Entered

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BEGIN = "/admin/account"
"""Where an account gets something to sign in by."""


def open_to_all(handler: Handler) -> Handler:
    """For the pages that lead in: a form must still come from here."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            try:
                check_from_here(request)
            except RefusedError as error:
                return await _refused(request, error)
            request[FORM] = await read_form(request)
        await _look(request)
        return await handler(request)

    return answer


def guarded(least: Role, handler: Handler, *, asks: bool, unready: bool) -> Handler:
    """For everything else. `asks` for a second factor; `unready` lets in who has none yet."""

    async def answer(request: web.Request) -> web.StreamResponse:
        posted = request.method == "POST"
        try:
            if posted:
                check_from_here(request)
            entered = await _look(request)
            if entered is None:
                return await _sign_in(request)
            if not (entered.account.can_sign_in or unready):
                if posted:
                    raise RefusedError("the account can't sign in yet", code="not_ready")
                return see_other(BEGIN)
            if not may(entered.account.role, least):
                raise RefusedError("another role does this", code="role")
            if posted:
                await _take_form(request)
        except RefusedError as error:
            if error.status != 403:
                raise
            return await _refused(request, error)
        # who has nothing to confirm by yet came in by a link, a moment ago
        if asks and entered.account.can_sign_in and not entered.is_confirmed:
            page = await confirm(request, entered)
            if page is not None:
                return page
        return await handler(request)

    return answer


async def _look(request: web.Request) -> Entered | None:
    """Whose session the request belongs to; what is known of them goes into the request."""
    secret = cookie.read(request, request.app[SETTINGS])
    if not secret:
        return None
    database = request.app[DATABASE]
    found = await database.read(lambda session: accounts.entered(session, secret))
    if found is None:
        return None
    if accounts.is_due(found):
        await database.write(lambda session: accounts.seen(session, found))
    request[ENTERED], request[SECRET] = found, secret
    request[LANGUAGE] = found.account.language
    return found


async def _take_form(request: web.Request) -> None:
    """Read the form, and see that it is of this session."""
    fields = (await read_form(request)).copy()
    if not cookie.is_form_token(request[SECRET], str(fields.popall(CSRF, [""])[0])):
        raise RefusedError("the form is of another session", code="stale_form")
    request[FORM] = MultiDictProxy(fields)


async def _refused(request: web.Request, error: RefusedError) -> web.Response:
    """The refusal in words."""
    return await render(request, "admin/refused.html", status=error.status, code=error.code)


async def _sign_in(request: web.Request) -> web.Response:
    """The page to sign in, which leads back here."""
    looked = request.method in {"GET", "HEAD"}
    there = request.rel_url.raw_path_qs if looked else "/admin"
    # a link on another site, or in a mail read in the browser, leaves the Strict cookie at home:
    # the page asks for itself once more, from here
    followed = looked and request.headers.get("Sec-Fetch-Site") == "cross-site"
    return await render(
        request,
        "admin/sign_in.html",
        status=401,
        there=there,
        error="",
        name="",
        has_passkeys=passkeys.are_possible(request),
        again=followed,
    )
