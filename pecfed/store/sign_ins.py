"""Who is signed in, and what leads there: one-time links, challenges, failed tries.

Of each secret only a digest is kept, so that a copy of the database opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pecfed.store.database import Session

MOST_CHALLENGES = 1000


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser that is signed in; times are milliseconds since 1970.

    `confirmed_at` is when a second factor was shown last, 0 for never.
    """

    digest: str
    account_id: int
    began_at: int
    seen_at: int
    confirmed_at: int
    pending_totp: str = field(repr=False)


_COLUMNS = "digest, account_id, began_at, seen_at, confirmed_at, pending_totp"


async def add(
    session: Session, digest: str, account_id: int, *, confirmed_at: int, now: int
) -> None:
    """Somebody is signed in from now on."""
    await session.run(
        "INSERT INTO sign_ins (digest, account_id, began_at, seen_at, confirmed_at) "
        "VALUES (?, ?, ?, ?, ?)",
        digest, account_id, now, now, confirmed_at,
    )  # fmt: skip


async def get(session: Session, digest: str) -> SignIn | None:
    """The sign-in with that digest, whether it still counts or not."""
    row = await session.one(f"SELECT {_COLUMNS} FROM sign_ins WHERE digest = ?", digest)
    return SignIn(**dict(row)) if row else None


async def of_account(session: Session, account_id: int) -> Sequence[SignIn]:
    """Where an account is signed in, the newest first."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM sign_ins WHERE account_id = ? ORDER BY began_at DESC, digest",
        account_id,
    )
    return [SignIn(**dict(row)) for row in rows]


async def seen(session: Session, digest: str, now: int) -> None:
    """Somebody who is signed in did something."""
    await session.run("UPDATE sign_ins SET seen_at = ? WHERE digest = ?", now, digest)


async def confirm(session: Session, digest: str, now: int) -> None:
    """A second factor was shown."""
    await session.run("UPDATE sign_ins SET confirmed_at = ? WHERE digest = ?", now, digest)


async def set_pending(session: Session, digest: str, secret: str) -> None:
    """Keep a new secret for codes until its first code is given."""
    await session.run("UPDATE sign_ins SET pending_totp = ? WHERE digest = ?", secret, digest)


async def end(session: Session, digest: str) -> None:
    """Somebody signs out."""
    await session.run("DELETE FROM sign_ins WHERE digest = ?", digest)


async def end_all(session: Session, account_id: int) -> int:
    """End every sign-in of an account; how many there were."""
    return await session.run("DELETE FROM sign_ins WHERE account_id = ?", account_id)


async def end_others(session: Session, account_id: int, digest: str) -> None:
    """End every sign-in of an account but that one."""
    await session.run(
        "DELETE FROM sign_ins WHERE account_id = ? AND digest <> ?", account_id, digest
    )


# ---- one-time links ----------------------------------------------------------------


async def add_link(session: Session, digest: str, account_id: int, expires_at: int) -> None:
    """Keep a link; the account's earlier ones count no more."""
    await remove_links(session, account_id)
    await session.run(
        "INSERT INTO entry_links (digest, account_id, expires_at) VALUES (?, ?, ?)",
        digest, account_id, expires_at,
    )  # fmt: skip


async def link(session: Session, digest: str, now: int) -> int | None:
    """The account that a link still leads to."""
    found = await session.value(
        "SELECT account_id FROM entry_links WHERE digest = ? AND expires_at > ?", digest, now
    )
    return None if found is None else int(found)


async def use_link(session: Session, digest: str) -> bool:
    """Use a link up; False when somebody else just did."""
    return bool(await session.run("DELETE FROM entry_links WHERE digest = ?", digest))


async def remove_links(session: Session, account_id: int) -> None:
    """The links of an account count no more."""
    await session.run("DELETE FROM entry_links WHERE account_id = ?", account_id)


# ---- challenges for passkeys -------------------------------------------------------


async def add_challenge(
    session: Session, digest: str, account_id: int | None, expires_at: int
) -> None:
    """Keep a challenge; beyond a bound the oldest are forgotten."""
    await session.run(
        "DELETE FROM passkey_challenges WHERE digest IN (SELECT digest FROM passkey_challenges "
        f"ORDER BY expires_at DESC LIMIT 1000000 OFFSET {MOST_CHALLENGES - 1})"
    )
    await session.run(
        "INSERT INTO passkey_challenges (digest, account_id, expires_at) VALUES (?, ?, ?)",
        digest, account_id, expires_at,
    )  # fmt: skip


async def use_challenge(session: Session, digest: str, account_id: int | None, now: int) -> bool:
    """Use a challenge up; False when it isn't that account's, is too old or was used."""
    whose = "account_id IS NULL" if account_id is None else "account_id = ?"
    values = () if account_id is None else (account_id,)
    return bool(
        await session.run(
            f"DELETE FROM passkey_challenges WHERE digest = ? AND expires_at > ? AND {whose}",
            digest, now, *values,
        )
    )  # fmt: skip


# ---- failed tries ------------------------------------------------------------------


async def add_failure(session: Session, who: str, now: int) -> None:
    """Somebody failed to show who they are."""
    await session.run("INSERT INTO sign_in_failures (who, at) VALUES (?, ?)", who, now)


async def failures(session: Session, who: str, since: int) -> int:
    """How often that was since then."""
    return int(
        await session.value(
            "SELECT count(*) FROM sign_in_failures WHERE who = ? AND at > ?", who, since
        )
    )


async def forget_failures(session: Session, who: str) -> None:
    """They have shown who they are."""
    await session.run("DELETE FROM sign_in_failures WHERE who = ?", who)


async def prune(session: Session, *, seen_before: int, began_before: int, now: int) -> None:
    """Forget sign-ins that are over, and links, challenges and failures that count no more."""
    await session.run(
        "DELETE FROM sign_ins WHERE seen_at < ? OR began_at < ?", seen_before, began_before
    )
    await session.run("DELETE FROM entry_links WHERE expires_at < ?", now)
    await session.run("DELETE FROM passkey_challenges WHERE expires_at < ?", now)
    await session.run("DELETE FROM sign_in_failures WHERE at < ?", seen_before)
