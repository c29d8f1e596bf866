"""What invited organisations asked for, and which of them are kept off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that an organisation asked for; times are milliseconds since 1970.

    `kind` is claim or take-off, `proof_uri` where on its own site the proof stood ("" where
    there was none), `state` open or closed.
    """

    id: int
    member_id: int
    kind: str
    proof_uri: str
    handle: str
    words: str
    state: str
    at: int
    closed_at: int | None


_COLUMNS = ", ".join(Claim.__slots__)


def _claim(row: Row) -> Claim:
    return Claim(**dict(row))


async def add(
    session: Session,
    *,
    member_id: int,
    kind: str,
    proof_uri: str,
    handle: str,
    words: str,
    state: str,
    now: int,
) -> int | None:
    """Keep what was asked; its number, or None where exactly that was asked before."""
    number: int | None = await session.value(
        "INSERT INTO claims (member_id, kind, proof_uri, handle, words, state, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (member_id, kind, proof_uri, handle, words) DO NOTHING RETURNING id",
        member_id, kind, proof_uri, handle, words, state, now,
    )  # fmt: skip
    return number


async def by_id(session: Session, claim_id: int) -> Claim | None:
    """The claim with that number."""
    row = await session.one(f"SELECT {_COLUMNS} FROM claims WHERE id = ?", claim_id)
    return _claim(row) if row else None


async def listing(session: Session, limit: int, *, closed: bool = False) -> Sequence[Claim]:
    """Claims, the newest first; with `closed` those that are dealt with, too."""
    where = "" if closed else "WHERE state = 'open' "
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM claims {where}ORDER BY id DESC LIMIT ?", limit
    )
    return [_claim(row) for row in rows]


async def count_unproven(session: Session, member_id: int = 0) -> int:
    """How many that nothing proves are open, of one entry or in all."""
    return int(
        await session.value(
            "SELECT count(*) FROM claims WHERE state = 'open' AND proof_uri = '' "
            "AND (member_id = ? OR CAST(? AS BIGINT) = 0)",
            member_id, member_id,
        )
    )  # fmt: skip


async def close(session: Session, claim_id: int, now: int) -> bool:
    """The operator has dealt with it; False when it was closed before."""
    return bool(
        await session.run(
            "UPDATE claims SET state = 'closed', closed_at = ? WHERE id = ? AND state = 'open'",
            now, claim_id,
        )
    )  # fmt: skip


async def confirmed(session: Session, member_id: int) -> Claim | None:
    """The newest proof that the organisation itself knows of its entry."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM claims WHERE member_id = ? AND kind = 'claim' "
        "AND proof_uri <> '' ORDER BY id DESC LIMIT 1",
        member_id,
    )
    return _claim(row) if row else None


async def prune(session: Session, closed_before: int) -> None:
    """Forget what nothing proved and was dealt with before."""
    await session.run("DELETE FROM claims WHERE proof_uri = '' AND closed_at < ?", closed_before)


# ------------------------------------------------------------------ kept off


async def keep_off(session: Session, keys: Sequence[str], slug: str, now: int) -> None:
    """What is known by these keys isn't listed again by an invitation."""
    for key in keys:
        await session.run(
            "INSERT INTO kept_off (key, slug, at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
            key, slug, now,
        )  # fmt: skip


async def is_kept_off(session: Session, keys: Sequence[str]) -> bool:
    """Whether something known by any of these keys asked not to be listed."""
    places = ", ".join("?" * len(keys))
    return bool(
        await session.value(f"SELECT 1 FROM kept_off WHERE key IN ({places}) LIMIT 1", *keys)
    )


async def allow(session: Session, slug: str) -> int:
    """An entry may be listed again: it said so itself. How many keys were kept for it."""
    return await session.run("DELETE FROM kept_off WHERE slug = ?", slug)
