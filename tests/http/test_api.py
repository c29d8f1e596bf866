"""The public API: fields, listing form, paging, filters, refusals, caching."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from pecfed.domain.profile import Profile
from tests.http.conftest import Served, add_member, publish
from tests.http.hive import CORBEAU, EVIL, LILAS, ORME, event, resource

EVERYBODY = [
    "corbeau@corbeau.example",
    "invitee",
    "lilas@lilas.example",
    "orme@orme.example",
]
LISTS = ("members", "events", "resources")


async def every(hub: Served, path: str, limit: int) -> list[dict[str, Any]]:
    """All items of a listing, page by page; the total stays the same."""
    found: list[dict[str, Any]] = []
    joint = "&" if "?" in path else "?"
    cursor, totals = "", set()
    while True:
        page = await hub.json(f"{path}{joint}limit={limit}&cursor={quote(cursor)}")
        assert set(page) == {"items", "total", "next"}
        assert len(page["items"]) <= limit
        found += page["items"]
        totals.add(page["total"])
        if page["next"] is None:
            assert totals == {len(found)}
            return found
        cursor = page["next"]


async def test_a_member_has_every_field(hub: Served) -> None:
    """The contract's names, and what a script needs beside them."""
    (item,) = (await hub.json("/api/v1/members?q=lilas"))["items"]
    digest = item["statement"].pop("digest")
    assert len(digest) == 64
    assert item == {
        "id": "lilas@lilas.example",
        "uri": LILAS,
        "handle": "lilas@lilas.example",
        "name": "Lilas",
        "url": "https://lilas.example",
        "page": f"{hub.settings.url}/members/lilas@lilas.example",
        "membership": "member",
        "standing": "declared",
        "standing_because": None,
        "source": [LILAS],
        "statement": {
            "uri": "https://lilas.example/objects/statement",
            "charter": "2018",
            "declared": "2026-11-16",
            "validUntil": "2027-11-23",
            "levels": {"governance-1": "practised", "data-3": "in-progress"},
        },
        "liveness": None,
        "summary": "Livraison à vélo.\n\nÀ Nantes.",
        "summary_map": {
            "fr": "Livraison à vélo.\n\nÀ Nantes.",
            "en": "Bike delivery.\n\nIn Nantes.",
        },
        "sectors": ["mobility", "logistics"],
        "legal_form": "scic",
        "languages": ["fr", "en"],
        "location": {"name": "Nantes", "region": "Pays de la Loire", "country": "FR"},
        "updated": "2026-11-23T12:00:00.000Z",
    }


async def test_one_member_has_its_commitments(hub: Served) -> None:
    """The same item, and the statement whole; nobody's else, no suspended one's."""
    item = await hub.json("/api/v1/members/lilas@lilas.example?lang=en")
    assert item["summary"].startswith("Bike")
    assert item["statement"]["commitments"][0] == {
        "commitment": "governance-1",
        "level": "practised",
        "explanation": {"fr": "Une personne, une voix.", "en": "One person, one vote."},
        "evidence": ["https://lilas.example/statuts.pdf"],
    }
    for slug in ("nobody", "ancienne@ancienne.example", "a%0ab", quote(EVIL, safe="")):
        await hub.json(f"/api/v1/members/{slug}", 404)
    for address in ("members/a%00b", "events?member=a%00b"):
        problem = await hub.json(f"/api/v1/{address}", 400)
        assert "can't hold a NUL" in problem["detail"]


async def test_an_invited_entry_claims_nothing(hub: Served) -> None:
    """No uri, no handle, no statement, but its sources."""
    item = await hub.json("/api/v1/members/invitee")
    assert (item["uri"], item["handle"], item["statement"]) == (None, None, None)
    assert (item["membership"], item["standing"]) == ("invited", "none")
    assert item["source"] == ["https://source.example/a", "https://source.example/b"]


async def test_an_event_has_every_field(hub: Served) -> None:
    """Times with the event's own offset; a hub's own is by the hub's handle."""
    found = {item["uid"]: item for item in (await hub.json("/api/v1/events"))["items"]}
    assert found["ag"] == {
        "uri": "https://lilas.example/objects/ag",
        "uid": "ag",
        "member": "lilas@lilas.example",
        "name": "Assemblée générale",
        "name_map": {"fr": "Assemblée générale", "en": "General assembly"},
        "description": "Comptes et élections.\n\nVoir https://lilas.example/ag.",
        "description_map": {"fr": "Comptes et élections.\n\nVoir https://lilas.example/ag."},
        "kind": "event",
        "startTime": "2027-05-12T18:00:00+02:00",
        "endTime": "2027-05-12T20:00:00+02:00",
        "allDay": False,
        "timezone": "Europe/Paris",
        "deadline": None,
        "location": {
            "name": "La Maison", "postal_code": "44000", "city": "Nantes", "country": "FR",
        },
        "onlineUrl": None,
        "status": "scheduled",
        "url": "https://lilas.example/ag",
        "workingGroup": "governance-legal",
        "source": ["https://lilas.example/agenda"],
        "tags": [],
        "updated": "2026-11-23T12:00:00.000Z",
    }  # fmt: skip
    assert found["forum"]["member"] == "ruche@ruche.example"
    assert found["appel"]["deadline"] == "2027-03-31T22:59:00+00:00"
    assert found["mal"]["url"] is None
    assert found["mal"]["source"] == []
    english = await hub.json("/api/v1/events?lang=en&q=assembly")
    assert english["items"][0]["name"] == "General assembly"
    starts = [item["startTime"][:10] for item in (await hub.json("/api/v1/events"))["items"]]
    assert starts == sorted(starts)


async def test_a_resource_has_every_field(hub: Served) -> None:
    """A licence nobody knows is null."""
    found = {item["uid"]: item for item in (await hub.json("/api/v1/resources"))["items"]}
    assert found["statuts"] == {
        "uri": "https://lilas.example/objects/statuts",
        "uid": "statuts",
        "member": "lilas@lilas.example",
        "name": "Nos statuts de SCIC",
        "name_map": {"fr": "Nos statuts de SCIC"},
        "description": "Statuts à cinq collèges.",
        "description_map": {"fr": "Statuts à cinq collèges."},
        "kind": "statutes",
        "license": "CC-BY-SA-4.0",
        "openness": "public",
        "url": "https://lilas.example/statuts.pdf",
        "version": "2024-03",
        "languages": ["fr"],
        "released": "2024-03-14",
        "authors": ["Lilas"],
        "workingGroup": "governance-legal",
        "source": ["https://lilas.example/communs"],
        "tags": [],
        "updated": "2026-11-23T12:00:00.000Z",
    }
    assert found["bilan"]["license"] is None
    assert found["mal-2"]["url"] is None


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_paging_shows_everything_once(hub: Served, limit: int) -> None:
    """Equal names, starts and moments of publishing don't hide anything."""
    for n in range(7):
        await add_member(
            hub.database, f"m{n}@m.example", f"https://m.example/actors/m{n}", Profile("Même nom")
        )
        await publish(hub.database, LILAS, event(f"e-{n}"))
        await publish(hub.database, LILAS, resource(f"r-{n}"))
    for name, key, at_least in (
        ("members", "id", 11),
        ("events", "uri", 12),
        ("resources", "uri", 10),
    ):
        found = [item[key] for item in await every(hub, f"/api/v1/{name}", limit)]
        assert len(found) == len(set(found)) == at_least, name


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("members?membership=invited", ["invitee"]),
        ("members?membership=member&q=lilas", ["lilas@lilas.example"]),
        ("members?standing=lapsed", ["orme@orme.example"]),
        ("members?standing=declared&sector=mobility", ["lilas@lilas.example"]),
        ("members?standing=withdrawn", []),
        ("members?standing=none", ["invitee"]),
        ("members?legal_form=scic", ["lilas@lilas.example"]),
        ("members?country=be", ["orme@orme.example"]),
        ("members?sector=food&country=FR", []),
        ("members?q=velo nantes", ["lilas@lilas.example"]),
        ("members?q=%F0%9F%9A%B2", EVERYBODY),
        ("members?q=%25", EVERYBODY),
        ("members?q=%27 OR %27x%27=%27x", []),
        ("events?kind=call", ["appel"]),
        ("events?status=postponed", ["appel"]),
        ("events?q=forum", ["forum"]),
        ("events?member=lilas@lilas.example", ["ag", "appel", "passe"]),
        (f"events?member={quote(LILAS, safe='')}&kind=call", ["appel"]),
        ("events?working_group=governance-legal&from=2025-06-01&to=2025-06-01", ["passe"]),
        ("events?from=2025-06-02&to=2026-12-31", []),
        ("events?from=2025-06-01T10:00:01Z&to=2026-12-31", []),
        ("events?from=2025-06-01T12:00:00+02:00&to=2025-06-01T12:00:01+02:00", ["passe"]),
        ("events?from=2027-01-01&to=2027-01-31", ["forum"]),
        ("resources?kind=report", ["bilan"]),
        ("resources?license=CC-BY-SA-4.0", ["statuts"]),
        ("resources?openness=members", []),
        (f"resources?member={quote(CORBEAU, safe='')}", ["mal-2"]),
        (f"resources?member={quote(ORME, safe='')}", []),
        ("events?member=ancienne@ancienne.example", []),
    ],
)  # fmt: skip
async def test_filters(hub: Served, path: str, found: list[str]) -> None:
    """Each alone and together with others."""
    items = await every(hub, f"/api/v1/{path}", 50)
    assert sorted(str(item.get("uid", item.get("id"))) for item in items) == found


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("members?limit=0", "from 1 to 200"),
        ("members?limit=201", "from 1 to 200"),
        ("members?limit=-1", "from 1 to 200"),
        ("members?limit=1e2", "from 1 to 200"),
        ("members?limit=%D9%A3", "from 1 to 200"),
        ("members?limit=99999999999999999999", "from 1 to 200"),
        ("members?membership=asked", "choose one of member, invited"),
        ("members?standing=perfect", "choose one of none, declared"),
        ("members?sector=moon", "choose one of network"),
        ("members?legal_form=gang", "choose one of association"),
        ("members?country=France", "two letters"),
        ("members?colour=red", "known are q, membership, standing, sector"),
        ("members?q=a&q=b", "q: given twice"),
        ("members?lang=fr_FR", "language tag"),
        ("members?kind=event", "known are"),
        ("members/invitee?limit=5", "known are lang"),
        ("events?kind=party", "choose one of event, call"),
        ("events?from=yesterday", "write a day"),
        ("events?from=2027-02-30", "write a day"),
        ("events?from=2027-05-12T18:00:00", "with its offset"),
        ("events?to=9999-12-31", "write a day"),
        ("events?status=CONFIRMED", "choose one of scheduled"),
        ("events?working_group=x", "choose one of governance-legal"),
        ("resources?openness=secret", "choose one of public"),
        ("resources?license=a%0ab", "can't be looked for"),
        ("resources?kind=event", "choose one of statutes"),
        ("events?cursor=nonsense", "cursor: not one of ours"),
        ("events?cursor=W10", "cursor: not one of ours"),
        ("members?cursor=WyJcdWQ4MDAiLDFd", "cursor: not one of ours"),
        ("members?cursor=WyJcdTAwMDAiLDFd", "cursor: not one of ours"),
        ("events?cursor=W3RydWUsMV0", "cursor: not one of ours"),
        ("events?cursor=WzFlOTk5LDFd", "cursor: not one of ours"),
        ("members?cursor=%F0%9F%9A%B2", "cursor: not one of ours"),
    ],
)
async def test_a_bad_parameter_is_refused_in_words(hub: Served, path: str, complaint: str) -> None:
    """400 as problem JSON that names the parameter and what would be right."""
    problem = await hub.json(f"/api/v1/{path}", 400)
    assert complaint in problem["detail"]
    assert problem["status"] == 400
    assert problem["code"] in {"bad_parameter", "bad_cursor"}
    assert set(problem) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize("name", LISTS)
async def test_anybody_may_read_and_keep_it(hub: Served, name: str) -> None:
    """CORS for every origin; an ETag saves the second answer, a change makes a new one."""
    path = f"/api/v1/{name}"
    async with hub.client.get(path, headers={"Origin": "https://a.example"}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Cache-Control"] == "public, no-cache"
        tag = response.headers["ETag"]
        assert tag.startswith('W/"')
    for named in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        async with hub.client.get(path, headers={"If-None-Match": named}) as response:
            assert response.status == 304
            assert await response.read() == b""
            assert response.headers["ETag"] == tag
    await add_member(hub.database, "z@z.example", "https://z.example/a", Profile("Zoé"))
    await publish(hub.database, LILAS, event("neu"))
    await publish(hub.database, LILAS, resource("neu-2"))
    async with hub.client.get(path, headers={"If-None-Match": tag}) as response:
        assert response.status == 200
        assert response.headers["ETag"] != tag


async def test_script_addresses_are_not_handed_on(hub: Served) -> None:
    """Texts are data here, addresses are not: a reader will put them into a link."""
    for path in ("members", "members/corbeau@corbeau.example", "events", "resources"):
        async with hub.client.get(f"/api/v1/{path}") as response:
            assert "javascript:" not in await response.text()


async def test_nothing_of_a_suspended_member(hub: Served) -> None:
    """Not by list, not by filter."""
    for name in LISTS:
        async with hub.client.get(f"/api/v1/{name}?limit=200") as response:
            text = await response.text()
            assert "ancienne" not in text
            assert "caché" not in text
