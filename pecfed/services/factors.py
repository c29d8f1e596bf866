"""What an account proves itself by: password with a code, or a passkey; tries are counted.

A try is counted before it is judged, so that many at once are not judged for free. Nothing
here raises for a wrong try: what was counted has to stay.

What refuses somebody is never counted where only strangers are needed to fill it: tries of an
account count with the address they come from, codes in a session with that session, and wrong
codes of an account from everywhere only after its right password.
"""

from __future__ import annotations

import base64
import secrets
from typing import Literal, NamedTuple

from pecfed import clock
from pecfed.domain import account as rules
from pecfed.domain import totp
from pecfed.domain.account import Account
from pecfed.services.accounts import Entered, begin, begin_anew, digest
from pecfed.store import accounts, sign_ins
from pecfed.store.accounts import Kept, Passkey
from pecfed.store.database import Session

Outcome = Literal["right", "wrong", "too_many"]


class Try(NamedTuple):
    """Somebody who says who they are, from where."""

    address: str
    name: str = ""

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """What the try counts for, and how many of it are judged in a quarter of an hour."""
        address = (f"address {self.address}", rules.FAILURES_OF_ADDRESS)
        account = (f"{self.everywhere} from {self.address}", rules.FAILURES_OF_ACCOUNT)
        return (address, account) if self.name else (address,)

    @property
    def everywhere(self) -> str:
        """What tries of that account count for wherever they come from: it slows them down."""
        return f"account {self.name}"


async def may_try(session: Session, given: Try) -> bool:
    """Count a try; False when there were too many, which don't count again."""
    if await is_barred(session, given):
        return False
    for who, _ in given.counted:
        await sign_ins.add_failure(session, who, clock.now_ms())
    if given.name:
        await sign_ins.add_failure(session, given.everywhere, clock.now_ms())
    return True


async def is_barred(session: Session, given: Try) -> bool:
    """Whether there were too many tries from there, of that account or in all."""
    for who, most in given.counted:
        if await _failures(session, who) >= most:
            return True
    return False


async def pause(session: Session, given: Try) -> float:
    """Seconds that a try waits before it is judged: many of that account slow each other down."""
    return rules.pause(await _failures(session, given.everywhere))


def _codes(account: Account) -> str:
    """What wrong codes after the right password count for."""
    return f"codes {account.name}"


async def _failures(session: Session, who: str) -> int:
    """How many still count."""
    return await sign_ins.failures(session, who, clock.now_ms() - rules.FAILURES_SINCE)


async def succeeded(session: Session, given: Try) -> None:
    """A try was right: those before it count no more."""
    for who, _ in given.counted:
        await sign_ins.forget_failures(session, who)
    if given.name:
        await sign_ins.forget_failures(session, given.everywhere)


async def sign_in_by_password(
    session: Session, given: Try, seen: Kept | None, is_right: bool, code: str
) -> str | None:
    """Begin a session after the password was compared; its secret, or None where that fails.

    `seen` is the account as it was then: where its password has changed since, it fails. So
    does a right code after too many wrong ones; saying so would tell that the password is right.
    """
    account = await accounts.by_id(session, seen.id) if seen else None
    if not (account and seen and is_right and account.password == seen.password):
        return None
    codes = _codes(account)
    if await _failures(session, codes) >= rules.FAILURES_OF_CODES:
        return None
    if not await take_code(session, account, code):
        await sign_ins.add_failure(session, codes, clock.now_ms())
        return None
    await sign_ins.forget_failures(session, codes)
    await succeeded(session, given)
    return await begin(session, account, confirmed=True)


async def take_code(session: Session, account: Kept, code: str) -> bool:
    """Whether that is a code of the account that wasn't used before (RFC 6238 section 5.2)."""
    step = totp.step_shown(account.totp_secret, code, clock.now())
    return step is not None and await accounts.use_step(
        session, account.id, account.totp_secret, step
    )


async def confirm_by_code(session: Session, entered: Entered, code: str) -> Outcome:
    """Take a code as the second factor of a session that has begun."""
    who = f"session {entered.sign_in.digest}"
    if await _failures(session, who) >= rules.FAILURES_OF_SESSION:
        return "too_many"
    await sign_ins.add_failure(session, who, clock.now_ms())
    if not await take_code(session, entered.account, code):
        return "wrong"
    await sign_ins.forget_failures(session, who)
    await sign_ins.confirm(session, entered.sign_in.digest, clock.now_ms())
    return "right"


# ---- password and codes --------------------------------------------------------------


async def new_secret(session: Session, entered: Entered) -> str:
    """A new secret for codes, which this session is about to take."""
    secret = base64.b32encode(secrets.token_bytes(totp.SECRET_BYTES)).decode("ascii")
    await sign_ins.set_pending(session, entered.sign_in.digest, secret)
    return secret


def may_choose(entered: Entered) -> bool:
    """Whether somebody may still choose the password that they began to set."""
    since = clock.now_ms() - rules.CHOOSING
    is_late = entered.account.can_sign_in and entered.sign_in.confirmed_at <= since
    return bool(entered.sign_in.pending_totp) and not is_late


async def set_password(session: Session, entered: Entered, hashed: str, code: str) -> str | None:
    """Keep a password, and the secret that a code of was given; the secret of a new session.

    None where it is no code of the pending secret. Every other session of the account ends.
    """
    pending = entered.sign_in.pending_totp
    step = totp.step_shown(pending, code, clock.now())
    if step is None:
        return None
    await accounts.set_totp(session, entered.account.id, pending, step)
    await accounts.set_password(session, entered.account.id, hashed)
    # whoever guessed codes knew the password before this one
    await sign_ins.forget_failures(session, _codes(entered.account))
    return await begin_anew(session, entered.account)


async def remove_password(session: Session, account: Account) -> str:
    """Take away password and codes; the secret of a new session, the others end."""
    await accounts.set_password(session, account.id, "")
    await accounts.set_totp(session, account.id, "", 0)
    return await begin_anew(session, account)


# ---- passkeys ------------------------------------------------------------------------


async def challenge(session: Session, account: Account | None) -> str:
    """Something new for a passkey to sign, for an account or for somebody who signs in."""
    made = secrets.token_urlsafe(32)
    until = clock.now_ms() + rules.CHALLENGE_COUNTS
    await sign_ins.add_challenge(session, digest(made), account.id if account else None, until)
    return made


async def use_challenge(session: Session, account: Account | None, made: str) -> bool:
    """Whether that was asked of them, and not answered before."""
    whose = account.id if account else None
    return await sign_ins.use_challenge(session, digest(made), whose, clock.now_ms())


async def sign_in_by_passkey(
    session: Session, given: Try, key: Passkey, sign_count: int, made: str
) -> str | None:
    """Begin a session for whoever answered that challenge with that passkey; its secret."""
    if not await use_challenge(session, None, made):
        return None
    account = await _used(session, key, sign_count)
    if account is None:
        return None
    await succeeded(session, given)
    return await begin(session, account, confirmed=True)


async def confirm_by_passkey(
    session: Session, entered: Entered, key: Passkey, sign_count: int, made: str
) -> bool:
    """Take a passkey as the second factor of a session that has begun."""
    if key.account_id != entered.account.id:
        return False
    if not await use_challenge(session, entered.account, made):
        return False
    if await _used(session, key, sign_count) is None:
        return False
    await sign_ins.confirm(session, entered.sign_in.digest, clock.now_ms())
    return True


async def _used(session: Session, key: Passkey, sign_count: int) -> Kept | None:
    """Keep that a passkey was used; None when it was taken away meanwhile."""
    now = await accounts.passkey(session, key.id)
    if now is None:
        return None
    await accounts.passkey_used(session, key.id, sign_count, clock.now_ms())
    return await accounts.by_id(session, now.account_id)


async def add_passkey(
    session: Session, entered: Entered, *, id_: str, public_key: str, sign_count: int, label: str
) -> bool:
    """Keep a new passkey of an account; False when there are too many, or it is known."""
    mine = await accounts.passkeys(session, entered.account.id)
    if len(mine) >= rules.MOST_PASSKEYS:
        return False
    return await accounts.add_passkey(
        session,
        id_=id_,
        account_id=entered.account.id,
        public_key=public_key,
        sign_count=sign_count,
        label=label,
        now=clock.now_ms(),
    )
