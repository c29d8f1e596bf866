"""A hub's entries: when each member's collections are read again."""

from __future__ import annotations

import pytest

from pecfed.domain.membership import State
from pecfed.domain.profile import Profile
from pecfed.store import members
from pecfed.store.database import Database, Session

DUE, LEASE, LATER = 1_000, 600, 90_000


@pytest.mark.parametrize(("state", "asked_meanwhile", "due"), [
    ("member", False, LATER),
    ("asked", False, None),
    ("member", True, DUE + 1),
])  # fmt: skip
async def test_after_a_reading(
    database: Database, state: State, asked_meanwhile: bool, due: int | None
) -> None:
    """A member is read again later, an applicant when asked for; a newer request stands."""

    async def story(session: Session) -> int | None:
        entry = await members.add(
            session, slug="lilas@lilas.example", uri="https://lilas.example/actors/lilas",
            state=state, profile=Profile("Lilas"), source=[], now=DUE,
        )  # fmt: skip
        await members.read_at(session, entry.id, DUE)
        claimed = await members.claim_reading(session, DUE, LEASE)
        assert claimed is not None
        assert await members.claim_reading(session, DUE, LEASE) is None
        if asked_meanwhile:
            await members.read_at(session, entry.id, DUE + 1)
        await members.was_read(session, entry.id, LATER, claimed.read_due_at)
        found = await members.by_uri(session, "https://lilas.example/actors/lilas")
        assert found is not None
        return found.read_due_at

    assert await database.write(story) == due
