"""Who is told by mail, and the mails that wait, went or were given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.domain.notice import Notice
from pecfed.store.database import Row, Session
from pecfed.store.notices import COLUMNS, notice_of

LEASE = 600_000
"""Milliseconds that a mail belongs to the process that sends it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told by mail; times are milliseconds since 1970.

    Mails go out until it says goodbye. `account` is "" for an address that nobody signs in
    with; else role and language are the account's, the role "" once there is no such account.
    """

    id: int
    address: str
    account: str
    role: str
    language: str
    token: str
    ended_at: int | None
    added_at: int

    @property
    def is_told(self) -> bool:
        """Whether mails go to it."""
        return self.ended_at is None and self.role != ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that is due, with its recipient and what it tells."""

    id: int
    message_id: str
    attempts: int
    recipient: Recipient
    notices: Sequence[Notice]


_ROLE = "CASE WHEN r.account = '' THEN r.role ELSE COALESCE(a.role, '') END"
_COLUMNS = (
    "r.id, r.address, r.account, "
    f"{_ROLE} AS role, "
    "COALESCE(a.language, r.language) AS language, r.token, r.ended_at, r.added_at"
)
_FROM = "FROM mail_recipients r LEFT JOIN accounts a ON a.name = r.account AND r.account <> ''"


def _recipient(row: Row) -> Recipient:
    return Recipient(**dict(row))


async def recipients(session: Session) -> Sequence[Recipient]:
    """All of them, those that said goodbye too, by address."""
    rows = await session.all(f"SELECT {_COLUMNS} {_FROM} ORDER BY r.address")
    return [_recipient(row) for row in rows]


async def by_address(session: Session, address: str) -> Recipient | None:
    """The recipient with that address."""
    row = await session.one(f"SELECT {_COLUMNS} {_FROM} WHERE r.address = ?", address)
    return _recipient(row) if row else None


async def by_account(session: Session, account: str) -> Recipient | None:
    """The address of an account."""
    row = await session.one(
        f"SELECT {_COLUMNS} {_FROM} WHERE r.account = ? AND r.account <> ''", account
    )
    return _recipient(row) if row else None


async def by_token(session: Session, token: str) -> Recipient | None:
    """The recipient whose mails bear that token."""
    row = await session.one(f"SELECT {_COLUMNS} {_FROM} WHERE r.token = ?", token)
    return _recipient(row) if row else None


async def put(
    session: Session,
    *,
    address: str,
    account: str,
    role: str,
    language: str,
    token: str,
    now: int,
) -> None:
    """Add an address, or change who it belongs to; it begins anew after a goodbye."""
    await session.run(
        "INSERT INTO mail_recipients (address, account, role, language, token, added_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET "
        "account = excluded.account, role = excluded.role, language = excluded.language, "
        "token = excluded.token, ended_at = NULL",
        address, account, role, language, token, now,
    )  # fmt: skip


async def end(session: Session, recipient_id: int, now: int) -> bool:
    """It said goodbye: what waited for it isn't sent; False when it had said so before."""
    await session.run(
        "UPDATE mails SET state = 'parked', error = 'goodbye' "
        "WHERE recipient_id = ? AND state = 'waiting'",
        recipient_id,
    )
    return bool(
        await session.run(
            "UPDATE mail_recipients SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
            now, recipient_id,
        )
    )  # fmt: skip


async def forget(session: Session, recipient_id: int) -> None:
    """Delete an address with all that was sent to it."""
    await session.run("DELETE FROM mailed WHERE recipient_id = ?", recipient_id)
    await session.run("DELETE FROM mails WHERE recipient_id = ?", recipient_id)
    await session.run("DELETE FROM mail_recipients WHERE id = ?", recipient_id)


async def told(session: Session, roles: Sequence[str], account: str) -> Sequence[Recipient]:
    """Who is told by mail: those with one of the roles, and that account."""
    places = ", ".join("?" * len(roles)) or "NULL"
    rows = await session.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE r.ended_at IS NULL AND {_ROLE} <> '' "
        f"AND ({_ROLE} IN ({places}) OR (r.account = ? AND r.account <> '')) ORDER BY r.id",
        *roles, account,
    )  # fmt: skip
    return [_recipient(row) for row in rows]


async def attach(
    session: Session, recipient_id: int, notice_id: int, message_id: str, due_at: int, now: int
) -> None:
    """Put a notice into the recipient's waiting mail, or into a new one; each notice once.

    A mail that was tried stays as it is: what a server may have taken already doesn't grow.
    """
    mail_id = await session.value(
        "SELECT id FROM mails WHERE recipient_id = ? AND state = 'waiting' AND attempts = 0 "
        f"ORDER BY id LIMIT 1 {session.hold}",
        recipient_id,
    )
    if mail_id is None:
        mail_id = await session.value(
            "INSERT INTO mails (recipient_id, message_id, state, due_at, made_at) "
            "VALUES (?, ?, 'waiting', ?, ?) RETURNING id",
            recipient_id, message_id, due_at, now,
        )  # fmt: skip
    await session.run(
        "INSERT INTO mailed (recipient_id, notice_id, mail_id) VALUES (?, ?, ?) "
        "ON CONFLICT (recipient_id, notice_id) DO NOTHING",
        recipient_id, notice_id, mail_id,
    )  # fmt: skip


async def last_made(session: Session, recipient_id: int) -> int:
    """When the recipient's newest mail was begun; 0 where there was none."""
    return int(
        await session.value("SELECT max(made_at) FROM mails WHERE recipient_id = ?", recipient_id)
        or 0
    )


async def claim(session: Session, now: int) -> Mail | None:
    """The mail that is due, its attempt counted, and leased so that no other process sends it."""
    row = await session.one(
        "SELECT id, recipient_id, message_id, attempts FROM mails WHERE state = 'waiting' "
        f"AND due_at <= ? ORDER BY due_at, id LIMIT 1 {session.skip_locked}",
        now,
    )
    if row is None:
        return None
    await session.run(
        "UPDATE mails SET attempts = attempts + 1, due_at = ? WHERE id = ?", now + LEASE, row["id"]
    )
    person = await session.one(f"SELECT {_COLUMNS} {_FROM} WHERE r.id = ?", row["recipient_id"])
    assert person is not None
    rows = await session.all(
        f"SELECT {COLUMNS} FROM mailed d "
        "JOIN notices n ON n.id = d.notice_id WHERE d.mail_id = ? ORDER BY n.id",
        row["id"],
    )
    told_of = [notice_of(each) for each in rows]
    return Mail(row["id"], row["message_id"], row["attempts"] + 1, _recipient(person), told_of)


async def any_due(session: Session, now: int) -> bool:
    """Whether a mail is due."""
    return bool(
        await session.value(
            "SELECT 1 FROM mails WHERE state = 'waiting' AND due_at <= ? LIMIT 1", now
        )
    )


async def sent(session: Session, mail_id: int, now: int) -> None:
    """A mail server took it."""
    await session.run(
        "UPDATE mails SET state = 'sent', sent_at = ?, error = '' WHERE id = ?", now, mail_id
    )


async def failed(session: Session, mail_id: int, error: str, again_at: int | None) -> None:
    """It wasn't taken: again at that time, or never where there is none."""
    await session.run(
        "UPDATE mails SET error = ?, state = ?, due_at = ? WHERE id = ? AND state = 'waiting'",
        error, "parked" if again_at is None else "waiting", again_at or 0, mail_id,
    )  # fmt: skip


async def counts(session: Session) -> dict[str, int]:
    """How many mails wait, were sent, were given up."""
    rows = await session.all("SELECT state, count(*) AS n FROM mails GROUP BY state")
    found = {row["state"]: int(row["n"]) for row in rows}
    return {state: found.get(state, 0) for state in ("waiting", "sent", "parked")}


async def retry(session: Session, now: int) -> int:
    """Try anew what was given up, but for those that said goodbye; how many."""
    return await session.run(
        "UPDATE mails SET state = 'waiting', due_at = ?, error = '' WHERE state = 'parked' "
        "AND recipient_id IN (SELECT id FROM mail_recipients "
        "WHERE ended_at IS NULL)",
        now,
    )


async def prune(session: Session, before: int) -> None:
    """Forget mails that were sent or given up before."""
    old = "(SELECT id FROM mails WHERE state <> 'waiting' AND made_at < ?)"
    await session.run(f"DELETE FROM mailed WHERE mail_id IN {old}", before)
    await session.run("DELETE FROM mails WHERE state <> 'waiting' AND made_at < ?", before)
