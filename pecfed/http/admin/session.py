"""What a handler of the admin pages may ask of its request; the guard has put it there."""

from __future__ import annotations

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from pecfed.domain.account import Account
from pecfed.services.accounts import Entered

ENTERED: web.RequestKey[Entered] = web.RequestKey("entered", Entered)
SECRET: web.RequestKey[str] = web.RequestKey("secret of the session", str)
FORM: web.RequestKey[MultiDictProxy[str]] = web.RequestKey("form", MultiDictProxy)


def entered(request: web.Request) -> Entered:
    """Whose session it is, with the account's proofs."""
    return request[ENTERED]


def account(request: web.Request) -> Account:
    """Who asks."""
    return entered(request).account.plain


def who(request: web.Request) -> str:
    """Who acts, as the log has it: `operator:anne`."""
    found = account(request)
    return f"{found.role}:{found.name}"


def form(request: web.Request) -> MultiDictProxy[str]:
    """The fields of a form that was posted; none for what was only asked for."""
    return request.get(FORM) or MultiDictProxy(MultiDict())
