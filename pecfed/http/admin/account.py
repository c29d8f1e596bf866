"""One's own account: what it signs in by, its language, where it is signed in."""

from __future__ import annotations

import json

from aiohttp import web

from pecfed import clock
from pecfed.domain import account as rules
from pecfed.domain import passkey, totp
from pecfed.domain.text import clean
from pecfed.errors import RefusedError
from pecfed.http.admin import hashing, passkeys, qr
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, entered, form
from pecfed.http.admin.sign_in import signed_in
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.language import LANGUAGES
from pecfed.services import accounts, factors
from pecfed.store import accounts as store
from pecfed.store import sign_ins
from pecfed.store.database import Session

HERE = "/admin/account"
MAX_LABEL = 60


async def account_page(request: web.Request) -> web.Response:
    """Everything of one's own account."""
    return await _page(request)


async def _page(request: web.Request, *, status: int = 200, error: str = "") -> web.Response:
    """The page; a secret for codes is on it while it is being taken."""
    me = entered(request)
    secret = me.sign_in.pending_totp

    async def read(
        session: Session,
    ) -> tuple[list[store.Passkey], list[sign_ins.SignIn]]:
        since = clock.now_ms() - rules.IDLE
        return list(await store.passkeys(session, me.account.id)), [
            each
            for each in await sign_ins.of_account(session, me.account.id)
            if each.seen_at > since
        ]

    mine, places = await request.app[DATABASE].read(read)
    settings = request.app[SETTINGS]
    address = totp.address(secret, me.account.name, settings.host) if secret else ""
    return await render(
        request,
        "admin/account.html",
        status=status,
        error=error,
        account=me.account,
        passkeys=mine,
        most_passkeys=rules.MOST_PASSKEYS,
        passkeys_possible=passkeys.are_possible(request),
        places=places,
        here_now=me.sign_in.digest,
        languages=LANGUAGES,
        password_length=rules.PASSWORD,
        secret=secret,
        address=address,
        qr=qr.drawn(address) if address else None,
    )


# ---- password and codes --------------------------------------------------------------


async def begin_password(request: web.Request) -> web.Response:
    """Make a secret for codes, which the page shows until the password is chosen."""
    me = entered(request)
    await request.app[DATABASE].write(lambda session: factors.new_secret(session, me))
    return see_other(f"{HERE}#password")


async def set_password(request: web.Request) -> web.Response:
    """Keep the password and the secret, once a code shows that the authenticator has it."""
    me, fields = entered(request), form(request)
    try:
        if not factors.may_choose(me):
            raise RefusedError("that took too long", status=400, code="late")
        chosen = rules.check_password(fields.get("password", ""), me.account.name)
        if chosen != fields.get("again", ""):
            raise RefusedError("they differ", status=400, code="password_differs")
    except RefusedError as error:
        return await _page(request, status=400, error=error.code)
    hashed = await hashing.hashed(chosen)
    code = fields.get("code", "")[:20]
    begun = await request.app[DATABASE].write(
        lambda session: factors.set_password(session, me, hashed, code)
    )
    if begun is None:
        return await _page(request, status=400, error="code")
    return await signed_in(request, begun, HERE)


async def remove_password(request: web.Request) -> web.Response:
    """Take password and codes away, where a passkey is left to sign in by."""
    me = entered(request).account
    if not me.passkeys:
        return await _page(request, status=400, error="last_way")
    begun = await request.app[DATABASE].write(lambda session: factors.remove_password(session, me))
    return await signed_in(request, begun, HERE)


# ---- passkeys ------------------------------------------------------------------------


async def passkey_options(request: web.Request) -> web.Response:
    """For the script: what to ask an authenticator that makes a passkey."""
    me = entered(request).account

    async def make(session: Session) -> tuple[str, list[str]]:
        mine = await store.passkeys(session, me.id)
        return await factors.challenge(session, me), [key.id for key in mine]

    made, known = await request.app[DATABASE].write(make)
    options = passkey.to_make(
        passkeys.asking(request), made, user_handle=me.user_handle, name=me.name, known=known
    )
    return web.json_response(json.loads(options))


async def add_passkey(request: web.Request) -> web.Response:
    """Keep a passkey that an authenticator has just made."""
    me, fields = entered(request), form(request)
    answer = fields.get("passkey", "")
    challenge = passkey.challenge_in(answer)
    if len(answer) > passkey.MOST_CHARACTERS or not challenge:
        return await _page(request, status=400, error="passkey")
    made = passkey.made(passkeys.asking(request), answer, challenge)
    label = clean(fields.get("label", ""), MAX_LABEL)

    async def keep(session: Session) -> bool:
        if made is None or not await factors.use_challenge(session, me.account.plain, challenge):
            return False
        return await factors.add_passkey(
            session,
            me,
            id_=made.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            label=label,
        )

    if not await request.app[DATABASE].write(keep):
        return await _page(request, status=400, error="passkey")
    return see_other(HERE)


async def remove_passkey(request: web.Request) -> web.Response:
    """Take a passkey away, where another way to sign in is left."""
    me, id_ = entered(request).account, form(request).get("id", "")
    if me.passkeys < 2 and not (me.password and me.totp_secret):
        return await _page(request, status=400, error="last_way")

    async def remove(session: Session) -> str:
        await store.remove_passkey(session, me.id, id_)
        return await accounts.begin_anew(session, me)

    return await signed_in(request, await request.app[DATABASE].write(remove), HERE)


# ---- language, sessions --------------------------------------------------------------


async def set_language(request: web.Request) -> web.Response:
    """Take another language for the admin and for what is sent."""
    me, language = account(request), form(request).get("language", "")
    if language in LANGUAGES:
        await request.app[DATABASE].write(
            lambda session: store.set_language(session, me.id, language)
        )
    return see_other(HERE)


async def end_others(request: web.Request) -> web.Response:
    """End every other session of one's own; this one stays as it is."""
    me = entered(request)
    await request.app[DATABASE].write(lambda session: accounts.end_others(session, me))
    return see_other(HERE)
