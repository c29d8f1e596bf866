"""Passkeys between the browser's script and the store."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain import passkey
from pecfed.domain.passkey import Asking
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.proxies import said_address
from pecfed.services import factors
from pecfed.services.accounts import Entered
from pecfed.services.factors import Outcome, Try
from pecfed.store import accounts
from pecfed.store.accounts import Passkey


def asking(request: web.Request) -> Asking:
    """This site, as passkeys know it."""
    settings = request.app[SETTINGS]
    return Asking(settings.admin, settings.host)


def are_possible(request: web.Request) -> bool:
    """Whether browsers make passkeys for this site's address."""
    return asking(request).is_possible


async def confirm(request: web.Request, entered: Entered, answer: str) -> Outcome:
    """Take a passkey's answer as the second factor."""
    found = await verified(request, answer)
    if found is None:
        return "wrong"
    key, count, made = found
    done = await request.app[DATABASE].write(
        lambda session: factors.confirm_by_passkey(session, entered, key, count, made)
    )
    return "right" if done else "wrong"


async def sign_in(request: web.Request, answer: str) -> tuple[Outcome, str]:
    """Begin a session for whoever a passkey's answer is of; its secret."""
    database, given = request.app[DATABASE], Try(said_address(request))
    if not await database.write(lambda session: factors.may_try(session, given)):
        return "too_many", ""
    found = await verified(request, answer)
    if found is None:
        return "wrong", ""
    key, count, made = found
    secret = await database.write(
        lambda session: factors.sign_in_by_passkey(session, given, key, count, made)
    )
    return ("right", secret) if secret else ("wrong", "")


async def verified(request: web.Request, answer: str) -> tuple[Passkey, int, str] | None:
    """A passkey of ours, its new count and the challenge, where the answer is really its own."""
    if len(answer) > passkey.MOST_CHARACTERS:
        return None
    id_, made = passkey.id_in(answer), passkey.challenge_in(answer)
    if not id_ or not made:
        return None
    key = await request.app[DATABASE].read(lambda session: accounts.passkey(session, id_))
    if key is None:
        return None
    count = passkey.shown(
        asking(request), answer, made, public_key=key.public_key, sign_count=key.sign_count
    )
    return None if count is None else (key, count, made)
