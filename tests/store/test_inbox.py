"""The inbox: kept once, claimed with a lease, tried again, parked, forgotten."""

from __future__ import annotations

from pecfed.store import inbox
from pecfed.store.database import Database, Session
from pecfed.store.inbox import BACK_OFF, LEASE
from tests.things import CORBEAU, LILAS, NOW


async def keep(session: Session, number: int = 1, actor: str = LILAS, at: int = NOW) -> bool:
    return await inbox.keep(
        session, activity_uri=f"https://lilas.example/activities/{number}", actor_uri=actor,
        type="Create", body='{"é":1}', now=at,
    )  # fmt: skip


async def test_an_activity_is_kept_once(database: Database) -> None:
    """The second time it is known; the same id by another actor is another activity."""

    async def story(session: Session) -> None:
        assert await keep(session)
        assert not await keep(session)
        assert await keep(session, actor=CORBEAU)
        assert await inbox.counts(session) == {"waiting": 2, "parked": 0}

    await database.write(story)


async def test_a_done_letter_stays_known(database: Database) -> None:
    """Its body goes, what came of it stays, and a repeat has no effect."""

    async def story(session: Session) -> None:
        await keep(session)
        (letter,) = await inbox.claim(session, 10, NOW)
        assert (letter.body, letter.type, letter.attempts) == ('{"é":1}', "Create", 1)
        await inbox.done(session, letter.id, "kept" * 200)
        row = await session.one("SELECT state, body, error FROM inbox")
        assert row is not None and (row["state"], row["body"]) == ("done", "")
        assert len(row["error"]) == 300
        assert not await keep(session)
        assert await inbox.claim(session, 10, NOW + 10 * LEASE) == []

    await database.write(story)


async def test_letters_come_in_the_order_they_were_kept(database: Database) -> None:
    """Oldest first, as many as asked, none twice, none before it is due."""

    async def story(session: Session) -> None:
        for number in range(5):
            await keep(session, number, at=NOW + number // 2)
        first = await inbox.claim(session, 3, NOW + 1)
        assert [each.activity_uri[-1] for each in first] == ["0", "1", "2"]
        assert [each.activity_uri[-1] for each in await inbox.claim(session, 3, NOW + 1)] == ["3"]
        assert [each.activity_uri[-1] for each in await inbox.claim(session, 3, NOW + 2)] == ["4"]

    await database.write(story)


async def test_a_lease_runs_out_and_a_start_frees_it(database: Database) -> None:
    """A letter whose process died is taken again, and the attempt has counted."""

    async def story(session: Session) -> None:
        await keep(session)
        assert len(await inbox.claim(session, 1, NOW)) == 1
        assert await inbox.claim(session, 1, NOW + LEASE - 1) == []
        (again,) = await inbox.claim(session, 1, NOW + LEASE)
        assert again.attempts == 2
        assert await inbox.release(session) == 1
        (third,) = await inbox.claim(session, 1, NOW + LEASE)
        assert third.attempts == 3

    await database.write(story)


async def test_a_letter_that_fails_is_tried_again_then_parked(database: Database) -> None:
    """Ever later, and after the last try it stays in sight with its reason."""

    async def story(session: Session) -> None:
        await keep(session)
        now = NOW
        for pause in BACK_OFF:
            (letter,) = await inbox.claim(session, 1, now)
            await inbox.later(session, letter, "away", now)
            assert await inbox.claim(session, 1, now + pause - 1) == []
            now += pause
        (letter,) = await inbox.claim(session, 1, now)
        await inbox.later(session, letter, "away", now)
        assert await inbox.counts(session) == {"waiting": 0, "parked": 1}
        assert await inbox.claim(session, 1, now + 10**9) == []
        assert await inbox.retry_parked(session, now) == 1
        (fresh,) = await inbox.claim(session, 1, now)
        assert fresh.attempts == 1 and fresh.body

    await database.write(story)


async def test_old_letters_are_forgotten(database: Database) -> None:
    """Only done ones, and only from before the day that is named."""

    async def story(session: Session) -> None:
        await keep(session, 1)
        await keep(session, 2, at=NOW + 5)
        for letter in await inbox.claim(session, 2, NOW + 5):
            await inbox.done(session, letter.id)
        await keep(session, 3)
        assert await inbox.prune(session, NOW) == 0
        assert await inbox.prune(session, NOW + 5) == 1
        assert await inbox.prune(session, NOW + 6) == 1
        assert await inbox.counts(session) == {"waiting": 1, "parked": 0}

    await database.write(story)


async def test_letters_of_who_is_busy_wait(database: Database) -> None:
    """Those whose actor or host has enough under way are passed over, others are not."""

    async def story(session: Session) -> None:
        neighbour = LILAS.replace("actors/lilas", "actors/rose")
        alike = LILAS.replace("lilas.example", "lilas.example.org")
        for number, actor in enumerate((LILAS, neighbour, alike, CORBEAU)):
            await keep(session, number, actor)
        none = await inbox.claim(session, 9, NOW, [CORBEAU, alike], ["https://lilas.example"])
        assert none == []
        found = await inbox.claim(session, 9, NOW, [CORBEAU], ["https://lilas.example"])
        assert [letter.actor_uri for letter in found] == [alike]
        await inbox.put_back(session, found)
        again = await inbox.claim(session, 9, NOW, [LILAS])
        assert [letter.actor_uri for letter in again] == [neighbour, alike, CORBEAU]
        assert {letter.attempts for letter in again} == {1}, "what was put back wasn't tried"

    await database.write(story)


async def test_a_follow_is_forgotten_sooner(database: Database) -> None:
    """What does no harm twice needn't be known for long."""

    async def story(session: Session) -> None:
        for number, kind in enumerate(("Follow", "Undo", "Create")):
            await inbox.keep(
                session, activity_uri=str(number), actor_uri=LILAS, type=kind, body="{}", now=NOW
            )
        for letter in await inbox.claim(session, 9, NOW):
            await inbox.done(session, letter.id)
        assert await inbox.prune(session, NOW, NOW) == 0
        assert await inbox.prune(session, NOW, NOW + 1) == 2
        assert await session.value("SELECT type FROM inbox") == "Create"

    await database.write(story)
