"""What of ours soon is no longer valid: statements that our actors published, and credentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecfed.store.database import Session


@dataclass(frozen=True, slots=True)
class Expiring:
    """One thing with its last day (ISO); `kind` is statement, endorsement, attestation or label."""

    uri: str
    kind: str
    subject_uri: str
    name: str
    valid_until: str


async def between(session: Session, first: str, last: str) -> Sequence[Expiring]:
    """What ends on one of these days (ISO, both included), but for what is withdrawn or revoked."""
    rows = await session.all(
        "SELECT o.uri, 'statement' AS kind, o.actor_uri AS subject_uri, a.username AS name, "
        "o.valid_until FROM objects o JOIN actors a ON a.id = o.actor_id "
        "WHERE o.kind = 'statement' AND o.deleted_at IS NULL "
        "AND o.valid_until >= ? AND o.valid_until <= ? "
        "UNION ALL SELECT c.uri, c.kind, c.subject_uri, COALESCE(r.name, c.subject_uri) AS name, "
        "c.valid_until FROM credentials c LEFT JOIN remote_actors r ON r.uri = c.subject_uri "
        "WHERE c.revoked_at IS NULL AND c.valid_until >= ? AND c.valid_until <= ? "
        "ORDER BY 5, 1",
        first, last, first, last,
    )  # fmt: skip
    return [Expiring(**dict(row)) for row in rows]
