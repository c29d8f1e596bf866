"""The key pairs of our actors: public halves, and from when until when each counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pecfed.store.database import Session

Kind = Literal["rsa", "ed25519", "attestation"]
KINDS: tuple[Kind, ...] = ("rsa", "ed25519", "attestation")


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of one of our actors; times are milliseconds since 1970.

    `public` is an SPKI PEM (rsa) or a Multikey (ed25519, and attestation: the Ed25519 key
    with which a hub signs its credentials and nothing else). It is current until it is
    retired; a retired one is still listed, `expires_at` is until when what it signs
    counts. A revoked one is listed nowhere.
    """

    uri: str
    kind: Kind
    public: str
    created_at: int
    retired_at: int | None = None
    expires_at: int | None = None
    revoked_at: int | None = None

    @property
    def state(self) -> str:
        """current, retired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "current" if self.retired_at is None else "retired"


COLUMNS = "uri, kind, public, created_at, retired_at, expires_at, revoked_at"


async def add(session: Session, actor_id: int, uri: str, kind: Kind, public: str, now: int) -> None:
    """Keep a new key, which is current from now on."""
    await session.run(
        "INSERT INTO keys (actor_id, uri, kind, public, created_at) VALUES (?, ?, ?, ?, ?)",
        actor_id, uri, kind, public, now,
    )  # fmt: skip


async def of_actor(session: Session, actor_id: int) -> Sequence[OwnKey]:
    """Every key an actor ever had, the oldest first."""
    rows = await session.all(f"SELECT {COLUMNS} FROM keys WHERE actor_id = ? ORDER BY id", actor_id)
    return [OwnKey(**dict(row)) for row in rows]


async def current(session: Session) -> dict[tuple[str, str], str]:
    """The uri of every actor's current keys, by (user name, kind)."""
    rows = await session.all(
        "SELECT a.username, k.kind, k.uri FROM keys k JOIN actors a ON a.id = k.actor_id "
        "WHERE k.retired_at IS NULL AND k.revoked_at IS NULL ORDER BY k.id"
    )
    return {(row["username"], row["kind"]): row["uri"] for row in rows}


async def made_at(session: Session) -> dict[str, int]:
    """When each actor's current keys were made, by their uri."""
    rows = await session.all(
        "SELECT uri, created_at FROM keys WHERE retired_at IS NULL AND revoked_at IS NULL"
    )
    return {row["uri"]: row["created_at"] for row in rows}


async def retire(session: Session, uri: str, now: int, expires_at: int) -> None:
    """A newer key takes the place of this one, which counts until `expires_at`."""
    await session.run(
        "UPDATE keys SET retired_at = ?, expires_at = ? WHERE uri = ? AND retired_at IS NULL",
        now, expires_at, uri,
    )  # fmt: skip


async def revoke(session: Session, uri: str, now: int) -> None:
    """Nothing that this key signed counts any more, whenever it was."""
    await session.run(
        "UPDATE keys SET revoked_at = ?, retired_at = coalesce(retired_at, CAST(? AS BIGINT)) "
        "WHERE uri = ? AND revoked_at IS NULL",
        now, now, uri,
    )  # fmt: skip


async def ended(session: Session, now: int) -> Sequence[tuple[str, str]]:
    """The keys whose private half nobody needs any more, as (user name, uri)."""
    rows = await session.all(
        "SELECT a.username, k.uri FROM keys k JOIN actors a ON a.id = k.actor_id "
        "WHERE k.revoked_at IS NOT NULL OR k.expires_at <= ? ORDER BY k.id",
        now,
    )
    return [(row["username"], row["uri"]) for row in rows]
