"""Discovery as the conformance table has it: WebFinger, host-meta, NodeInfo, actors, split domains.

NodeInfo's rules are those of its schemas 2.0 and 2.1 (http://nodeinfo.diaspora.software/),
written down here by hand.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from pecfed.federation.resolve import resolve
from tests.cast import Peer
from tests.conftest import MakeServer
from tests.servers import Server, eventually

ACTIVITY = "application/activity+json"
PROFILED = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def get(url: str, accept: str = "*/*") -> tuple[int, Any, Any]:
    """Status, body, headers; redirects are shown."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": accept}, allow_redirects=False) as response,
    ):
        text = await response.text()
        found = json.loads(text) if "json" in response.content_type else text
        return response.status, found, response.headers


@pytest.fixture
async def velo(make_server: MakeServer) -> Server:
    """A node whose handles are at another host."""
    return await make_server(username="velo", handle_domain="velo.example")


async def finger(velo: Server, resource: str) -> tuple[int, Any, Any]:
    return await get(f"{velo.url}/.well-known/webfinger?resource={quote(resource, safe='')}")


def self_of(jrd: Any) -> str:
    (found,) = [link for link in jrd["links"] if link["rel"] == "self"]
    assert found["type"] == ACTIVITY
    return str(found["href"])


@pytest.mark.case("D1")
async def test_d1_any_case(velo: Server) -> None:
    """200, the JRD, and the subject as it is written."""
    status, jrd, headers = await finger(velo, "acct:VELO@Velo.Example")
    assert (status, headers["Content-Type"].split(";")[0]) == (200, "application/jrd+json")
    assert jrd["subject"] == "acct:velo@velo.example"


@pytest.mark.case("D2")
async def test_d2_no_resource(velo: Server) -> None:
    """400."""
    assert (await get(f"{velo.url}/.well-known/webfinger"))[0] == 400
    assert (await finger(velo, ""))[0] == 400


@pytest.mark.case("D3")
async def test_d3_nobody(velo: Server) -> None:
    """404, here and elsewhere."""
    for resource in (
        "acct:nobody@velo.example", "acct:velo@elsewhere.example", "https://elsewhere.example/@velo",
    ):  # fmt: skip
        assert (await finger(velo, resource))[0] == 404, resource


@pytest.mark.case("D4")
async def test_d4_by_id(velo: Server) -> None:
    """The same subject by the actor's id, and by its page."""
    for resource in (velo.actor_uri, f"{velo.url}/@velo"):
        status, jrd, _ = await finger(velo, resource)
        assert (status, jrd["subject"]) == (200, "acct:velo@velo.example")


@pytest.mark.case("D5")
async def test_d5_the_nodes_own_host(velo: Server) -> None:
    """Either host leads to the handle; `self` is the actor's id byte for byte."""
    for host in (velo.settings.host, "velo.example"):
        _, jrd, _ = await finger(velo, f"acct:velo@{host}")
        assert jrd["subject"] == "acct:velo@velo.example"
        assert self_of(jrd) == velo.actor_uri == (await get(velo.actor_uri, ACTIVITY))[1]["id"]


@pytest.mark.case("D6")
async def test_d6_host_meta(velo: Server) -> None:
    """An XRD with a template that holds `{uri}` and works."""
    status, body, headers = await get(f"{velo.url}/.well-known/host-meta")
    assert status == 200 and headers["Content-Type"].startswith("application/xrd+xml")
    (link,) = ET.fromstring(body)
    assert link.attrib["rel"] == "lrdd" and "{uri}" in link.attrib["template"]
    where = link.attrib["template"].replace("{uri}", quote("acct:velo@velo.example"))
    assert self_of((await get(where))[1]) == velo.actor_uri


@pytest.mark.case("D7")
async def test_d7_nodeinfo_links(velo: Server) -> None:
    """`rel` and `href` on each; the application actor without a signature."""
    _, jrd, _ = await get(f"{velo.url}/.well-known/nodeinfo")
    assert all(set(link) == {"rel", "href"} for link in jrd["links"])
    links = {link["rel"]: link["href"] for link in jrd["links"]}
    there = links["https://www.w3.org/ns/activitystreams#Application"]
    status, actor, _ = await get(there, ACTIVITY)
    assert (status, actor["type"], actor["id"]) == (200, "Application", there)


def nodeinfo_schema(version: str) -> dict[str, Any]:
    """What NodeInfo demands: these keys and no others."""
    whole = {"type": "integer", "minimum": 0}
    software = {
        "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "version": {"type": "string"},
    }
    if version == "2.1":
        software |= {"repository": {"type": "string"}, "homepage": {"type": "string"}}
    users = ("total", "activeHalfyear", "activeMonth")
    services = {"type": "array", "uniqueItems": True, "items": {"type": "string"}}

    def strictly(properties: dict[str, Any], *required: str) -> dict[str, Any]:
        return {
            "type": "object", "additionalProperties": False, "required": list(required),
            "properties": properties,
        }  # fmt: skip

    return strictly(
        {
            "version": {"enum": [version]},
            "software": strictly(software, "name", "version"),
            "protocols": {
                "type": "array", "minItems": 1, "uniqueItems": True,
                "items": {"enum": ["activitypub", "buddycloud", "dfrn", "diaspora", "libertree",
                                   "ostatus", "pumpio", "tent", "xmpp", "zot"]},
            },
            "services": strictly(dict.fromkeys(("inbound", "outbound"), services), "inbound",
                                 "outbound"),
            "openRegistrations": {"type": "boolean"},
            "usage": strictly(
                {"users": strictly(dict.fromkeys(users, whole)), "localPosts": whole,
                 "localComments": whole},
                "users",
            ),
            "metadata": {"type": "object"},
        },
        "version", "software", "protocols", "services", "openRegistrations", "usage", "metadata",
    )  # fmt: skip


@pytest.mark.case("D8")
async def test_d8_nodeinfo(velo: Server) -> None:
    """Both versions keep to their schemas; the figures are true."""
    usage = []
    for published in (False, True):
        if published:
            await velo.apply(
                '[[resource]]\nuid = "a"\nname = "A"\nkind = "statutes"\nopenness = "public"\n'
            )
        for version in ("2.0", "2.1"):
            status, info, headers = await get(f"{velo.url}/nodeinfo/{version}")
            assert status == 200
            Draft202012Validator(nodeinfo_schema(version)).validate(info)
            profile = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
            assert f'profile="{profile}"' in headers["Content-Type"]
        usage.append(info["usage"])
    assert usage == [
        {"users": {"total": 1, "activeMonth": active, "activeHalfyear": active},
         "localPosts": active, "localComments": 0}
        for active in (0, 1)
    ]  # fmt: skip


async def in_form(velo: Server, accept: str) -> Any:
    status, actor, headers = await get(velo.actor_uri, accept)
    assert (status, actor["id"]) == (200, velo.actor_uri)
    assert headers["Content-Type"] == f"{ACTIVITY}; charset=utf-8"
    assert "Accept" in headers["Vary"]


@pytest.mark.case("D9")
async def test_d9_activity_json(velo: Server) -> None:
    """The document."""
    await in_form(velo, ACTIVITY)


@pytest.mark.case("D10")
async def test_d10_ld_json(velo: Server) -> None:
    """The document, without a profile too."""
    await in_form(velo, "application/ld+json")


@pytest.mark.case("D11")
async def test_d11_weights(velo: Server) -> None:
    """As Mastodon asks for whatever there is: the document."""
    await in_form(velo, f"{PROFILED}, {ACTIVITY}, text/html;q=0.1")


@pytest.mark.case("D12")
async def test_d12_a_browser(velo: Server) -> None:
    """A page that names the document, in its head and in a header."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    status, _, headers = await get(velo.actor_uri, accept)
    assert status == 302 and "Accept" in headers["Vary"]
    status, page, headers = await get(headers["Location"], accept)
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert f'<link rel="alternate" type="{ACTIVITY}" href="{velo.actor_uri}">' in page
    assert headers["Link"] == f'<{velo.actor_uri}>; rel="alternate"; type="{ACTIVITY}"'


@pytest.mark.case("O7")
async def test_o7_a_changed_profile(velo: Server, corbeau: Peer, pie: Peer) -> None:
    """One Update of the actor at each follower's shared inbox, with the new profile in it."""
    for who in (corbeau, pie):
        who.serve(who.actor(endpoints={"sharedInbox": f"{who.url}/inbox"}))
        await who.send(f"{velo.url}/inbox", who.activity("Follow", velo.actor_uri))
        await eventually(partial(arrived, who, "Accept"))
    await velo.apply('[actor]\nname = "Vélo Commun"\n')
    for who in (corbeau, pie):
        (update,) = await eventually(partial(arrived, who, "Update"))
        assert update["object"]["name"] == "Vélo Commun"
        assert update["object"]["updated"] > update["object"]["published"]
        paths = [got.path for got in who.got if got.method == "POST"]
        assert paths[-1] == "/inbox"
    await velo.apply('[actor]\nname = "Vélo Commun"\n')
    await velo.quiet()
    assert len(await arrived(pie, "Update")) == 1


async def arrived(who: Peer, kind: str) -> list[Any]:
    return who.posted(kind)


# ------------------------------------------------------------------ a handle domain of its own


@asynccontextmanager
async def domain(how: str) -> AsyncIterator[tuple[str, list[str]]]:
    """A web server of the handle domain that knows one thing: where the node is."""
    to: list[str] = []

    async def passes_on(request: web.Request) -> web.StreamResponse:
        there = to[0] + request.raw_path
        if how == "redirect":
            return web.Response(status=301, headers={"Location": there})
        kept = {"Host": request.headers["Host"], "Accept": request.headers.get("Accept", "*/*")}
        async with aiohttp.ClientSession() as session, session.get(there, headers=kept) as answer:
            body = await answer.read()
            return web.Response(
                status=answer.status, body=body,
                headers={"Content-Type": answer.headers["Content-Type"]},
            )  # fmt: skip

    app = web.Application()
    app.router.add_get("/.well-known/{path:.*}", passes_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"localhost:{runner.addresses[0][1]}", to
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("how", ["redirect", "proxy"])
async def test_a_handle_domain_of_its_own(make_server: MakeServer, ruche: Server, how: str) -> None:
    """Another node finds the actor by its handle, and confirms the handle it reads on the actor."""
    async with domain(how) as (host, to):
        panier = await make_server(username="panier", handle_domain=host)
        to.append(panier.url)
        assert panier.handle == f"panier@{host}" != f"panier@{panier.settings.host}"
        for text in (f"@panier@{host}", f"@panier@{panier.settings.host}", panier.actor_uri,
                     f"{panier.url}/@panier"):  # fmt: skip
            actor = await resolve(ruche.node, text)
            assert (actor.uri, actor.handle) == (panier.actor_uri, f"panier@{host}"), text
