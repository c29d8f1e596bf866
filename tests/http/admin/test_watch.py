"""Doubles, doubts, silent and old entries in the queue: what is shown, and what a decision does."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.domain.queue import Act, Decision
from pecfed.services import desk, effects, likeness, suspicion
from pecfed.services.queue import open_item
from pecfed.store import likenesses, liveness, members, queue, remotes
from pecfed.store.database import Session
from pecfed.store.liveness import Life
from pecfed.store.members import Member
from tests.admin import enter
from tests.http.conftest import Served, add_member
from tests.http.hive import LILAS, ORME
from tests.things import remote

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def page(served: Served, number: int, language: str = "en") -> str:
    """An item's page, as a reviewer sees it."""
    anne = await enter(served.database, served.settings, name=f"anne-{language}")
    path = "/admin/account/language"
    form = {"csrf": anne.csrf, "language": language}
    async with served.client.post(path, data=form, cookies=anne.cookies) as answer:
        assert answer.status == 200
    async with served.client.get(f"/admin/queue/{number}", cookies=anne.cookies) as response:
        assert response.status == 200
        text = await response.text()
    served.client.session.cookie_jar.clear()
    return text


async def decide(served: Served, number: int, act: Act, reason: str = "resolved") -> None:
    """Decide about an item, with effect at once."""

    async def work(session: Session) -> None:
        here = await effects.the_desk(session, served.uris, served.settings)
        decision = Decision(act, reason)
        await desk.decide(session, here, number, decision, by="reviewer:anne", at_once=True)

    await served.database.write(work)


async def number_of(served: Served, kind: Any) -> int:
    """The item of that kind that waits."""
    found = await served.database.read(
        lambda s: s.value("SELECT id FROM queue WHERE kind = ? AND state = 'open'", kind)
    )
    assert isinstance(found, int)
    return found


async def entry(served: Served, slug: str) -> Member:
    """An entry by its slug."""
    found = await served.database.read(lambda session: members.by_slug(session, slug))
    assert found is not None
    return found


async def double(served: Served) -> int:
    """An invited entry with Lilas' name and site, that looks the same; the item's number."""
    profile = Profile("LILAS", url="https://www.lilas.example/")
    await add_member(served.database, "les-lilas", None, profile, "invited", ("https://p.example",))

    async def work(session: Session) -> None:
        for slug in ("lilas@lilas.example", "les-lilas"):
            found = await members.by_slug(session, slug)
            assert found is not None
            await likeness.noted(session, found)

    await served.database.write(work)
    return await number_of(served, "duplicate")


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_doubles_stand_side_by_side(hub: Served, language: str) -> None:
    """With why, which stays, and what each decision means."""
    text = await page(hub, await double(hub), language)
    assert text.count('<article class="item">') == 2
    words = {"en": ("same site", "becomes part of it"), "fr": ("même site", "en devient une")}
    assert all(each in text for each in words[language])
    pair = text.partition('id="pair"')[2]
    assert pair.index("lilas@lilas.example</bdi>") < pair.index("les-lilas</bdi>")


async def test_doubles_are_merged_from_the_desk(hub: Served) -> None:
    """The one that speaks for itself stays; the old address leads there."""
    await decide(hub, await double(hub), "publish")
    assert (await entry(hub, "les-lilas")).state == "left"
    async with hub.client.get("/en/members/les-lilas", allow_redirects=False) as response:
        assert response.status == 301
    text = await hub.page("/en/members/lilas@lilas.example")
    assert "Lilas" in text


async def test_doubles_are_kept_apart_from_the_desk(hub: Served) -> None:
    """And nobody is asked again."""
    await decide(hub, await double(hub), "refuse", "other")
    one, other = await entry(hub, "lilas@lilas.example"), await entry(hub, "les-lilas")
    assert await hub.database.read(lambda s: likenesses.are_apart(s, one.id, other.id))


async def hide(served: Served) -> int:
    """Lilas seems to be in other hands; the item's number."""

    async def work(session: Session) -> None:
        await remotes.keep(session, remote(LILAS), [])
        found = await members.by_uri(session, LILAS)
        assert found is not None
        facts = {"issuer": "CN=<b>Now</b>", "issuer_before": "CN=Before"}
        assert await suspicion.hide(
            session, found, "taken-over", by="hub", detail="ab" * 32, facts=facts
        )

    await served.database.write(work)
    return await number_of(served, "suspicion")


async def life(served: Served, uri: str) -> Life:
    """What is known of an entry's life."""

    async def work(session: Session) -> Life:
        found = await members.by_uri(session, uri)
        assert found is not None
        return await liveness.needed(session, found.id, clock.now_ms())

    return await served.database.write(work)


async def test_a_doubt_that_is_cleared_up(hub: Served) -> None:
    """The label may be seen again; what a host said of itself is shown as text."""
    number = await hide(hub)
    assert (await life(hub, LILAS)).hidden_at is not None
    text = await page(hub, number)
    assert "CN=&lt;b&gt;Now&lt;/b&gt;" in text and "changed between two probes" in text
    await decide(hub, number, "publish")
    assert (await life(hub, LILAS)).hidden_at is None


async def test_a_doubt_that_is_confirmed(hub: Served) -> None:
    """The member is suspended, and its label stays hidden."""
    await decide(hub, await hide(hub), "refuse", "security")
    assert (await entry(hub, "lilas@lilas.example")).state == "suspended"
    assert (await life(hub, LILAS)).hidden_at is not None


async def waits(served: Served, kind: Any, uri: str, **facts: str) -> int:
    """An item about a member."""
    return await served.database.write(lambda s: open_item(s, kind, subject=uri, facts=facts))


async def test_an_old_entry_is_found_true(hub: Served) -> None:
    """As of today; it isn't grey any more."""
    number = await waits(hub, "stale", ORME, why="no-answer")
    assert "more than a year" in await page(hub, number)
    assert (await life(hub, ORME)).signs.asked_at is not None
    await decide(hub, number, "publish")
    assert (await life(hub, ORME)).signs.asked_at is None


async def test_a_silent_entry_is_kept_or_archived(hub: Served) -> None:
    """Kept, nothing changes; archived as closed, its page says so."""
    number = await waits(hub, "silent", ORME, since="2026-11-01")
    assert "1 November 2026" in await page(hub, number)
    await decide(hub, number, "publish")
    assert (await entry(hub, "orme@orme.example")).state == "member"
    await decide(hub, await waits(hub, "silent", ORME, since="2026-11-02"), "refuse", "closed")
    assert (await entry(hub, "orme@orme.example")).state == "archived"
    assert "the organisation has closed" in await hub.page("/en/members/orme@orme.example")
    item = await hub.database.write(lambda s: queue.waiting(s, "silent", ORME, ""))
    assert item is None
