"""On a hub: whom the operator invited by handle, when it was asked, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation; times are milliseconds since 1970.

    `state` is open, willing or declined; `proof` (join, reply or link) and `proof_uri`
    say how it was answered, "" while it is open.
    """

    member_id: int
    actor_uri: str
    state: str
    note_uri: str
    asked_at: int
    looked_at: int | None
    proof: str
    proof_uri: str
    answered_at: int | None


def _invitation(row: Row) -> Invitation:
    return Invitation(**dict(row))


async def ask(session: Session, member_id: int, actor_uri: str, note_uri: str, now: int) -> None:
    """An actor is asked (anew); what it answered before no longer counts.

    It has one invitation: one for another entry, which was taken off since, is forgotten.
    """
    await session.run(
        "DELETE FROM invitations WHERE actor_uri = ? AND member_id <> ?", actor_uri, member_id
    )
    await session.run(
        "INSERT INTO invitations (member_id, actor_uri, state, note_uri, asked_at) "
        "VALUES (?, ?, 'open', ?, ?) ON CONFLICT (member_id) DO UPDATE SET "
        "actor_uri = excluded.actor_uri, state = 'open', note_uri = excluded.note_uri, "
        "asked_at = excluded.asked_at, looked_at = NULL, proof = '', proof_uri = '', "
        "answered_at = NULL",
        member_id, actor_uri, note_uri, now,
    )  # fmt: skip


async def answered(
    session: Session, member_id: int, state: str, proof: str, proof_uri: str, now: int
) -> None:
    """It answered: `state` is willing or declined."""
    await session.run(
        "UPDATE invitations SET state = ?, proof = ?, proof_uri = ?, answered_at = ? "
        "WHERE member_id = ?",
        state, proof, proof_uri, now, member_id,
    )  # fmt: skip


async def looked(session: Session, member_id: int, now: int) -> None:
    """Its profile was looked at."""
    await session.run("UPDATE invitations SET looked_at = ? WHERE member_id = ?", now, member_id)


async def of_member(session: Session, member_id: int) -> Invitation | None:
    """The invitation behind an entry."""
    row = await session.one("SELECT * FROM invitations WHERE member_id = ?", member_id)
    return _invitation(row) if row else None


async def of_actor(session: Session, actor_uri: str) -> Invitation | None:
    """The invitation of an actor."""
    row = await session.one("SELECT * FROM invitations WHERE actor_uri = ?", actor_uri)
    return _invitation(row) if row else None


async def by_handle(session: Session, handle: str) -> Invitation | None:
    """The invitation of the actor with that handle (name@host)."""
    row = await session.one(
        "SELECT i.* FROM invitations i JOIN remote_actors r ON r.uri = i.actor_uri "
        "WHERE r.handle = ? ORDER BY i.asked_at DESC LIMIT 1",
        handle,
    )
    return _invitation(row) if row else None


async def is_open(session: Session, actor_uri: str) -> bool:
    """Whether that actor was asked and hasn't answered."""
    return bool(
        await session.value(
            "SELECT 1 FROM invitations WHERE actor_uri = ? AND state = 'open'", actor_uri
        )
    )
