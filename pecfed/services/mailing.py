"""Who is told by mail: addresses come, and say goodbye."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from pecfed import clock
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.store import accounts, mails
from pecfed.store.database import Session
from pecfed.store.mails import Recipient

MOST = 200
ROLES = ("operator", "reviewer")
LANGUAGES = ("fr", "en")
# one address as RFC 5321 sends it, without quoting or literals: nothing that could end a header
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to be told: an address, in which role and language, or as which account."""

    address: str
    role: str = "operator"
    language: str = "fr"
    account: str = ""


def check_address(text: str) -> str:
    """A mail address in its one spelling here.

    Raises:
        UsageError: it is none that mail can be sent to.
    """
    address = text.strip()
    if len(address) > 254 or not _ADDRESS.fullmatch(address) or ".." in address:
        raise UsageError(
            f"{address[:80]!r} is no mail address; write it as name@example.coop",
            code="bad_address",
        )
    name, _, host = address.rpartition("@")
    return f"{name}@{host.lower()}"


async def tell(session: Session, wish: Wish) -> Recipient:
    """From now on that address is told; one that said goodbye begins anew.

    An account has one address: another one takes its place.

    Raises:
        UsageError: the address, role or language is none.
        NotFoundError: there is no such account.
        RefusedError: there are too many, or the address is somebody else's.
    """
    address = check_address(wish.address)
    if wish.role not in ROLES or wish.language not in LANGUAGES:
        raise UsageError(
            f"choose a role of {', '.join(ROLES)} and a language of {', '.join(LANGUAGES)}"
        )
    if wish.account and await accounts.by_name(session, wish.account) is None:
        raise NotFoundError(f"there is no account {wish.account!r}; see: pecfed admin list")
    known = await mails.by_address(session, address)
    if known is not None and known.account != wish.account and known.is_told:
        raise RefusedError(
            f"{address} is told already, as {known.account or 'an address without an account'}",
            status=409,
            code="taken",
        )
    before = await mails.by_account(session, wish.account) if wish.account else None
    if before is not None and before.address != address:
        await mails.forget(session, before.id)
    if known is None and len(await mails.recipients(session)) >= MOST:
        raise RefusedError(f"there are {MOST} addresses already", code="too_many")
    await mails.put(
        session,
        address=address,
        account=wish.account,
        role=wish.role,
        language=wish.language,
        token=secrets.token_urlsafe(24),
        now=clock.now_ms(),
    )
    found = await mails.by_address(session, address)
    assert found is not None
    return found


async def goodbye(session: Session, token: str) -> bool:
    """Nothing more is sent to the address whose mails bear that token; False where there is none.

    Twice is once.
    """
    found = await mails.by_token(session, token)
    if found is None:
        return False
    await mails.end(session, found.id, clock.now_ms())
    return True


async def forget(session: Session, address: str) -> None:
    """An address is forgotten with all that was sent to it.

    Raises:
        NotFoundError: it isn't known here.
    """
    found = await mails.by_address(session, check_address(address))
    if found is None:
        raise NotFoundError(f"{address} isn't told by mail; see: notices recipients")
    await mails.forget(session, found.id)
