"""What pages show of a profile: pictures of our own, links both ways, and the document behind."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from pecfed.domain.picture import Picture
from pecfed.domain.profile import Link, Profile
from pecfed.store import actors, members
from pecfed.store.database import Session
from tests.http.conftest import Served, add_actor, publish
from tests.http.hive import LILAS, event, lilas

ALTERNATE = '<link rel="alternate" type="application/activity+json" href="{}">'


async def with_profile(node: Served, **more: object) -> None:
    """Let Lilas say more of itself."""

    async def work(session: Session) -> None:
        actor = await actors.by_username(session, "lilas")
        assert actor is not None
        await actors.set_profile(session, actor.id, replace(lilas(), **more), 5)  # type: ignore[arg-type]

    await node.database.write(work)


async def test_pictures_of_our_own_are_shown(node: Served) -> None:
    """With their words and their size; one of somebody else's is never asked for."""
    url = f"{node.settings.url}/media/{'a' * 64}.png"
    icon = Picture(url, "image/png", {"fr": 'Un "lilas"', "en": "A lilac"}, 512, 256)
    foreign = Picture("https://elsewhere.example/x.png", "image/png", {"fr": "Ailleurs"})
    await with_profile(node, icon=icon, banner=foreign)
    page = await node.page("/fr/@lilas")
    path = f"/media/{'a' * 64}.png"
    assert (
        f'<img class="icon" src="{path}" alt="Un &#34;lilas&#34;" width="512" height="256"' in page
    )
    assert 'alt="A lilac"' in await node.page("/en/@lilas")
    assert page.count("<img") == 1 and "elsewhere.example/x.png" not in page
    mine = node.uris.actor("lilas")
    actor = await node.database.read(lambda session: actors.by_uri(session, mine))
    assert actor is not None
    await publish(
        node.database, mine, event("fete", picture=icon), actor_id=actor.id,
        uri=f"{node.settings.url}/objects/fete",
    )  # fmt: skip
    assert f'<img class="picture" src="{path}"' in await node.page("/fr/objects/fete")


async def test_links_say_that_they_are_ours(node: Served) -> None:
    """`rel="me"` on the actor's own page, so that the tick can be checked from either side."""
    await with_profile(node, links=(Link({"fr": "Forum"}, "https://forum.lilas.example/"),))
    page = await node.page("/fr/@lilas")
    for url in ("https://forum.lilas.example/", lilas().url):
        assert f'<a href="{url}" rel="me noopener">' in page
    assert "Forum" in page


async def test_a_platform_that_moved_says_where(node: Served) -> None:
    """Its page leads to the new address, and no longer asks to be followed here."""
    there = "https://new.example/actors/lilas"

    async def work(session: Session) -> None:
        actor = await actors.by_username(session, "lilas")
        assert actor is not None
        await actors.set_aliases(session, actor.id, [], there, 5)

    assert "Suivre depuis mon serveur" in await node.page("/fr/@lilas")
    await node.database.write(work)
    page = await node.page("/fr/@lilas")
    assert "a déménagé" in page and f'<a href="{there}"' in page
    assert "Suivre depuis mon serveur" not in page
    assert "has moved" in await node.page("/en/@lilas")


async def test_search_engines_are_asked_to_pass_over(node: Served) -> None:
    """The actor's page and its objects', when it says so; else nothing is said."""
    robots = '<meta name="robots" content="noindex">'
    for path in ("/@lilas", "/objects/ag"):
        assert robots not in await node.page(path)
    await with_profile(node, indexable=False)
    for path in ("/@lilas", "/objects/ag"):
        assert robots in await node.page(path)


async def test_every_page_of_something_names_its_document(hub: Served) -> None:
    """So that a page's address, pasted into a server's search, finds the actor or the object."""
    ruche = f"{hub.settings.url}/actors/ruche"
    pages = {
        "/": ruche, "/about": ruche, "/@ruche": ruche, "/members/lilas@lilas.example": LILAS,
        "/members": f"{hub.settings.url}/directory",
        "/objects/forum": f"{hub.settings.url}/objects/forum",
    }  # fmt: skip
    for path, uri in pages.items():
        for prefix in ("", "/fr", "/en"):
            async with hub.client.get(prefix + path) as response:
                text = await response.text()
                assert ALTERNATE.format(uri) in text, path
                assert response.headers["Link"] == (
                    f'<{uri}>; rel="alternate"; type="application/activity+json"'
                )
    assert 'rel="alternate" type="application/activity+json"' not in await hub.page(
        "/members/invitee"
    )


async def test_a_member_may_ask_to_be_passed_over_too(hub: Served) -> None:
    """What its actor says of search engines counts on the hub's page about it."""

    async def work(session: Session) -> None:
        entry = await members.by_uri(session, LILAS)
        assert entry is not None
        profile = replace(entry.profile, indexable=False)
        await members.describe(session, entry.id, entry.slug, profile, 5)

    assert "noindex" not in await hub.page("/members/lilas@lilas.example")
    await hub.database.write(work)
    assert "noindex" in await hub.page("/members/lilas@lilas.example")


async def test_a_working_group_has_a_page(hub: Served) -> None:
    """Its own, with the form to follow it; its document is behind it."""
    await add_actor(hub.database, hub.uris, "governance_legal", "group", Profile("Gouvernance"))
    uri = hub.uris.actor("governance_legal")
    page = await hub.page("/fr/@governance_legal")
    assert "Gouvernance" in page and ALTERNATE.format(uri) in page
    assert f'action="/fr/follow?actor={quote(uri)}"' in page
    assert "Suivre Gouvernance" in await hub.page(f"/fr/follow?actor={uri}")
