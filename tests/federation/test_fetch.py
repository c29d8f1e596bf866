"""Reading others' documents: what an id says counts when it is served at that id, within bounds."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pecfed.domain.profile import Profile
from pecfed.errors import FetchError
from pecfed.federation.client import Client
from pecfed.federation.collections import items
from pecfed.federation.fetch import ACCEPT, Fetcher
from pecfed.federation.keyfiles import KeyFiles
from pecfed.federation.keys import Keyring
from pecfed.federation.knock import Knocks
from pecfed.settings import Settings, make
from pecfed.store import actors
from pecfed.store.open import open_database
from tests.cast import ACTIVITY, AS2, Peer
from tests.servers import KeyBox, Server


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """Settings with short patience."""
    url = "http://127.0.0.1:1"
    return make(
        tmp_path, {"url": url, "development": True, "fetch_seconds": 1, "body_bytes": 10_000}
    )


@pytest.fixture
async def fetcher(settings: Settings, keys: KeyBox) -> AsyncIterator[Fetcher]:
    """What a node reads with, without the node."""
    lent = keys.lend(settings.dir / "keys", ["instance"])
    client, files = Client(settings), KeyFiles(settings.dir)
    pem, multikey = files.make("instance")
    database = await open_database(settings)
    await database.write(
        lambda session: actors.add(
            session,
            username="instance",
            card="instance",
            uri=f"{settings.url}/actor",
            profile=Profile("Instance"),
            rsa_public=pem,
            ed25519_public=multikey,
            now=1,
        )
    )
    knocks = Knocks(Keyring(files, database), database)
    yield Fetcher(client, knocks)
    knocks.close()
    await client.close()
    await database.close()
    keys.give_back(lent)


async def test_a_document_at_its_id(fetcher: Fetcher, corbeau: Peer) -> None:
    """Asked with the two media types and a signature of the instance actor."""
    document = await fetcher.document(corbeau.uri)
    assert document["id"] == corbeau.uri
    (got,) = corbeau.got
    assert got.headers["Accept"] == ACCEPT
    assert 'keyId="http://127.0.0.1:1/actor#main-key"' in got.headers["Signature"]
    assert got.headers["User-Agent"].startswith("pecfed/")


async def test_a_document_of_another_id_is_asked_there(fetcher: Fetcher, corbeau: Peer) -> None:
    """One more question, at the id it names, when that is of the same origin."""
    corbeau.serve(corbeau.actor(), "/@corbeau")
    corbeau.got.clear()
    assert (await fetcher.document(f"{corbeau.url}/@corbeau"))["id"] == corbeau.uri
    assert [got.path for got in corbeau.got] == ["/@corbeau", "/actors/corbeau"]


def unsteady(who: Peer) -> str:
    who.serve({"id": f"{who.url}/b"}, "/a")
    who.serve({"id": f"{who.url}/c"}, "/b")
    return f"{who.url}/a"


def moved_away(who: Peer) -> str:
    who.moved["/a"] = "http://127.0.0.1:9/actors/corbeau"
    return f"{who.url}/a"


def media(kind: str) -> Callable[[Peer], str]:
    return lambda who: who.serve({"id": f"{who.url}/a"}, "/a", media=kind)


REFUSED: dict[str, tuple[Callable[[Peer], str], str]] = {
    "another origin's id": (lambda w: w.serve({"id": "http://a.example/a"}, "/a"), "id_mismatch"),
    "https of the same host": (
        lambda w: w.serve({"id": w.url.replace("http:", "https:") + "/a"}, "/a"), "id_mismatch",
    ),
    "no id": (lambda w: w.serve({"type": "Note"}, "/a"), "id_mismatch"),
    "an id that is none": (lambda w: w.serve({"id": ["a"]}, "/a"), "id_mismatch"),
    "an id that changes": (unsteady, "id_mismatch"),
    "a redirect away": (moved_away, "redirect_away"),
    "application/json": (media("application/json"), "content_type"),
    "text/html": (media("text/html"), "content_type"),
    "image/png": (media("image/png"), "content_type"),
    "no media type": (media(""), "content_type"),
    "ld+json alone": (media("application/ld+json"), "content_type"),
    "a list": (lambda w: w.serve(b"[]", "/a"), "not_an_object"),
    "too large": (lambda w: w.serve(b'"' + b"x" * 10_001, "/a"), "too_large"),
    "a key twice": (lambda w: w.serve(b'{"id":"a","id":"b"}', "/a"), "duplicate_key"),
    "410": (lambda w: w.serve({"id": f"{w.url}/a"}, "/a", status=410), "status"),
    "500": (lambda w: w.serve({"id": f"{w.url}/a"}, "/a", status=500), "status"),
    "nothing": (lambda w: f"{w.url}/nothing", "status"),
    "nobody": (lambda _w: "http://127.0.0.1:9/a", "unreachable"),
    "no address": (lambda _w: "acct:a@b", "bad_address"),
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
async def test_refused(fetcher: Fetcher, corbeau: Peer, told: str) -> None:
    """With a code, and whether asking again can help."""
    make_, code = REFUSED[told]
    with pytest.raises(FetchError) as caught:
        await fetcher.document(make_(corbeau))
    assert caught.value.code == code
    assert caught.value.retry == (told in {"500", "nobody"})
    assert caught.value.gone == (told in {"410", "nothing"})


@pytest.fixture
async def answering() -> AsyncIterator[Callable[[Any], Any]]:
    """Starts a server with one handler; its address."""
    runners = []

    async def start(handler: Any) -> str:
        app = web.Application()
        app.router.add_get("/a", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/a"

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_a_bomb_is_not_unpacked(fetcher: Fetcher, answering: Any) -> None:
    """A few kilobytes that would be 50 MB are given up at the limit."""
    packed = gzip.compress(b"0" * 50_000_000)

    async def bomb(_request: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/activity+json"}
        return web.Response(body=packed, headers=headers)

    with pytest.raises(FetchError) as caught:
        await fetcher.document(await answering(bomb))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("after", [0.0, 0.05])
async def test_a_dripping_answer_is_given_up(
    fetcher: Fetcher, answering: Any, after: float
) -> None:
    """One byte now and then, or none at all, is over after the whole of a deadline."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/activity+json"})
        await response.prepare(request)
        for _ in range(200):
            await asyncio.sleep(after or 10)
            await response.write(b" ")
        return response

    url, began = await answering(drip), time.monotonic()
    with pytest.raises(FetchError) as caught:
        await fetcher.document(url)
    assert caught.value.code == "timeout" and caught.value.retry
    assert time.monotonic() - began < 2


def self_link(uri: str) -> dict[str, str]:
    return {"rel": "self", "type": ACTIVITY, "href": uri}


@pytest.mark.parametrize(
    ("claim", "answer", "confirmed"),
    [
        ("corbeau@{host}", {}, True),
        ("acct:Corbeau@{host}", {}, True),
        ("corbeau@{host}", {"subject": "acct:other@{host}"}, False),
        ("corbeau@{host}", {"links": [self_link("http://lilas.example/a")]}, False),
        ("corbeau@{host}", {"links": [{"rel": "self", "href": "{uri}"}]}, False),
        ("corbeau@{host}", {"links": []}, False),
        ("corbeau@{host}", {"links": self_link("{uri}")}, True),
        ("corbeau@{host}", {"links": ["x", None]}, False),
        ("corbeau", {}, False),
        ("a/b@{host}", {}, False),
        ("corbeau@{host}/x?", {}, False),
        ("corbeau@x@{host}", {}, False),
        (["corbeau@{host}"], {}, False),
    ],
)
async def test_a_handle_of_another_host(
    fetcher: Fetcher, corbeau: Peer, pie: Peer, claim: Any, answer: dict[str, Any], confirmed: bool
) -> None:
    """A claim counts when that host says the same of the same actor, else it is passed over."""
    host = pie.url.removeprefix("http://")

    def fill(value: Any) -> Any:
        text = json.dumps(value).replace("{host}", host).replace("{uri}", corbeau.uri)
        return json.loads(text)

    subject = f"acct:corbeau@{host}"
    links = [self_link(corbeau.uri)]
    jrd = {"subject": subject, "links": links} | fill(answer)
    path = f"/.well-known/webfinger?resource={subject}"
    pie.serve(jrd, path, media="application/jrd+json")
    found = await fetcher.confirmed_handle(corbeau.actor(webfinger=fill(claim)))
    assert found == (f"corbeau@{host}" if confirmed else "")


async def pages(server: Server, uri: str) -> list[Any]:
    return [item async for item in items(server.node, uri)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_collections_are_read_within_bounds(lilas: Server, corbeau: Peer) -> None:
    """Ten pages at the most, none twice, none of another origin, whatever `next` says."""

    def page(number: int, **more: Any) -> dict[str, Any]:
        uri = f"{corbeau.url}/page/{number}"
        after = f"{corbeau.url}/page/{number + 1}"
        return {"@context": AS2, "id": uri, "orderedItems": [number], "next": after} | more

    for number in range(100):
        corbeau.serve(page(number))
    first = corbeau.serve({"id": f"{corbeau.url}/c", "type": "OrderedCollection",
                           "first": f"{corbeau.url}/page/0", "totalItems": 10**12})  # fmt: skip
    assert len(await pages(lilas, first)) <= 10
    corbeau.serve(page(1, next=f"{corbeau.url}/page/1"))
    assert await pages(lilas, first) == [0, 1]
    corbeau.serve(page(1, next=f"{corbeau.url}/page/0"))
    assert await pages(lilas, first) == [0, 1]
    corbeau.serve(page(1, next="http://lilas.example/page/2"))
    assert await pages(lilas, first) == [0, 1]
    corbeau.serve(page(1, orderedItems=list(range(2000)), next=None))
    assert len(await pages(lilas, first)) == lilas.settings.collection_items
    corbeau.serve(page(1, orderedItems=None, next=None))
    assert await pages(lilas, first) == [0]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"items": ["a", "b"]}, ["a", "b"]),
        ({"orderedItems": "a"}, ["a"]),
        ({"first": {"type": "OrderedCollectionPage", "orderedItems": ["a"]}}, ["a"]),
        ({"totalItems": 3}, []),
        ({"first": {"first": {"first": {}}}}, []),
        ({"orderedItems": {"id": "a"}}, [{"id": "a"}]),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_every_form_of_collection(
    lilas: Server, corbeau: Peer, document: dict[str, Any], found: list[Any]
) -> None:
    """Items inline, one alone, in an embedded page, or none."""
    uri = corbeau.serve({"@context": AS2, "id": f"{corbeau.url}/c", **document})
    assert await pages(lilas, uri) == found
