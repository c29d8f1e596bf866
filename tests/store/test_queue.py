"""The queue on both engines: one item for each thing that waits, every act kept."""

from __future__ import annotations

import pytest

from pecfed import clock
from pecfed.domain.queue import Decision
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import accounts
from pecfed.services.queue import close_item, goes_along, move, open_item, the_item
from pecfed.store import evidence_checks, queue
from pecfed.store.database import Database, Session
from tests.things import CORBEAU, DAY, LILAS, NOW, ORME


async def test_one_item_waits_for_one_thing(database: Database) -> None:
    """Opened again it is the same; when it is done, another one begins."""

    async def story(session: Session) -> None:
        first = await open_item(session, "join", subject=LILAS)
        assert await open_item(session, "join", subject=LILAS) == first
        assert await open_item(session, "join", subject=CORBEAU) != first
        assert await open_item(session, "report", subject=LILAS, ref="1") != first
        assert (await the_item(session, first)).version == 1
        closed = await close_item(
            session, "join", subject=LILAS, decision="publish", by="operator", reason="other"
        )
        assert closed
        assert not await close_item(session, "join", subject=LILAS, decision="left", by=LILAS)
        done = await the_item(session, first)
        assert (done.state, done.decision) == ("done", Decision("publish", "other"))
        assert [(each.act, each.by) for each in await queue.acts(session, first)] == [
            ("publish", "operator")
        ]
        assert await queue.last(session, "join", LILAS, "", "publish") == done
        assert await queue.last(session, "join", LILAS, "", "refuse") is None
        assert await open_item(session, "join", subject=LILAS) != first
        with pytest.raises(NotFoundError):
            await the_item(session, 10**9)

    await database.write(story)


async def test_other_facts_drop_what_was_decided(database: Database) -> None:
    """A decision about one version of a statement says nothing of the next."""

    async def story(session: Session) -> None:
        number = await open_item(session, "statement", subject=LILAS, facts={"digest": "a"})
        item = await the_item(session, number)
        decided = await move(
            session, item, "decide", by="reviewer:ana", decision=Decision("publish", "other"),
            due_at=NOW, act="publish", press="one",
        )  # fmt: skip
        assert (decided.state, decided.by, decided.due_at) == ("decided", "reviewer:ana", NOW)
        assert await queue.due(session, NOW - 1) is None
        assert await queue.due(session, NOW) == number
        assert await open_item(session, "statement", subject=LILAS, facts={"digest": "a"}) == number
        assert (await the_item(session, number)).state == "decided"
        assert await open_item(session, "statement", subject=LILAS, facts={"digest": "b"}) == number
        item = await the_item(session, number)
        assert (item.state, item.decision, item.due_at) == ("open", None, None)
        assert item.facts == {"digest": "b"}
        assert item.version == 3
        assert await queue.pressed(session, "one") == number
        assert await queue.pressed(session, "two") is None
        with pytest.raises(RefusedError, match="can't effect it"):
            await move(session, item, "effect", by="hub")

    await database.write(story)


async def test_who_is_no_reviewer_any_more_proposes_nothing(database: Database) -> None:
    """What a removed account, or an observer from now on, proposed is no half of two."""

    async def proposals(session: Session) -> list[tuple[str, str, str]]:
        items = await queue.of_subject(session, LILAS)
        return [(item.ref, item.state, item.by) for item in reversed(items)]

    async def story(session: Session) -> None:
        people = {
            name: await accounts.add(session, name, "operator", "en")
            for name in ("ana", "ben", "cleo")
        }
        for name in people:
            number = await open_item(session, "endorsement", subject=LILAS, ref=name)
            await move(
                session, await the_item(session, number), "propose", by=f"reviewer:{name}",
                decision=Decision("publish", "other"),
            )  # fmt: skip
        await accounts.set_role(session, people["ana"], "reviewer")
        await accounts.set_role(session, people["ben"], "observer")
        await accounts.remove(session, people["cleo"])
        assert await proposals(session) == [
            ("ana", "proposed", "reviewer:ana"), ("ben", "open", ""), ("cleo", "open", ""),
        ]  # fmt: skip
        number = await open_item(session, "endorsement", subject=LILAS, ref="ben")
        assert [(each.act, each.by) for each in await queue.acts(session, number)][1:] == [
            ("undo", "hub")
        ]

    await database.write(story)


async def test_a_listing_page_by_page(database: Database) -> None:
    """What waits, the oldest first; what is done, the newest first."""

    async def story(session: Session) -> None:
        numbers = [await open_item(session, "report", subject=LILAS, ref=str(n)) for n in range(5)]
        await open_item(session, "join", subject=CORBEAU)
        found, start = [], ""
        while True:
            page = await queue.listing(
                session, states=("open",), kind="report", limit=2, start=start
            )
            assert page.total == 5
            found += [item.id for item in page.items]
            if page.next is None:
                break
            start = page.next
        assert found == numbers
        assert await queue.counts(session) == {("report", "open"): 5, ("join", "open"): 1}
        for n in range(3):
            await close_item(session, "report", subject=LILAS, ref=str(n), decision="x", by="o")
        done = await queue.listing(session, states=("done",), limit=2)
        assert [item.id for item in done.items] == [numbers[2], numbers[1]]
        more = await queue.listing(session, states=("done",), limit=2, start=done.next or "")
        assert [item.id for item in more.items] == [numbers[0]]
        of_corbeau = await queue.listing(session, states=("open",), subject=CORBEAU, limit=9)
        assert [item.kind for item in of_corbeau.items] == ["join"]
        assert len(await queue.of_subject(session, LILAS)) == 5

    await database.write(story)


async def test_what_was_done_long_ago_is_forgotten(database: Database) -> None:
    """What waits never is."""

    async def story(session: Session) -> None:
        old = await open_item(session, "join", subject=LILAS)
        await close_item(session, "join", subject=LILAS, decision="publish", by="operator")
        waits = await open_item(session, "join", subject=LILAS)
        await queue.prune(session, clock.now_ms() - DAY)
        assert await queue.get(session, old) is not None
        await queue.prune(session, clock.now_ms() + DAY)
        assert await queue.get(session, old) is None and await queue.acts(session, old) == []
        assert await queue.get(session, waits) is not None

    await database.write(story)


async def test_a_request_goes_along_with_its_actor(database: Database) -> None:
    """What else waited about the old one is over."""

    async def story(session: Session) -> None:
        await open_item(session, "join", subject=LILAS)
        await open_item(session, "statement", subject=LILAS, facts={"digest": "a"})
        await goes_along(session, LILAS, ORME)
        page = await queue.listing(session, states=("open",), limit=9)
        assert [(item.kind, item.subject) for item in page.items] == [("join", ORME)]

    await database.write(story)


async def test_an_address_is_looked_at_when_asked(database: Database) -> None:
    """Once, and again only where the last look is old."""
    url = "https://lilas.example/statuts"

    async def story(session: Session) -> None:
        now = clock.now_ms()
        assert await evidence_checks.want(session, [url], now, now - DAY) == 1
        assert await evidence_checks.any_due(session, now)
        assert await evidence_checks.want(session, [f"{url}#a", ORME], now, now - DAY) == 2
        assert await evidence_checks.count_due(session) == 3
        claimed = await evidence_checks.claim(session, now, 1000, 5)
        assert sorted(claimed) == sorted([url, ORME])  # one of each host
        assert await evidence_checks.claim(session, now, 1000, 5) == [f"{url}#a"]
        assert await evidence_checks.claim(session, now, 1000, 5) == []
        await evidence_checks.put(session, f"{url}#a", now, 200, "answers")
        await evidence_checks.put(session, ORME, now, 0, "unreachable")
        await evidence_checks.put(session, url, now, 200, "answers")
        assert not await evidence_checks.any_due(session, now + DAY)
        found = await evidence_checks.of(session, [url, "https://other.example/"])
        assert found == {url: evidence_checks.Check(url, now, 200, "answers")}
        assert await evidence_checks.want(session, [url], now + 1, now - DAY) == 0
        assert await evidence_checks.want(session, [url], now + 2 * DAY, now + DAY) == 1
        await evidence_checks.prune(session, now + 3 * DAY)
        assert await evidence_checks.of(session, [url, ORME]) == {}

    await database.write(story)
