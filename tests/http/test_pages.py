"""Every page answers, in both languages, with what it is for."""

from __future__ import annotations

import re

import pytest

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.http import routes
from pecfed.store import members, objects
from tests.http.conftest import NOW, Served, add_actor, publish
from tests.http.hive import LILAS, event, resource

HUB_PAGES = [
    "/", "/members", "/members/lilas@lilas.example", "/members/orme@orme.example",
    "/members/corbeau@corbeau.example", "/members/invitee", "/members/fermee", "/events",
    "/resources", "/charter", "/articles", "/criteria", "/members/invitee/claim",
    "/members/invitee/take-off",
    "/still-true/jeton-true", "/still-true/jeton-change", "/still-true/jeton-archive", "/goodbye/x",
    "/legal", "/my-data", "/my-data/x",
    "/label/lilas@lilas.example", "/label/invitee",
    "/groups", "/about", "/follow", "/directory", "/@ruche", "/objects/forum", "/objects/bilan",
    "/objects/mot",
    "/tags/plateformesencommuns", "/log",
]  # fmt: skip
NODE_PAGES = ["/@lilas", "/objects/ag", "/objects/statuts", "/objects/statement"]


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_a_hub_answers(hub: Served, language: str) -> None:
    """200, in the pinned language, complete, with links to the other languages."""
    for path in HUB_PAGES:
        text = await hub.page(f"/{language}{path}")
        assert text.startswith("<!doctype html>")
        assert f'<html lang="{language}">' in text
        assert text.rstrip().endswith("</html>"), path
        assert text.count("<h1>") == 1, path
        other = "en" if language == "fr" else "fr"
        assert f'href="/{other}{path}"' in text, path
        for tag in ("fr", "en", "x-default"):
            assert f'hreflang="{tag}" href="{hub.settings.url}' in text, (path, tag)


async def test_the_list_of_pages_is_complete(hub: Served) -> None:
    """Each row of the routes has a page here that it answers."""
    rows = [*routes.PAGES, *routes.PINNED]
    for row in rows:
        pattern = re.sub(r"\{[a-z]+\}", "[^/]+", row.path)
        assert any(re.fullmatch(pattern, path) for path in HUB_PAGES), row.path
        assert row.access == "public"


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_a_member_node_answers(node: Served, language: str) -> None:
    """A node without a directory has its actor and its objects."""
    for path in NODE_PAGES:
        assert f'<html lang="{language}">' in await node.page(f"/{language}{path}")
    await node.page("/fr/members", 404)
    await node.page("/api/v1/members", 404)


async def test_ids_are_unique_and_labels_point_somewhere(hub: Served) -> None:
    """What an anchor, a label or `aria-labelledby` names stands on the page once."""
    for path in HUB_PAGES:
        text = await hub.page(f"/en{path}")
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), (path, sorted(i for i in ids if ids.count(i) > 1))
        named = re.findall(r'(?:aria-labelledby="|\sfor="|href="#)([^"]+)"', text)
        assert named, path
        assert set(named) <= set(ids), (path, set(named) - set(ids))


async def test_the_front_page_says_what_this_is(hub: Served) -> None:
    """Figures, what comes next, what is new, how to follow, how to join."""
    text = await hub.page("/", Accept_Language="en")
    assert "co-operative and open platforms" in text
    assert re.search(r"members</a></dt><dd>3<", text)
    assert "Forum" in text
    assert "General assembly" in text
    assert "Fête d’hier" not in text
    assert 'value="@ruche@ruche.example" readonly' in text
    assert f"pecfed join --dir my-node {hub.settings.url}" in text
    assert "pecfed init --dir my-node" in text
    assert 'name="q"' in text


async def test_a_hub_on_its_first_day(empty_hub: Served) -> None:
    """Nothing to show is said in words."""
    text = await empty_hub.page("/fr/")
    assert "Rien d’annoncé pour l’instant" in text
    for path in ("/members", "/events", "/resources", "/charter", "/articles", "/about"):
        await empty_hub.page(f"/en{path}")


async def test_a_member_page_has_all_of_it(hub: Served) -> None:
    """Facts, statement by principle, events, resources, history, handle, sources."""
    text = await hub.page("/en/members/lilas@lilas.example")
    for words in (
        "Bike delivery.", "declared", "Inclusive governance", "One person, one vote.",
        "https://lilas.example/statuts.pdf", "1&nbsp;practised", "The statement says nothing",
        "General assembly", "Wednesday 12 May 2027, 18:00 to 20:00 (Europe/Paris)",
        'datetime="2027-05-12T18:00+02:00"', "CC-BY-SA-4.0", "September 2022",
        'value="@lilas@lilas.example"', LILAS, "Governance and legal aspects", "France",
        "1 past event", "multi-stakeholder co-operative",
    ):  # fmt: skip
        assert words in text, words
    assert re.search(r"<code>[0-9a-f]{64}</code>", text)


async def test_a_lapsed_statement_says_so(hub: Served) -> None:
    """It is shown with its dates, and isn't counted on the charter page."""
    text = await hub.page("/fr/members/orme@orme.example")
    assert ">échue</span>" in text
    assert "1er janvier 2026" in text
    charter = await hub.page("/fr/charter")
    assert "Orme" not in charter


async def test_an_invited_entry_is_marked(hub: Served) -> None:
    """On the list and on its page: the mark, its sources, never a level or a handle."""
    marks = {
        "fr": "exemple, non vérifié — invité, pas encore de déclaration",
        "en": "example, unverified — invited, no statement yet",
    }
    for language, mark in marks.items():
        for path in ("/members", "/members?membership=invited", "/members/invitee"):
            text = await hub.page(f"/{language}{path}")
            assert mark in text, path
            assert "https://source.example/b" in text
        assert "level-" not in text
        assert "readonly" not in text
        assert 'datetime="2018"' in text
        assert "Invitée" not in await hub.page(f"/{language}/members?membership=member")


async def test_suspended_members_are_nowhere(hub: Served) -> None:
    """Not their entry, not what they published."""
    for path in HUB_PAGES:
        text = await hub.page(f"/fr{path}")
        assert "Ancienne" not in text
        assert "Événement caché" not in text
    await hub.page("/fr/members/ancienne@ancienne.example", 404)


async def test_the_charter_page_says_who_declares_what(hub: Served) -> None:
    """Permanent anchors, and under each commitment the members by level."""
    text = await hub.page("/en/charter")
    assert text.count('<article class="item" id="') == 17
    assert 'id="governance-1"' in text
    part = text[text.index('id="governance-1"') : text.index('id="governance-2"')]
    assert "practised" in part
    assert 'href="/en/members/lilas@lilas.example#s-governance-1"' in part
    silent = text[text.index('id="governance-2"') : text.index('id="governance-3"')]
    assert "No platform has placed itself" in silent


async def test_events_come_first_and_the_archive_after(hub: Served) -> None:
    """What isn't over by its start, then what was; a deadline and a status are shown."""
    text = await hub.page("/fr/events")
    order = ["À venir", "Forum", "Assemblée générale", "Archive", "Fête d’hier"]
    places = [text.index(words, text.index("<h1>")) for words in order]
    assert places == sorted(places)
    assert "du 11 au 12 janvier 2027" in text
    assert "reporté" in text
    assert "Date limite" in text
    chosen = await hub.page("/fr/events?from=2025-01-01&to=2025-12-31")
    assert "Fête d’hier" in chosen
    assert "Assemblée générale" not in chosen


async def test_an_event_under_way_is_not_in_the_archive(hub: Served) -> None:
    """It is coming up until it ends, and counted once."""
    now = event("maintenant", name={"fr": "En ce moment"}, start=NOW, end=None)
    await publish(hub.database, LILAS, now)
    started = event(
        "tours", name={"fr": "Depuis hier"}, start=clock.from_ms(clock.to_ms(NOW) - 10**8)
    )
    await publish(hub.database, LILAS, started)
    text = await hub.page("/fr/events")
    assert text.count("Depuis hier") == 1
    assert text.index("Depuis hier") < text.index('id="archive"')
    assert "1 événement passé" in text


async def test_an_unknown_licence_is_unknown(hub: Served) -> None:
    """Never left out, never guessed."""
    assert "licence inconnue" in await hub.page("/fr/objects/bilan")
    assert "licence inconnue" in await hub.page("/fr/resources?q=bilan")


async def test_lists_go_on_page_by_page(hub: Served) -> None:
    """Following "next page" shows each entry once, and keeps the filters."""
    for n in range(120):
        await publish(hub.database, LILAS, resource(f"r-{n}", name={"fr": f"Ressource n° {n:03}."}))
    path, seen = "/fr/resources?kind=statutes", []
    while path:
        text = await hub.page(path)
        seen += re.findall(r"Ressource n° (\d{3})\.", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        path = following[1].replace("&amp;", "&") if following else ""
        assert not path or "kind=statutes" in path
    assert sorted(seen) == [f"{n:03}" for n in range(120)]


async def test_remote_things_link_to_their_origin_and_own_ones_here(hub: Served) -> None:
    """A hub has no page for somebody else's object."""
    text = await hub.page("/events", Accept_Language="fr")
    assert '<h3><a href="https://lilas.example/@lilas/ag" rel="nofollow ugc noopener">' in text
    assert '<h3><a href="/objects/forum">' in text
    assert '<h3><a href="/fr/objects/forum">' in await hub.page("/fr/events")
    await hub.page("/fr/objects/nothing", 404)


async def test_a_withdrawn_object_is_gone(node: Served) -> None:
    """410 in words, on the bare address and the pinned ones."""
    uri = f"{node.uris.base}/objects/ag"
    await node.database.write(lambda session: objects.delete(session, uri, clock.to_ms(NOW)))
    for path in ("/fr/objects/ag", "/objects/ag"):
        text = await node.page(path, 410, Accept="text/html", Accept_Language="fr")
        assert "Cela a été retiré" in text
        assert "Assemblée" not in text


async def test_an_actor_page_leads_to_its_actor(node: Served) -> None:
    """People get the page with its alternate, ActivityPub clients the actor's address."""
    actor = node.uris.actor("lilas")
    async with node.client.get("/@lilas", headers={"Accept": "text/html"}) as response:
        assert response.headers["Link"] == (
            f'<{actor}>; rel="alternate"; type="application/activity+json"'
        )
        assert response.headers["Vary"] == "Accept, Accept-Language"
        text = await response.text()
    assert f'<link rel="alternate" type="application/activity+json" href="{actor}">' in text
    asked = {"Accept": "application/activity+json"}
    async with node.client.get("/@lilas", headers=asked, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, actor)
        assert response.headers["Vary"] == "Accept"
    await node.page("/@nobody", 404, Accept="text/html")
    await node.page("/@instance", 404, Accept="text/html")


async def test_the_front_of_a_node_is_its_only_actor(node: Served) -> None:
    """With two it is a list of both."""
    async with node.client.get("/en/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/en/@lilas")
    await add_actor(node.database, node.uris, "orme", "member", Profile("Orme"))
    text = await node.page("/en/")
    assert "Lilas" in text
    assert 'href="/en/@orme"' in text


async def test_a_member_without_anything(hub: Served) -> None:
    """A bare profile is a whole page."""
    await hub.database.write(
        lambda session: members.add(
            session, slug="nu@nu.example", uri="https://nu.example/a", state="member",
            profile=Profile("Nu"), source=["https://nu.example/a"], now=clock.to_ms(NOW),
        )
    )  # fmt: skip
    text = await hub.page("/en/members/nu@nu.example")
    assert "no statement" in text
    assert 'id="events"' not in text


async def test_a_tag_has_a_page_of_what_carries_it(hub: Served) -> None:
    """Of the hub and its members, in any spelling; what nobody carries has an empty one."""
    text = await hub.page("/fr/tags/plateformesencommuns")
    assert "<bdi>#PlateformesEnCommuns</bdi>" in text
    assert "Assemblée générale" in text and "Nos statuts de SCIC" in text
    assert "Nos statuts de SCIC" in await hub.page("/fr/tags/COMMUNS")
    assert "Assemblée générale" not in await hub.page("/fr/tags/communs")
    assert "Rien n’est publié" in await hub.page("/fr/tags/personne")
    assert "Rien n’est publié" in await hub.page("/fr/tags/commun_")
    await hub.page("/fr/tags/2027", 404)
    await hub.page("/fr/tags/a%25b", 404)
