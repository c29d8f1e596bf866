"""What others read of ours: outbox, followers, featured, objects, activities, the directory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pecfed.domain.content import Content
from pecfed.services import publish, setup
from pecfed.services.outbox import emit
from pecfed.store import follows
from pecfed.store.database import Session
from tests.conftest import MakeServer
from tests.servers import Server
from tests.things import NOW, event, member, resource, statement

ACTIVITY = "application/activity+json"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client of no server."""
    async with aiohttp.ClientSession() as session:
        yield session


async def get(
    http: aiohttp.ClientSession, url: str, status: int = 200, accept: str = ACTIVITY
) -> Any:
    """The ActivityPub document at an address, which names itself."""
    async with http.get(url, headers={"Accept": accept}, allow_redirects=False) as response:
        text = await response.text()
        assert response.status == status, (url, response.status, text[:300])
        if response.content_type != ACTIVITY:
            return text
        document = json.loads(text)
        if status in {200, 410} and "id" in document:
            assert document["id"] == url
        return document


async def pages(http: aiohttp.ClientSession, uri: str) -> list[list[Any]]:
    """The items of each page of a collection of ours."""
    collection = await get(http, uri)
    assert collection["type"] == "OrderedCollection"
    assert isinstance(collection["first"], str), "`first` is an address"
    found, at = [], collection["first"]
    while at:
        page = await get(http, at)
        assert (page["type"], page["partOf"]) == ("OrderedCollectionPage", uri)
        found.append(page["orderedItems"])
        at = page.get("next", "")
    assert sum(map(len, found)) == collection["totalItems"]
    return found


async def publish_some(server: Server, count: int) -> None:
    """That many resources, at once."""

    async def work(session: Session) -> None:
        actor = await setup.speaker(session)
        for number in range(count):
            await publish.create(session, server.node.uris, actor, resource(f"r{number}"))

    await server.write(work)


async def test_an_outbox(lilas: Server, http: aiohttp.ClientSession) -> None:
    """Pages of whole activities with their objects, the newest first, every one once."""
    outbox = f"{lilas.actor_uri}/outbox"
    assert await pages(http, outbox) == [[]]
    await publish_some(lilas, 120)
    found = await pages(http, outbox)
    assert [len(page) for page in found] == [50, 50, 20]
    activities = [activity for page in found for activity in page]
    uids = [activity["object"]["resource"]["uid"] for activity in activities]
    assert uids == [f"r{number}" for number in reversed(range(120))]
    for activity in (activities[0], activities[-1]):
        assert activity["type"] == "Create" and activity["@context"]
        assert activity["object"]["attributedTo"] == activity["actor"] == lilas.actor_uri
        alone = await get(http, activity["id"])
        assert alone == activity
        obj = await get(http, activity["object"]["id"])
        own = {name: obj[name] for name in ("@context", "proof")}
        assert own | activity["object"] == obj


@pytest.mark.parametrize("page", ["x", "-1", "1.5", "9" * 30, "%20", "1%00", "é"])
async def test_a_page_that_is_none(lilas: Server, http: aiohttp.ClientSession, page: str) -> None:
    """400, and never an error of the database."""
    await get(http, f"{lilas.actor_uri}/outbox?page={page}", 400)


async def test_private_activities_are_not_shown(lilas: Server, http: aiohttp.ClientSession) -> None:
    """A Follow or an Accept of ours has no address for others, and isn't in the outbox."""

    async def work(session: Session) -> str:
        actor = await setup.speaker(session)
        return await emit(
            session, lilas.node.uris, actor, type="Follow", object_uri="http://a.example/1",
            intent={"object": "http://a.example/1", "to": ["http://a.example/1"]},
        )  # fmt: skip

    uri = await lilas.write(work)
    await get(http, uri, 404)
    assert await pages(http, f"{lilas.actor_uri}/outbox") == [[]]


async def test_followers_and_following(lilas: Server, http: aiohttp.ClientSession) -> None:
    """Page by page, in the order of their uris; whom we only asked to follow isn't shown."""
    me = await lilas.me()
    uris = sorted(f"http://h{number}.example/actors/é?x=1&y={number}" for number in range(120))

    async def work(session: Session) -> None:
        for uri in uris:
            await follows.add_follower(session, me.id, uri, "f", NOW)
        await follows.ask_to_follow(session, me.id, uris[0], "f", NOW)
        await follows.accepted(session, me.id, uris[0])
        await follows.ask_to_follow(session, me.id, uris[1], "f", NOW)

    await lilas.write(work)
    found = await pages(http, f"{lilas.actor_uri}/followers")
    assert [uri for page in found for uri in page] == uris
    assert await pages(http, f"{lilas.actor_uri}/following") == [[uris[0]]]


async def test_featured_is_what_a_newcomer_should_see(
    lilas: Server, http: aiohttp.ClientSession
) -> None:
    """The statement and the next events, by id, five at the most, nothing that is over."""

    async def work(session: Session) -> None:
        actor = await setup.speaker(session)
        things: list[Content] = [resource(), event("past", days=-400), statement(actor.uri)]
        things += [event(f"e{n}", days=n) for n in range(9)]
        for content in things:
            await publish.create(session, lilas.node.uris, actor, content)

    await lilas.write(work)
    featured = await get(http, f"{lilas.actor_uri}/featured")
    assert featured["totalItems"] == len(featured["orderedItems"]) == 5
    shown = [await get(http, uri) for uri in featured["orderedItems"]]
    assert "charterStatement" in shown[0]
    assert [each["uid"] for each in shown[1:]] == ["e0", "e1", "e2", "e3"]


async def test_an_object_for_others_and_for_people(
    lilas: Server, http: aiohttp.ClientSession
) -> None:
    """One address, two forms."""
    await publish_some(lilas, 1)
    uri = await lilas.value("SELECT uri FROM objects")
    assert (await get(http, uri))["type"] == "Note"
    page = await get(http, uri, accept="text/html")
    assert "<html" in page and f'href="{uri}"' in page
    for language in ("fr", "en"):
        await get(http, uri.replace("/objects/", f"/{language}/objects/"), accept="text/html")


async def test_what_was_withdrawn(lilas: Server, http: aiohttp.ClientSession) -> None:
    """410 with a Tombstone; its Create is gone too, its Delete says so; nothing of it remains."""
    await publish_some(lilas, 2)
    (create,) = await lilas.rows("SELECT uri, object_uri FROM activities ORDER BY id LIMIT 1")

    async def withdraw(session: Session) -> None:
        from pecfed.store import objects

        actor, stored = await setup.speaker(session), await objects.get(session, create[1])
        assert stored is not None
        await publish.delete(session, lilas.node.uris, actor, stored)

    await lilas.write(withdraw)
    tombstone = await get(http, create[1], 410)
    assert (tombstone["type"], tombstone["formerType"]) == ("Tombstone", "Note")
    assert tombstone["deleted"].endswith("Z")
    assert "<html" in await get(http, create[1], 410, "text/html")
    await get(http, create[0], 410)
    ((delete, other),) = await pages(http, f"{lilas.actor_uri}/outbox")
    assert delete["type"] == "Delete" and delete["object"]["id"] == create[1]
    assert other["object"]["id"] != create[1]
    assert (await get(http, delete["id"]))["object"]["type"] == "Tombstone"


async def test_the_directory_as_a_collection(
    make_server: MakeServer, http: aiohttp.ClientSession
) -> None:
    """The members' uris; whole while it is small, in pages for who asks for pages."""
    ruche = await make_server(role="hub", username="ruche")
    uris = sorted(f"https://m{number}.example/actors/a" for number in range(120))

    async def work(session: Session) -> None:
        for uri in uris:
            await member(session, uri, slug=uri)
        await member(session, "https://x.example/a", slug="x", state="suspended")
        await member(session, None, slug="invitee", state="invited")

    await ruche.write(work)
    directory = await get(http, f"{ruche.url}/directory")
    assert directory["orderedItems"] == uris and directory["totalItems"] == 120
    assert directory["attributedTo"] == ruche.actor_uri
    assert [uri for page in await pages(http, f"{ruche.url}/directory") for uri in page] == uris
    assert "<html" in await get(http, f"{ruche.url}/directory", accept="text/html")
    assert (await get(http, ruche.actor_uri))["directory"] == f"{ruche.url}/directory"


async def test_a_document_follows_its_change(lilas: Server, http: aiohttp.ClientSession) -> None:
    """What is served from memory is never older than what was published."""
    for name in ("Un", "Deux", "Trois"):
        await lilas.apply(f'[actor]\nname = "{name}"\n')
        assert (await get(http, lilas.actor_uri))["name"] == name
