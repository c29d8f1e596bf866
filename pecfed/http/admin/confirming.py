"""Asking for the second factor again before something that changes trust.

The page that asks holds the whole form that was posted, and posts it again to the same
address with the answer beside it: nothing is lost, and it works without scripts.
"""

from __future__ import annotations

from aiohttp import web
from multidict import MultiDictProxy

from pecfed.http.admin import passkeys
from pecfed.http.admin.render import render
from pecfed.http.admin.session import FORM, form
from pecfed.http.appkeys import DATABASE
from pecfed.services import factors
from pecfed.services.accounts import Entered
from pecfed.services.factors import Outcome

CODE, PASSKEY = "confirm_code", "confirm_passkey"
STATUS: dict[str, int] = {"": 403, "wrong": 403, "too_many": 429}


async def confirm(request: web.Request, entered: Entered) -> web.Response | None:
    """Take the second factor out of the form; a page where there is none, or a wrong one.

    None means that it was right, and the form is now without it.
    """
    fields = form(request).copy()
    code = str(fields.popall(CODE, [""])[0])
    answer = str(fields.popall(PASSKEY, [""])[0])
    request[FORM] = MultiDictProxy(fields)
    outcome: Outcome | None = None
    if answer:
        outcome = await passkeys.confirm(request, entered, answer)
    elif code:
        outcome = await request.app[DATABASE].write(
            lambda session: factors.confirm_by_code(session, entered, code)
        )
    if outcome == "right":
        return None
    return await render(
        request,
        "admin/confirm.html",
        status=STATUS[outcome or ""],
        there=request.rel_url.raw_path_qs,
        fields=list(fields.items()),
        error=outcome or "",
        has_codes=bool(entered.account.totp_secret),
        has_passkeys=entered.account.passkeys > 0 and passkeys.are_possible(request),
    )
