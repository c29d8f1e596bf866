"""Deliveries: order towards each inbox, leases, breakers, what is kept and forgotten."""

from __future__ import annotations

import pytest

from pecfed.store import activities, deliveries
from pecfed.store.database import Database, Session
from pecfed.store.deliveries import LEASE, Delivery, Outcome
from tests.things import NOW, local_actor

A, B = "https://a.example/inbox", "https://b.example/inbox"


def host(inbox: str) -> str:
    return f"{inbox.removesuffix('/inbox')}:443"


async def post(session: Session, object_uri: str, *inboxes: str, at: int = NOW) -> int:
    """An activity about that object, on its way to those inboxes; its key."""
    known = await session.value("SELECT id FROM actors LIMIT 1")
    actor_id = known or (await local_actor(session)).id
    count = await session.value("SELECT count(*) FROM activities")
    key = await activities.add(
        session, uri=f"https://node.example/activities/{count}", actor_id=actor_id, type="Create",
        object_uri=object_uri, intent={}, is_public=True, now=at,
    )  # fmt: skip
    await deliveries.add(session, key, object_uri, [(url, host(url)) for url in inboxes], at)
    return key


async def claim(
    session: Session, now: int = NOW, limit: int = 100, room: dict[str, int] | None = None
) -> list[Delivery]:
    return list(await deliveries.claim(session, limit, now, room or {}, 8))


async def settle(
    session: Session, found: list[Delivery], state: str, due: int = 0, error: str = ""
) -> None:
    status = 202 if state == "delivered" else 500
    outcomes = [Outcome(each, state, due, status, error) for each in found]
    await deliveries.settle(session, outcomes, NOW)


async def test_one_row_for_each_inbox_claimed_once(database: Database) -> None:
    """Each is given out once; the attempt counts before it is made."""

    async def story(session: Session) -> None:
        key = await post(session, "o1", A, B)
        found = await claim(session)
        assert [(each.inbox_url, each.activity_id, each.attempts) for each in found] == [
            (A, key, 0),
            (B, key, 0),
        ]
        assert await claim(session) == []
        assert await session.value("SELECT min(attempts) FROM deliveries") == 1

    await database.write(story)


async def test_what_is_about_one_object_reaches_an_inbox_in_order(database: Database) -> None:
    """The second waits until the first has arrived or is given up; other inboxes don't."""

    async def story(session: Session) -> None:
        first = await post(session, "o1", A)
        second = await post(session, "o1", A, B)
        other = await post(session, "o2", A)
        found = await claim(session)
        assert [(each.activity_id, each.inbox_url) for each in found] == [
            (first, A),
            (second, B),
            (other, A),
        ]
        mine = [each for each in found if each.activity_id == first]
        await settle(session, mine, "waiting", NOW + 1000, "answered 500")
        assert await claim(session) == []
        again = await claim(session, NOW + 1000)
        assert [(each.activity_id, each.attempts) for each in again] == [(first, 1)]
        await settle(session, again, "delivered")
        last = await claim(session, NOW + 1000)
        assert [each.activity_id for each in last] == [second]

    await database.write(story)


async def test_what_is_given_up_lets_the_next_one_go(database: Database) -> None:
    """A parked delivery doesn't hold up what follows, and can be tried again."""

    async def story(session: Session) -> None:
        await post(session, "o1", A)
        await settle(session, await claim(session), "parked", error="answered 404: " + "x" * 500)
        second = await post(session, "o1", A)
        assert [each.activity_id for each in await claim(session)] == [second]
        told = await deliveries.parked(session, 10)
        assert [(each["inbox"], each["type"]) for each in told] == [(A, "Create")]
        assert len(told[0]["error"]) == 300
        assert await deliveries.retry_parked(session, NOW, host(B)) == 0
        assert await deliveries.retry_parked(session, NOW, host(A)) == 1
        assert (await deliveries.counts(session))["waiting"] == 2
        assert await deliveries.retry_parked(session, NOW) == 0

    await database.write(story)


async def test_a_lease_runs_out(database: Database) -> None:
    """What a process took and never settled is taken by another after a minute."""

    async def story(session: Session) -> None:
        await post(session, "o1", A)
        assert len(await claim(session)) == 1
        assert await claim(session, NOW + LEASE - 1) == []
        again = await claim(session, NOW + LEASE)
        assert [each.attempts for each in again] == [1]
        assert await deliveries.release(session) == 1
        assert len(await claim(session, NOW + LEASE)) == 1

    await database.write(story)


async def test_what_is_due_first_goes_first(database: Database) -> None:
    """By due time, then by age; never before it is due, never more than asked."""

    async def story(session: Session) -> None:
        late = await post(session, "o1", A, at=NOW + 50)
        early = await post(session, "o2", A, at=NOW + 10)
        same = await post(session, "o3", A, at=NOW + 10)
        assert await claim(session, NOW + 9) == []
        assert await deliveries.next_due(session, NOW) == NOW + 10
        assert [each.activity_id for each in await claim(session, NOW + 99, limit=2)] == [
            early,
            same,
        ]
        assert [each.activity_id for each in await claim(session, NOW + 99)] == [late]
        assert await deliveries.next_due(session, NOW + 99) is None

    await database.write(story)


async def test_a_busy_host_leaves_room_for_others(database: Database) -> None:
    """No more than `per_host` go to one host, and a host without room is passed over."""

    async def story(session: Session) -> None:
        for number in range(20):
            await post(session, f"o{number}", A)
        other = await post(session, "x", B)
        first = await claim(session, limit=10)
        assert len(first) == 8 and {each.host for each in first} == {host(A)}
        second = await claim(session, limit=10, room={host(A): 0})
        assert [each.activity_id for each in second] == [other]
        third = await claim(session, limit=10, room={host(A): 3, host(B): 7})
        assert len(third) == 3

    await database.write(story)


async def test_a_silent_host_is_left_alone_ever_longer(database: Database) -> None:
    """Five failures open its breaker; its deliveries wait, others go."""

    async def story(session: Session) -> None:
        await post(session, "o1", A)
        other = await post(session, "o2", B)
        for _ in range(4):
            await deliveries.host_failed(session, host(A), NOW)
        assert await session.value("SELECT open_until FROM hosts") == 0
        await deliveries.host_failed(session, host(A), NOW)
        found = await claim(session, NOW)
        assert [each.activity_id for each in found] == [other]
        await settle(session, found, "delivered")
        assert await deliveries.known_failing(session) == {host(A)}
        pauses = []
        for _ in range(8):
            pauses.append(await session.value("SELECT open_until FROM hosts") - NOW)
            await deliveries.host_failed(session, host(A), NOW)
        assert pauses == sorted(pauses) and pauses[0] == 30_000 and pauses[-1] == 1_800_000
        assert len(await claim(session, NOW + 1_800_001)) == 1

    await database.write(story)


async def test_a_sign_of_life_makes_everything_due(database: Database) -> None:
    """What waited for a host goes at once when it answers; only its own."""

    async def story(session: Session) -> None:
        await post(session, "o1", A)
        for _ in range(5):
            await deliveries.host_failed(session, host(A), NOW)
        await post(session, "o2", A, at=NOW + 5000)
        await post(session, "o3", B, at=NOW + 5000)
        assert await claim(session, NOW + 1) == []
        await deliveries.host_answers(session, host(A), NOW + 1)
        assert {each.host for each in await claim(session, NOW + 1)} == {host(A)}
        assert await deliveries.known_failing(session) == set()
        await deliveries.host_answers(session, host(A), NOW + 1)

    await database.write(story)


async def test_counts_and_forgetting(database: Database) -> None:
    """Arrived ones are counted and then forgotten; what waits or is parked never is."""

    async def story(session: Session) -> None:
        for number in range(4):
            await post(session, f"o{number}", A)
        one, two, three, _ = await claim(session)
        await settle(session, [one], "delivered")
        await settle(session, [two], "parked", error="no")
        await settle(session, [three], "waiting", NOW, "answered 503")
        await deliveries.host_failed(session, host(A), NOW)
        counted = {"waiting": 1, "retrying": 1, "parked": 1, "delivered": 1}
        assert await deliveries.counts(session) == counted
        assert await deliveries.prune(session, NOW) == 0
        assert await deliveries.prune(session, NOW + 1) == 1
        assert await deliveries.counts(session) == counted | {"delivered": 0}
        assert await deliveries.known_failing(session) == set()

    await database.write(story)


async def test_nothing_to_count(database: Database) -> None:
    """An empty queue is four zeros, and nothing is due."""
    counted = await database.read(deliveries.counts)
    assert counted == {"waiting": 0, "retrying": 0, "parked": 0, "delivered": 0}
    assert await database.read(lambda session: deliveries.next_due(session, NOW)) is None


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_two_processes_never_take_the_same(database: Database) -> None:
    """While one is claiming, another takes what is left."""
    import asyncio

    async def fill(session: Session) -> None:
        for number in range(40):
            await post(session, f"o{number}", f"https://h{number % 10}.example/inbox")

    await database.write(fill)

    async def take(session: Session) -> list[int]:
        found = await claim(session, limit=15)
        await asyncio.sleep(0.05)
        return [each.id for each in found]

    taken = await asyncio.gather(*(database.write(take) for _ in range(4)))
    together = [each for one in taken for each in one]
    assert len(together) == len(set(together)) == 40
