"""Somebody who enters the admin pages of a node, as the command line and a browser would let them.

anne = await enter(server.node.database, server.settings, role="reviewer")
async with client.post(path, data=anne.form(reason="abuse"), cookies=anne.cookies): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import pyotp

from pecfed import clock
from pecfed.domain import password
from pecfed.domain.account import Account, Role
from pecfed.http.admin import cookie
from pecfed.services import accounts
from pecfed.settings import Settings
from pecfed.store import accounts as store
from pecfed.store.database import Database, Session

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@cache
def hashed() -> str:
    """The hash of that password, made once: it takes a while on purpose."""
    return password.hashed(PASSWORD)


@dataclass(frozen=True)
class Entered:
    """Somebody who is signed in."""

    account: Account
    secret: str
    settings: Settings

    @property
    def cookies(self) -> dict[str, str]:
        """What their browser sends."""
        return {cookie.name(self.settings): self.secret}

    @property
    def csrf(self) -> str:
        """What their forms hold."""
        return cookie.form_token(self.secret)

    def form(self, **fields: str) -> Mapping[str, str]:
        """A form of theirs."""
        return {"csrf": self.csrf, **fields}


def code(steps: int = 0) -> str:
    """What their authenticator shows now (or so many steps from now)."""
    return str(pyotp.TOTP(SECRET).at(clock.now() + timedelta(seconds=30 * steps)))


async def enter(
    database: Database,
    settings: Settings,
    role: Role = "operator",
    name: str = "anne",
    *,
    confirmed: bool = True,
    language: str = "fr",
) -> Entered:
    """An account with a password and codes, signed in; `confirmed`: by them, just now."""

    async def work(session: Session) -> tuple[Account, str]:
        if await store.by_name(session, name) is None:
            made = await accounts.add(session, name, role, language)
            await store.set_password(session, made.id, hashed())
            await store.set_totp(session, made.id, SECRET, 0)
        account = await accounts.find(session, name)
        return account.plain, await accounts.begin(session, account, confirmed=confirmed)

    account, secret = await database.write(work)
    return Entered(account, secret, settings)
