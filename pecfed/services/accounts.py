"""Accounts and who is signed in: one-time links, sessions in browsers, roles, the end of each."""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple

from pecfed import clock
from pecfed.domain import account as rules
from pecfed.domain.account import Account, Role
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import queue
from pecfed.store import accounts, sign_ins
from pecfed.store.accounts import Kept
from pecfed.store.database import Session
from pecfed.store.sign_ins import SignIn

FIRST = "operator"
"""The name of the first account, where nobody chooses one."""
SECRET_BYTES = 32
SEEN_EVERY = rules.MINUTE
"""How exactly it is kept when somebody was here last: not each request is a write."""


class Entered(NamedTuple):
    """Somebody whose session counts."""

    account: Kept
    sign_in: SignIn

    @property
    def is_confirmed(self) -> bool:
        """Whether a second factor was shown within the last minutes."""
        return self.sign_in.confirmed_at > clock.now_ms() - rules.CONFIRMED


def digest(secret: str) -> str:
    """What is kept of a secret: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def add(session: Session, name: str, role: Role, language: str) -> Account:
    """A new account, which enters by a link at first.

    Raises:
        UsageError: it can't have that name.
        RefusedError: there is one of that name, or too many.
    """
    name = rules.check_name(name)
    if await accounts.by_name(session, name) is not None:
        raise RefusedError(f"there is an account {name!r} already", status=409, code="name_taken")
    if await accounts.count(session) >= rules.MOST_ACCOUNTS:
        raise RefusedError(f"there can be {rules.MOST_ACCOUNTS} accounts at most", code="too_many")
    await accounts.add(
        session,
        name=name,
        role=role,
        language=language,
        user_handle=secrets.token_urlsafe(SECRET_BYTES),
        now=clock.now_ms(),
    )
    return (await find(session, name)).plain


async def find(session: Session, name: str) -> Kept:
    """The account of that name.

    Raises:
        NotFoundError: there is none.
    """
    found = await accounts.by_name(session, name.strip().lower())
    if found is None:
        raise NotFoundError(f"there is no account {name[:80]!r}; see: pecfed admin list")
    return found


async def link(session: Session, account: Account) -> str:
    """A secret that lets that account in once, within minutes; earlier ones count no more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    until = clock.now_ms() + rules.LINK_COUNTS
    await sign_ins.add_link(session, digest(secret), account.id, until)
    return secret


async def of_link(session: Session, secret: str) -> Kept | None:
    """Whom a link would let in; looking doesn't use it up."""
    found = await sign_ins.link(session, digest(secret), clock.now_ms())
    return None if found is None else await accounts.by_id(session, found)


async def enter(session: Session, secret: str) -> tuple[Kept, str]:
    """Use a link up; whom it lets in, and the secret of the new session.

    It proves that somebody reads this node's shell, not that they hold a second factor:
    an account that has one is asked for it before anything that changes trust.

    Raises:
        RefusedError: the link was used, is too old, or never was one.
    """
    account = await of_link(session, secret)
    if account is None or not await sign_ins.use_link(session, digest(secret)):
        raise RefusedError("this link doesn't count (any more)", code="link_spent")
    return account, await begin(session, account, confirmed=not account.can_sign_in)


async def begin(session: Session, account: Account, *, confirmed: bool) -> str:
    """Begin a session; its secret, always a new one. `confirmed`: a second factor was shown."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = clock.now_ms()
    await sign_ins.add(
        session, digest(secret), account.id, confirmed_at=now if confirmed else 0, now=now
    )
    return secret


async def entered(session: Session, secret: str) -> Entered | None:
    """Whose session that is, if it counts: not idle for long, nor too old, nor ended."""
    found, now = await sign_ins.get(session, digest(secret)), clock.now_ms()
    if found is None or found.seen_at <= now - rules.IDLE or found.began_at <= now - rules.LONGEST:
        return None
    account = await accounts.by_id(session, found.account_id)
    return Entered(account, found) if account else None


def is_due(entered: Entered) -> bool:
    """Whether it is time to keep that somebody was here."""
    return entered.sign_in.seen_at <= clock.now_ms() - SEEN_EVERY


async def seen(session: Session, entered: Entered) -> None:
    """Somebody did something: the session doesn't end for idleness yet."""
    await sign_ins.seen(session, entered.sign_in.digest, clock.now_ms())


async def sign_out(session: Session, secret: str) -> None:
    """End one session."""
    await sign_ins.end(session, digest(secret))


async def sign_out_everywhere(session: Session, account: Account) -> int:
    """End every session of an account and its links; how many sessions there were."""
    await sign_ins.remove_links(session, account.id)
    return await sign_ins.end_all(session, account.id)


async def end_others(session: Session, entered: Entered) -> None:
    """End every other session of an account and its links; this one gets no younger by it."""
    await sign_ins.remove_links(session, entered.account.id)
    await sign_ins.end_others(session, entered.account.id, entered.sign_in.digest)


async def begin_anew(session: Session, account: Account) -> str:
    """After a change of what an account proves itself by: one new session, the others end.

    The new one counts as confirmed: only what a second factor was shown for may lead here.
    """
    await sign_out_everywhere(session, account)
    return await begin(session, account, confirmed=True)


async def set_role(session: Session, account: Account, role: Role) -> None:
    """Give an account another role; whoever is signed in with it signs in anew.

    What an observer proposed before, waiting for a second reviewer, is dropped.
    """
    await accounts.set_role(session, account.id, role)
    if not rules.may(role, "reviewer"):
        await queue.drop_proposals(session, account.name)
    await sign_out_everywhere(session, account)


async def reset(session: Session, account: Account) -> str:
    """Take away passkeys, password and codes, end every session; a link to begin again with."""
    await sign_out_everywhere(session, account)
    await accounts.remove_passkeys(session, account.id)
    await accounts.set_password(session, account.id, "")
    await accounts.set_totp(session, account.id, "", 0)
    return await link(session, account)


async def remove(session: Session, account: Account) -> None:
    """Delete an account with everything that is its own, proposals too; its sessions end."""
    await queue.drop_proposals(session, account.name)
    await sign_out_everywhere(session, account)
    await accounts.remove_passkeys(session, account.id)
    await accounts.remove(session, account.id)


async def is_last_operator(session: Session, account: Account) -> bool:
    """Whether nobody else is an operator."""
    operators = [each.id for each in await accounts.everyone(session) if each.role == "operator"]
    return operators == [account.id]
