"""Accounts of the admin pages, and the passkeys they sign in with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pecfed.domain.account import Account, Role
from pecfed.store.database import Session


@dataclass(frozen=True, slots=True)
class Kept(Account):
    """An account with what it proves itself by; nothing of that is printed."""

    user_handle: str = field(repr=False)
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_step: int
    created_at: int
    passkeys: int

    @property
    def can_sign_in(self) -> bool:
        """Whether it has a passkey, or a password with codes."""
        return self.passkeys > 0 or bool(self.password and self.totp_secret)

    @property
    def plain(self) -> Account:
        """The account without its secrets."""
        return Account(self.id, self.name, self.role, self.language)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of an account; times are milliseconds since 1970."""

    id: str
    account_id: int
    public_key: str
    sign_count: int
    label: str
    added_at: int
    used_at: int | None


_COLUMNS = (
    "a.id, a.name, a.role, a.language, a.user_handle, a.password, a.totp_secret, a.totp_step, "
    "a.created_at, (SELECT count(*) FROM passkeys p WHERE p.account_id = a.id) AS passkeys"
)
_OF_KEY = "id, account_id, public_key, sign_count, label, added_at, used_at"


async def add(
    session: Session, *, name: str, role: Role, language: str, user_handle: str, now: int
) -> None:
    """Keep a new account, which can't sign in yet."""
    await session.run(
        "INSERT INTO accounts (name, role, language, user_handle, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        name, role, language, user_handle, now,
    )  # fmt: skip


async def everyone(session: Session) -> Sequence[Kept]:
    """Every account, by name."""
    rows = await session.all(f"SELECT {_COLUMNS} FROM accounts a ORDER BY a.name")
    return [Kept(**dict(row)) for row in rows]


async def count(session: Session) -> int:
    """How many accounts there are."""
    return int(await session.value("SELECT count(*) FROM accounts"))


async def by_name(session: Session, name: str) -> Kept | None:
    """The account of that name."""
    row = await session.one(f"SELECT {_COLUMNS} FROM accounts a WHERE a.name = ?", name)
    return Kept(**dict(row)) if row else None


async def by_id(session: Session, id_: int) -> Kept | None:
    """The account with that number."""
    row = await session.one(f"SELECT {_COLUMNS} FROM accounts a WHERE a.id = ?", id_)
    return Kept(**dict(row)) if row else None


async def set_role(session: Session, id_: int, role: Role) -> None:
    """Give an account another role."""
    await session.run("UPDATE accounts SET role = ? WHERE id = ?", role, id_)


async def set_language(session: Session, id_: int, language: str) -> None:
    """Give an account another language."""
    await session.run("UPDATE accounts SET language = ? WHERE id = ?", language, id_)


async def set_password(session: Session, id_: int, password: str) -> None:
    """Keep the hash of an account's password; "" takes it away."""
    await session.run("UPDATE accounts SET password = ? WHERE id = ?", password, id_)


async def set_totp(session: Session, id_: int, secret: str, step: int) -> None:
    """Keep an account's secret for codes, and the newest step that was used; "" takes it away."""
    await session.run(
        "UPDATE accounts SET totp_secret = ?, totp_step = ? WHERE id = ?", secret, step, id_
    )


async def use_step(session: Session, id_: int, secret: str, step: int) -> bool:
    """Use up a step, and all before it; False when that was done already."""
    return bool(
        await session.run(
            "UPDATE accounts SET totp_step = ? "
            "WHERE id = ? AND totp_secret = ? AND totp_step < ?",
            step, id_, secret, step,
        )
    )  # fmt: skip


async def remove(session: Session, id_: int) -> None:
    """Delete an account; its passkeys, links and sign-ins must be gone."""
    await session.run("DELETE FROM accounts WHERE id = ?", id_)


# ---- passkeys ----------------------------------------------------------------------


async def add_passkey(
    session: Session,
    *,
    id_: str,
    account_id: int,
    public_key: str,
    sign_count: int,
    label: str,
    now: int,
) -> bool:
    """Keep a passkey; False when one of that id is there already."""
    return bool(
        await session.run(
            "INSERT INTO passkeys (id, account_id, public_key, sign_count, label, added_at) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            id_, account_id, public_key, sign_count, label, now,
        )
    )  # fmt: skip


async def passkey(session: Session, id_: str) -> Passkey | None:
    """The passkey of that id."""
    row = await session.one(f"SELECT {_OF_KEY} FROM passkeys WHERE id = ?", id_)
    return Passkey(**dict(row)) if row else None


async def passkeys(session: Session, account_id: int) -> Sequence[Passkey]:
    """The passkeys of an account, the oldest first."""
    rows = await session.all(
        f"SELECT {_OF_KEY} FROM passkeys WHERE account_id = ? ORDER BY added_at, id", account_id
    )
    return [Passkey(**dict(row)) for row in rows]


async def passkey_used(session: Session, id_: str, sign_count: int, now: int) -> None:
    """Keep what a passkey counts its uses by, and when it was used last."""
    await session.run(
        "UPDATE passkeys SET sign_count = ?, used_at = ? WHERE id = ?", sign_count, now, id_
    )


async def remove_passkey(session: Session, account_id: int, id_: str) -> bool:
    """Delete a passkey of an account; False when it has none of that id."""
    return bool(
        await session.run("DELETE FROM passkeys WHERE account_id = ? AND id = ?", account_id, id_)
    )


async def remove_passkeys(session: Session, account_id: int) -> None:
    """Delete every passkey of an account."""
    await session.run("DELETE FROM passkeys WHERE account_id = ?", account_id)
