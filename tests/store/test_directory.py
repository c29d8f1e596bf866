"""What the public sees of a hub: who is listed, every filter, every page."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pecfed.domain.place import Place
from pecfed.domain.profile import Profile
from pecfed.errors import UsageError
from pecfed.services import log
from pecfed.store import directory, objects
from pecfed.store.database import Database, Session
from pecfed.store.paging import Query
from tests.things import LILAS, NOW, ORME, event, local_actor, member, publish, resource, statement

TODAY = date(2026, 11, 23)
ALL = Query(TODAY)
STATES = ("invited", "asked", "member", "suspended", "left", "refused")
LISTINGS = (directory.list_members, directory.list_events, directory.list_resources)


async def names(session: Session, **asked: Any) -> list[str]:
    page = await directory.list_members(session, replace(ALL, **asked))
    assert page.total == len(page.items)
    return [entry.member.name for entry in page.items]


async def uids(session: Session, listing: Any, **asked: Any) -> list[str]:
    page = await listing(session, replace(ALL, **asked))
    assert page.total == len(page.items)
    return [item.stored.content.uid for item in page.items]


@pytest.mark.parametrize("state", STATES)
async def test_only_members_and_invited_are_shown(database: Database, state: Any) -> None:
    """Whoever is asked, suspended, refused or gone is absent everywhere, at once."""

    async def story(session: Session) -> None:
        # who is invited from public sources has no actor
        bare = {"uri": None, "slug": "lilas@lilas.example", "profile": Profile("Lilas")}
        await member(session, **({"state": state} | (bare if state == "invited" else {})))
        for content in (statement(), event(), resource()):
            await publish(session, content)
        listed, published = state in {"member", "invited"}, state == "member"
        assert await names(session) == (["Lilas"] if listed else [])
        assert await uids(session, directory.list_events) == (["ag"] if published else [])
        assert await uids(session, directory.list_resources) == (["statuts"] if published else [])
        entry = await directory.entry(session, "lilas@lilas.example", TODAY)
        assert (entry is not None) == listed
        total, uris = await directory.member_uris(session, 10)
        assert (total, uris) == ((1, [LILAS]) if published else (0, []))
        figures = await directory.figures(session)
        assert figures == {
            "members": int(published), "invited": int(state == "invited"),
            "statements": int(published), "events": int(published), "resources": int(published),
        }  # fmt: skip

    await database.write(story)


async def test_who_was_invited_by_its_actor_is_not_shown(database: Database) -> None:
    """It was asked, and hasn't agreed: the operator sees its entry, the public doesn't."""

    async def story(session: Session) -> None:
        await member(session, state="invited")
        await publish(session, event())
        assert await names(session) == await names(session, membership="invited") == []
        assert await directory.entry(session, "lilas@lilas.example", TODAY) is None
        assert (await directory.figures(session))["invited"] == 0
        page = await directory.list_members(session, ALL, states=STATES)
        assert [entry.member.name for entry in page.items] == ["Lilas"]

    await database.write(story)


async def test_what_is_not_a_members_is_not_shown(database: Database) -> None:
    """Objects of somebody without an entry, and withdrawn ones; the hub's own are."""

    async def story(session: Session) -> None:
        hub = await local_actor(session)
        await publish(session, event("stranger"))
        await publish(session, event("own"), hub.uri, actor_id=hub.id)
        gone = await publish(session, event("gone"), hub.uri, actor_id=hub.id)
        await objects.delete(session, gone, NOW)
        page = await directory.list_events(session, ALL)
        assert [(item.stored.content.uid, item.member) for item in page.items] == [("own", None)]

    await database.write(story)


async def test_standing_in_sql_and_in_the_domain_agree(database: Database) -> None:
    """Each filter gives just those who show that standing."""

    async def story(session: Session) -> None:
        for name, valid_until in (("declared", "2026-11-23"), ("lapsed", "2026-11-22"),
                                  ("withdrawn", "2027-01-01"), ("none", "")):  # fmt: skip
            uri = f"https://{name}.example/actors/{name}"
            await member(session, uri)
            if valid_until:
                at = await publish(session, statement(uri, valid_until=valid_until), uri)
                if name == "withdrawn":
                    await objects.delete(session, at, NOW)
                    await log.declared(session, uri)
        await member(session, None, state="invited")
        page = await directory.list_members(session, ALL)
        shown = {entry.member.name.lower(): entry.standing for entry in page.items}
        assert shown == {name: name for name in ("declared", "lapsed", "withdrawn", "none")} | {
            "invitee": "none"
        }
        for standing in ("declared", "lapsed", "withdrawn", "none"):
            expected = {name.capitalize() for name, its in shown.items() if its == standing}
            assert set(await names(session, standing=standing)) == expected
        with pytest.raises(UsageError, match="choose one of"):
            await names(session, standing="gold")

    await database.write(story)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "velo"}, ["Vélo"]),
        ({"q": "ÉLO nantes"}, ["Vélo"]),
        ({"q": "velo paris"}, []),
        ({"q": "%"}, ["Épicerie", "Vélo"]),
        ({"q": "_elo"}, ["Vélo"]),
        ({"q": "' OR 1=1--"}, []),
        ({"sector": "food"}, ["Épicerie"]),
        ({"sector": "foo"}, []),
        ({"sector": "%"}, []),
        ({"sector": "mobility"}, ["Épicerie", "Vélo"]),
        ({"legal_form": "scic"}, ["Vélo"]),
        ({"country": "BE"}, ["Épicerie"]),
        ({"membership": "member"}, ["Épicerie", "Vélo"]),
        ({"membership": "invited"}, []),
        ({"membership": "suspended"}, []),
        ({"country": "FR", "q": "velo", "sector": "mobility"}, ["Vélo"]),
    ],
)
async def test_members_by_what_they_say(
    database: Database, asked: dict[str, str], found: list[str]
) -> None:
    """Words without accents or case, facets exactly; signs that mean something to SQL are words."""

    async def story(session: Session) -> None:
        velo = Profile("Vélo", sectors=("mobility",), legal_form="scic",
                       place=Place(city="Nantes", country="FR"))  # fmt: skip
        shop = Profile("Épicerie", sectors=("food", "mobility"), place=Place(country="BE"))
        await member(session, profile=velo)
        await member(session, ORME, profile=shop)
        assert await names(session, **asked) == found

    await database.write(story)


@pytest.mark.parametrize(
    ("listing", "asked", "found"),
    [
        ("events", {}, ["early", "late"]),
        ("events", {"kind": "call"}, ["late"]),
        ("events", {"status": "cancelled"}, ["early"]),
        ("events", {"working_group": "governance-legal"}, ["late"]),
        ("events", {"member": LILAS}, ["early"]),
        ("events", {"member": "orme@orme.example"}, ["late"]),
        ("events", {"member": "nobody"}, []),
        ("events", {"q": "nantes"}, ["early", "late"]),
        ("events", {"since": 1_810_144_800_001}, ["late"]),
        ("events", {"until": 1_810_137_600_001}, ["early"]),
        ("events", {"since": 1_810_144_800_000, "until": 1_810_137_600_001}, ["early"]),
        ("events", {"until": 1_810_137_600_000}, []),
        ("resources", {}, ["code", "statuts"]),
        ("resources", {"license": "MIT"}, ["code"]),
        ("resources", {"openness": "members"}, ["statuts"]),
        ("resources", {"kind": "software"}, ["code"]),
        ("resources", {"q": "statuts scic"}, ["statuts"]),
    ],
)
async def test_what_is_published_by_what_it_is(
    database: Database, listing: str, asked: dict[str, Any], found: list[str]
) -> None:
    """Events under way in a span of time, by start; resources, the newest first; every facet."""

    async def story(session: Session) -> None:
        await member(session)
        await member(session, ORME)
        await publish(session, event("early", status="cancelled"))
        await publish(
            session, event("late", days=30, kind="call", working_group="governance-legal"), ORME
        )
        await publish(
            session, resource("statuts", openness="members", name={"fr": "Statuts (SCIC)"})
        )
        await publish(
            session, resource("code", kind="software", license="MIT"), ORME, published_at=NOW + 1
        )
        query = directory.list_events if listing == "events" else directory.list_resources
        assert await uids(session, query, **asked) == found

    await database.write(story)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_paging_gives_everything_once_in_order(database: Database, limit: int) -> None:
    """Through every cursor to the end, also where many sort alike; the total stays."""

    async def story(session: Session) -> None:
        for number in range(7):
            uri = f"https://m{number}.example/actors/m{number}"
            profile = Profile("Same" if number < 4 else f"é{number}")
            await member(session, uri, profile=profile)
            await member(session, None, slug=str(number), profile=profile, state="invited")
            await publish(session, event(days=number // 3, uid=f"e{number}"), uri)
            await publish(session, resource(f"r{number}"), uri, published_at=NOW + number // 3)
        for listing in LISTINGS:
            whole = await listing(session, replace(ALL, limit=200))
            seen: list[Any] = []
            cursor = ""
            for _ in range(20):
                page = await listing(session, replace(ALL, limit=limit, cursor=cursor))
                assert page.total == len(whole.items) and len(page.items) <= limit
                seen += page.items
                cursor = page.next or ""
                if not cursor:
                    break
            assert seen == list(whole.items)
            assert len(seen) == (14 if listing is directory.list_members else 7)

    await database.write(story)


def made(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["x", "%%%", "é", "=", made(), made("a"), made(1), made("a", "b"), made(1, 2, 3), made(None, 1),
     made(True, 1), made("a", 1.5), made("a", 2**62), made(-(2**70), 1), made("\x00", 1),
     made(0, "\x00", 1),
     made("\ud800", 1), made(1, "\ud800", 1), made([], {}), base64.b64encode(b"[" * 5000).decode(),
     base64.b64encode(b'{"0":"a","1":1}').decode(), base64.b64encode(b"\xff\xfe").decode()],
)  # fmt: skip
async def test_a_cursor_that_is_not_ours_is_refused(database: Database, cursor: str) -> None:
    """In words, on both engines, and never with an error of the database."""

    async def story(session: Session) -> None:
        for listing in LISTINGS:
            with pytest.raises(UsageError, match="cursor"):
                await listing(session, replace(ALL, cursor=cursor))

    await database.read(story)


@pytest.mark.parametrize(
    "cursor",
    [
        made(2**61, 1),
        made(-5, -(2**61)),
        made(2**61, "z", 2**61),
        made(-1, "", 0),
        made("z", 2**61),
    ],
)
async def test_a_cursor_that_was_made_up_gives_a_page_or_is_refused(
    database: Database, cursor: str
) -> None:
    """One of the right form from nowhere asks for nothing that the database can't answer."""

    async def story(session: Session) -> None:
        await member(session)
        for listing in LISTINGS:
            with contextlib.suppress(UsageError):
                await listing(session, replace(ALL, cursor=cursor))

    await database.write(story)


async def test_members_uris_page_by_page(database: Database) -> None:
    """The collection that other servers read, in the order of its uris."""
    everyone = sorted(f"https://{name}.example/actors/x" for name in "bA-z1_")

    async def story(session: Session) -> None:
        for uri in reversed(everyone):
            await member(session, uri, slug=uri)
        found: list[str] = []
        while True:
            total, page = await directory.member_uris(session, 2, found[-1] if found else "")
            assert total == len(everyone)
            if not page:
                break
            found += page
        assert found == everyone

    await database.write(story)
