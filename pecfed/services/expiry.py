"""Those who run a node are told in time what soon is no longer valid."""

from __future__ import annotations

from datetime import timedelta

from pecfed import clock
from pecfed.services.notices import notice
from pecfed.store import expiring
from pecfed.store.database import Session

AHEAD = timedelta(days=30)
"""How long before its last day something is told of, once."""


async def tell(session: Session) -> int:
    """Notices of what ends within thirty days, each once; how many were new.

    A node is told of its own statements and of what its actors vouch for, a hub's
    reviewers of the attestations and labels they gave.
    """
    today = clock.now().date()
    found = await expiring.between(session, today.isoformat(), (today + AHEAD).isoformat())
    told = 0
    for each in found:
        is_own = each.kind in {"statement", "endorsement"}
        number = await notice(
            session,
            "expiry",
            subject=each.subject_uri,
            to="operators" if is_own else "reviewers",
            facts={"name": each.name, "kind": each.kind, "until": each.valid_until},
            ref=f"{each.uri} {each.valid_until}",
        )
        told += number is not None
    return told
