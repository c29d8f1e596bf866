"""Signing in and out: by a passkey, or by a password with a code."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from pecfed.domain import account as rules
from pecfed.domain import passkey
from pecfed.errors import RefusedError, UsageError
from pecfed.http.admin import cookie, hashing, passkeys
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import ENTERED, SECRET, account, form
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.proxies import said_address
from pecfed.services import accounts, factors
from pecfed.services.factors import Try
from pecfed.store import accounts as store
from pecfed.store.database import Session

START = "/admin"
STATUS = {"wrong": 401, "too_many": 429}
_THERE = re.compile(r"/admin(?:/[A-Za-z0-9@._~:%-]+)*(?:\?[A-Za-z0-9@._~:%&=+/-]*)?")


def back(there: str) -> str:
    """Where to go after signing in: a page of the admin, whatever a form says."""
    return there if len(there) <= 500 and _THERE.fullmatch(there) else START


async def sign_in_page(request: web.Request) -> web.Response:
    """The form; who is signed in already goes on."""
    if ENTERED in request:
        return see_other(START)
    return await _page(request, START, "", 200)


async def sign_in(request: web.Request) -> web.Response:
    """Begin a session, or say that it failed; never whether there is such an account.

    Raises:
        RefusedError: a field is longer than any right one.
    """
    fields = form(request)
    there = back(fields.get("there", ""))
    if fields.get("passkey"):
        outcome, secret = await passkeys.sign_in(request, fields["passkey"])
    else:
        name, given = fields.get("name", ""), fields.get("password", "")
        if len(given) > rules.PASSWORD[1] or len(name) > 200:
            raise RefusedError("that is too long", status=400, code="too_long")
        outcome, secret = await _by_password(request, name, given, fields.get("code", "")[:20])
    if secret:
        return await signed_in(request, secret, there)
    return await _page(request, there, outcome, STATUS[outcome], fields.get("name", ""))


async def _by_password(
    request: web.Request, text: str, given: str, code: str
) -> tuple[factors.Outcome, str]:
    """The outcome, and the secret of the session that began."""
    database = request.app[DATABASE]
    try:
        name = rules.check_name(text)
    except UsageError:
        name = "?"  # no account has this name; it costs as much time, and counts, all the same
    tried = Try(said_address(request), name)

    async def count(session: Session) -> tuple[float | None, store.Kept | None]:
        if not await factors.may_try(session, tried):
            return None, None
        return await factors.pause(session, tried), await store.by_name(session, name)

    pause, found = await database.write(count)
    if pause is None:
        return "too_many", ""
    await asyncio.sleep(pause)
    kept = found.password if found and found.can_sign_in else ""
    is_right = await hashing.is_right(kept, given)
    secret = await database.write(
        lambda session: factors.sign_in_by_password(session, tried, found, is_right, code)
    )
    return ("right", secret) if secret else ("wrong", "")


async def signed_in(request: web.Request, secret: str, there: str) -> web.Response:
    """Give the browser its new session; the one it may have had before ends."""
    settings, old = request.app[SETTINGS], request.get(SECRET, "")
    if old:
        await request.app[DATABASE].write(lambda session: accounts.sign_out(session, old))
    response = see_other(there)
    cookie.put(response, settings, secret)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End this session."""
    secret = request[SECRET]
    await request.app[DATABASE].write(lambda session: accounts.sign_out(session, secret))
    response = see_other("/admin/sign-in")
    cookie.drop(response, request.app[SETTINGS])
    return response


async def challenge(request: web.Request) -> web.Response:
    """For the script: what to ask a passkey, for somebody who signs in or who confirms.

    Raises:
        RefusedError: too many were asked for from there.
    """
    me = account(request) if ENTERED in request else None
    address, database = said_address(request), request.app[DATABASE]

    async def make(session: Session) -> str | None:
        if me is None and await factors.is_barred(session, Try(address)):
            return None
        return await factors.challenge(session, me)

    made = await database.write(make)
    if made is None:
        raise RefusedError("too many tries", status=429, code="too_many")
    known = await database.read(lambda session: store.passkeys(session, me.id)) if me else ()
    options = passkey.to_show(passkeys.asking(request), made, [key.id for key in known])
    return web.Response(text=options, content_type="application/json")


async def _page(
    request: web.Request, there: str, error: str, status: int, name: str = ""
) -> web.Response:
    return await render(
        request,
        "admin/sign_in.html",
        status=status,
        there=there,
        error=error,
        name=name[: rules.PASSWORD[1]],
        has_passkeys=passkeys.are_possible(request),
        again=False,
    )
