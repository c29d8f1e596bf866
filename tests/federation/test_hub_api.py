"""What other members say on a commitment, as a hub tells it: bounded, cleaned, never a wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pecfed.errors import FetchError
from pecfed.federation import hub_api
from pecfed.federation.client import Client
from pecfed.federation.hub_api import HubApi
from pecfed.settings import make
from tests.cast import Peer
from tests.federation.conftest import let_in_node
from tests.servers import Server, eventually
from tests.together.files import statement


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[HubApi]:
    """A node's reader of hubs."""
    client = Client(make(tmp_path, {"url": "http://127.0.0.1:1", "development": True}))
    yield HubApi(client)
    await client.close()


def serve(hub: Peer, items: Any, *said: Any, following: Any = None) -> None:
    """A hub's API at that peer: a listing, and what each member says."""
    answer = {"items": items, "total": 1, "next": following}
    hub.serve(answer, "/api/v1/members?membership=member&limit=100", media="application/json")
    for number, item in enumerate(said):
        hub.serve(item, f"/api/v1/members/m{number}@x.example", media="application/json")


def listed(number: int, level: str = "practised", **more: Any) -> dict[str, Any]:
    """One member of a listing."""
    return {
        "id": f"m{number}@x.example",
        "uri": f"https://x.example/m{number}",
        "name": f"Membre {number}",
        "standing": "declared",
        "statement": {
            "uri": "https://x.example/s",
            "digest": "0" * 64,
            "levels": {"data-1": level},
        },
    } | more


def saying(name: str, **answer: Any) -> dict[str, Any]:
    """What a member's own entry says on data-1."""
    said = {"commitment": "data-1", "level": "practised", "explanation": {"fr": "Oui."}} | answer
    return {"name": name, "page": "https://h.example/m", "statement": {"commitments": [said]}}


async def test_a_real_hub(ruche: Server, lilas: Server) -> None:
    """Members by name and by words; what they say, but for oneself."""
    await let_in_node(ruche, lilas)
    await lilas.apply(statement())
    await eventually(lambda: ruche.value("SELECT 1 FROM objects WHERE kind = 'statement'"))
    api = lilas.node.hub_api
    (found,) = await api.members(ruche.actor_uri)
    assert (found.name, found.uri) == ("Lilas", lilas.actor_uri)
    assert found.levels == {"governance-1": "practised"}
    assert found.digest == await lilas.value("SELECT digest FROM statement_versions")
    assert await api.members(ruche.actor_uri, "personne") == ()
    (said,) = await api.examples(ruche.actor_uri, "governance-1")
    assert said.declared.explanation == {"fr": "Une personne, une voix."}
    assert said.declared.evidence == ("https://velo.example/statuts.pdf",)
    assert said.page == f"{ruche.url}/members/{lilas.handle}"
    assert await api.examples(ruche.actor_uri, "governance-1", but=lilas.actor_uri) == ()
    assert await api.examples(ruche.actor_uri, "data-1") == ()


async def test_the_best_first_and_three_at_most(api: HubApi, corbeau: Peer) -> None:
    """Labelled before declared, practised before in progress; what says nothing is passed over."""
    items = [
        listed(0, "in-progress"), listed(1), listed(2, "planned"), listed(3, standing="labelled"),
        listed(4), listed(5),
    ]  # fmt: skip
    silent = saying("Muet", explanation={})
    serve(corbeau, items, *(silent if n == 4 else saying(f"M{n}") for n in range(6)))
    found = await api.examples(corbeau.uri, "data-1")
    assert [each.name for each in found] == ["M3", "M1", "M5"]
    asked = corbeau.asked()
    await api.examples(corbeau.uri, "data-1")
    assert corbeau.asked() == asked


async def test_what_a_hub_says_is_cleaned(api: HubApi, corbeau: Peer) -> None:
    """Texts are cut, other shapes passed over; nothing of it breaks anything."""
    links = ["javascript:1", 7, *("https://x.example" for _ in range(9))]
    texts = {"fr": "y" * 9000, "en": 3}
    long = saying("N\u202e" + "x" * 900, explanation=texts, evidence=links)
    odd = [None, 7, {"id": 3}, {"id": "m\n", "uri": "x"}, listed(0), listed(1, statement=[])]
    serve(corbeau, odd, long)
    assert [each.id for each in await api.members(corbeau.uri)] == ["m0@x.example", "m1@x.example"]
    (found,) = await api.examples(corbeau.uri, "data-1")
    assert len(found.name) == hub_api.MAX_NAME
    assert found.declared.explanation == {"fr": "y" * hub_api.MAX_TEXT}
    assert len(found.declared.evidence) == hub_api.MAX_LINKS


@pytest.mark.parametrize("items", [None, 7, {"a": 1}, "x", [[]], [{}]])
async def test_a_listing_that_is_none(api: HubApi, corbeau: Peer, items: Any) -> None:
    """Is empty."""
    serve(corbeau, items, following=["x"])
    assert await api.members(corbeau.uri) == ()
    assert await api.examples(corbeau.uri, "data-1") == ()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"a": NaN}', b"x" * 2_000_000])
async def test_what_is_no_answer(api: HubApi, corbeau: Peer, body: bytes) -> None:
    """Is an error in words."""
    corbeau.serve(body, "/api/v1/members?membership=member&limit=100", media="application/json")
    with pytest.raises(FetchError):
        await api.members(corbeau.uri)


async def test_pages_without_end(api: HubApi, corbeau: Peer) -> None:
    """Three of them are read."""
    path = "/api/v1/members?membership=member&limit=100"
    answer = {"items": [listed(9)], "next": "again"}
    corbeau.serve(answer, path, media="application/json")
    corbeau.serve(answer, f"{path}&cursor=again", media="application/json")
    corbeau.serve(saying("M"), "/api/v1/members/m9@x.example", media="application/json")
    await api.examples(corbeau.uri, "data-1")
    assert corbeau.asked(path) == 1
    assert json.dumps([each.path for each in corbeau.got]).count("cursor") == 1  # remembered


async def test_a_hub_that_keeps_silent(api: HubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isn't waited for longer than a page may take."""
    monkeypatch.setattr(hub_api, "SECONDS", 0.2)
    ended = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up
        writer.close()
        await writer.wait_closed()
        ended.set()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchError, match="no answer in time"):
            await api.members(f"http://127.0.0.1:{port}/actors/x")
        await asyncio.wait_for(ended.wait(), 10)
