"""The key pairs of our actors: which is current, which is listed, on both engines."""

from __future__ import annotations

from pecfed.store import actors, keys
from pecfed.store.database import Database, Session
from tests.things import NOW, local_actor

RUCHE = "https://node.example/actors/ruche"


async def test_an_actor_begins_with_two_keys(database: Database) -> None:
    """Both current; they come with the actor, however it is found."""
    made = await database.write(local_actor)
    assert [(key.uri, key.kind, key.state) for key in made.keys] == [
        (f"{RUCHE}#main-key", "rsa", "current"),
        (f"{RUCHE}#ed25519-key", "ed25519", "current"),
    ]

    async def found(session: Session) -> list[actors.LocalActor | None]:
        return [
            await actors.by_username(session, "ruche"),
            await actors.by_uri(session, RUCHE),
            await actors.by_id(session, made.id, hold=True),
            *await actors.everyone(session),
        ]

    assert await database.write(found) == [made] * 4


async def test_a_key_is_retired_then_revoked(database: Database) -> None:
    """A retired key still comes with its actor, a revoked one no more; its row stays."""

    async def work(session: Session) -> None:
        ruche = await local_actor(session)
        await keys.add(session, ruche.id, f"{RUCHE}#rsa-2", "rsa", "PEM", NOW + 1)
        await keys.retire(session, f"{RUCHE}#main-key", NOW + 1, NOW + 100)
        await keys.retire(session, f"{RUCHE}#main-key", NOW + 2, NOW + 900)
        assert (await keys.current(session))["ruche", "rsa"] == f"{RUCHE}#rsa-2"
        fresh = await actors.by_id(session, ruche.id)
        assert [key.state for key in fresh.keys] == ["retired", "current", "current"]
        assert fresh.keys[0].expires_at == NOW + 100
        assert await keys.ended(session, NOW + 99) == []
        assert await keys.ended(session, NOW + 100) == [("ruche", f"{RUCHE}#main-key")]
        await keys.revoke(session, f"{RUCHE}#main-key", NOW + 3)
        await keys.revoke(session, f"{RUCHE}#ed25519-key", NOW + 4)
        (left,) = (await actors.by_id(session, ruche.id)).keys
        assert left.uri == f"{RUCHE}#rsa-2"
        every = await keys.of_actor(session, ruche.id)
        assert [key.state for key in every] == ["revoked", "revoked", "current"]
        assert [key.retired_at for key in every] == [NOW + 1, NOW + 4, None]
        assert ("ruche", "ed25519") not in await keys.current(session)

    await database.write(work)
