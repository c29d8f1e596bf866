"""How other servers want to be spoken to: kept, changed, forgotten after a while."""

from __future__ import annotations

from pecfed.store import peers
from pecfed.store.database import Database, Session


async def test_what_was_learned(database: Database) -> None:
    """The latest word counts; an old one is forgotten, and would be learned again."""
    a, b = "https://a.example:443", "https://b.example:443"

    async def learn_all(session: Session) -> None:
        for at, (origin, way) in enumerate([(a, "rfc9421"), (b, "ed25519"), (a, "cavage")]):
            await peers.learn(session, origin, way, at)

    await database.write(learn_all)
    assert await database.read(peers.ways) == {a: "cavage", b: "ed25519"}
    assert await database.write(lambda session: peers.prune(session, 2)) == 1
    assert await database.read(peers.ways) == {a: "cavage"}
