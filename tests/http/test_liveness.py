"""Silent and archived entries, and those that became part of another, as the public sees them."""

from __future__ import annotations

from pecfed.services import likeness
from pecfed.store import likenesses, members
from pecfed.store.database import Session
from tests.http.conftest import Served

LILAS = "lilas@lilas.example"


async def test_a_silent_member_is_grey(hub: Served) -> None:
    """In the list and on its page, with the day; nobody else is."""
    text = await hub.page("/en/members")
    assert text.count("is-quiet") == 1
    assert "Its server doesn’t answer at present. Last seen:" in text
    assert "Last seen" in await hub.page("/en/members/orme@orme.example")
    assert "Last seen" not in await hub.page(f"/en/members/{LILAS}")
    item = await hub.json("/api/v1/members/orme@orme.example")
    assert item["liveness"] == {
        "state": "silent",
        "seen": "2026-11-23T12:00:00.000Z",
        "affirmed": "2026-11-23T12:00:00.000Z",
        "archived": None,
        "closed": False,
        "successor": None,
    }


async def test_an_archived_entry_keeps_its_page(hub: Served) -> None:
    """With date, successor and history; it is listed only where it is asked for."""
    text = await hub.page("/en/members/fermee")
    assert "Archived on 1 November 2026: the organisation has closed." in text
    assert 'href="https://lilas.example/"' in text and "Fondée." in text
    assert "Fermée" not in await hub.page("/en/members")
    assert "Fermée" in await hub.page("/en/members?membership=archived")
    everybody = await hub.json("/api/v1/members")
    assert "fermee" not in [item["id"] for item in everybody["items"]]
    (item,) = (await hub.json("/api/v1/members?membership=archived"))["items"]
    assert item["liveness"]["closed"] and item["liveness"]["archived"] == "2026-11-01"


async def test_an_old_address_leads_on(hub: Served) -> None:
    """Pages and API, in the same language and with the same question; through several merges."""

    async def work(session: Session) -> None:
        ids = {}
        for slug in ("invitee", "fermee", LILAS):
            entry = await members.by_slug(session, slug)
            assert entry is not None
            ids[slug] = entry
        await likenesses.merge(session, ids["invitee"], ids["fermee"].id, 1, {})
        await likenesses.merge(session, ids["fermee"], ids[LILAS].id, 2, {})
        await session.run("UPDATE members SET state = 'left' WHERE uri IS NULL")
        assert likeness.subject(ids["fermee"]) == "fermee"

    await hub.database.write(work)
    for slug in ("invitee", "fermee"):
        for path, to in (
            (f"/fr/members/{slug}", f"/fr/members/{LILAS}"),
            (f"/members/{slug}", f"/members/{LILAS}"),
            (f"/api/v1/members/{slug}?lang=en", f"/api/v1/members/{LILAS}?lang=en"),
        ):
            async with hub.client.get(path, allow_redirects=False) as response:
                assert (response.status, response.headers["Location"]) == (301, to)
                assert response.headers["Cache-Control"] == "no-cache"
    await hub.page("/members/nobody", 404)
