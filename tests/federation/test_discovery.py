"""What others ask to find us: WebFinger, host-meta, NodeInfo, actors in the form they want."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from tests.conftest import MakeServer
from tests.servers import Server

JRD = "/.well-known/webfinger?resource="
AS2 = "https://www.w3.org/ns/activitystreams"


class Asker:
    """Asks a node for things."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, url: str, accept: str = "*/*", **headers: str) -> Any:
        """Status, body (JSON where it is) and headers."""
        sent = {"Accept": accept} | headers
        async with self._session.get(url, headers=sent, allow_redirects=False) as response:
            text = await response.text()
            body = json.loads(text) if "json" in response.content_type else text
            return response.status, body, response.headers


@pytest.fixture
async def ask() -> AsyncIterator[Asker]:
    """A client of no server."""
    async with aiohttp.ClientSession() as session:
        yield Asker(session)


@pytest.fixture
async def velo(make_server: MakeServer) -> Server:
    """A node whose handles are at another host."""
    return await make_server(username="velo", handle_domain="velo.example")


async def test_webfinger(ask: Asker, velo: Server) -> None:
    """By handle at either host, in any case, by id and by page: one subject, one self."""
    resources = [
        "acct:velo@velo.example", "acct:VELO@Velo.Example", f"acct:velo@{velo.settings.host}",
        velo.actor_uri, f"{velo.url}/@velo", f"{velo.url}/@velo/",
    ]  # fmt: skip
    for resource in resources:
        status, body, headers = await ask(velo.url + JRD + quote(resource, safe=""))
        assert status == 200, resource
        assert headers["Content-Type"].startswith("application/jrd+json")
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert body["subject"] == "acct:velo@velo.example"
        links = {link["rel"]: link for link in body["links"]}
        assert links["self"]["href"] == velo.actor_uri
        assert links["self"]["type"] == "application/activity+json"
        assert links["http://webfinger.net/rel/profile-page"]["type"] == "text/html"
        assert velo.actor_uri in body["aliases"]


async def test_webfinger_of_the_server(ask: Asker, velo: Server) -> None:
    """The instance actor by its handle, by its id, and by the server's own address."""
    for resource in ("acct:instance@velo.example", f"{velo.url}/actor", f"{velo.url}/"):
        status, body, _ = await ask(velo.url + JRD + quote(resource, safe=""))
        assert status == 200
        assert body["links"][1]["href"] == f"{velo.url}/actor"


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (None, 400), ("", 400), ("velo", 400), ("acct:velo", 400), ("acct:@velo.example", 400),
        ("mailto:velo@velo.example", 400), ("x" * 3000, 400),
        ("acct:nobody@velo.example", 404), ("acct:velo@elsewhere.example", 404),
        ("https://elsewhere.example/@velo", 404), ("acct:\x00@velo.example", 400),
        ("acct:v%elo@velo.example", 404), ("acct:../etc@velo.example", 404),
    ],
)  # fmt: skip
async def test_webfinger_of_nobody(
    ask: Asker, velo: Server, resource: str | None, status: int
) -> None:
    """400 for what is no question, 404 for nobody here, on both engines, with a short reason."""
    url = f"{velo.url}/.well-known/webfinger"
    if resource is not None:
        url += f"?resource={quote(resource, safe='')}"
    got, body, _ = await ask(url)
    assert got == status
    assert set(body) == {"error", "detail"}


async def test_the_handle_domain_may_lead_here(ask: Asker, velo: Server) -> None:
    """A proxy of the handle's host may pass its well-known addresses on under its own name."""
    url = velo.url + JRD + "acct:velo@velo.example"
    assert (await ask(url, Host="velo.example"))[0] == 200
    assert (await ask(velo.actor_uri, Host="velo.example"))[0] == 421
    assert (await ask(url, Host="elsewhere.example"))[0] == 421


async def test_host_meta(ask: Asker, velo: Server) -> None:
    """An XRD whose template leads to our WebFinger."""
    status, body, headers = await ask(f"{velo.url}/.well-known/host-meta")
    assert status == 200 and headers["Content-Type"].startswith("application/xrd+xml")
    (link,) = ET.fromstring(body)
    assert link.attrib["rel"] == "lrdd"
    assert link.attrib["template"] == f"{velo.url}/.well-known/webfinger?resource={{uri}}"


async def test_nodeinfo(ask: Asker, velo: Server) -> None:
    """Every link has rel and href; each document is what its schema asks for."""
    status, body, _ = await ask(f"{velo.url}/.well-known/nodeinfo")
    assert status == 200
    assert all(set(link) == {"rel", "href"} for link in body["links"])
    links = {link["rel"]: link["href"] for link in body["links"]}
    for version in ("2.0", "2.1"):
        schema = f"http://nodeinfo.diaspora.software/ns/schema/{version}"
        status, info, headers = await ask(links[schema])
        assert status == 200 and f'profile="{schema}#"' in headers["Content-Type"]
        assert info["version"] == version
        assert info["software"]["name"] == "pecfed" and info["software"]["version"]
        assert info["protocols"] == ["activitypub"] and info["openRegistrations"] is False
        assert info["services"] == {"inbound": [], "outbound": []}
        assert info["usage"]["users"]["total"] == 1 and info["usage"]["localPosts"] == 0
        assert info["metadata"]["federation"] == {"enabled": True}
    status, actor, _ = await ask(links[f"{AS2}#Application"], "application/activity+json")
    assert (status, actor["type"]) == (200, "Application")
    assert (await ask(f"{velo.url}/nodeinfo/1.0"))[0] == 404


ACCEPTS = [
    "application/activity+json",
    "application/ld+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams", '
    "application/activity+json, text/html;q=0.1",
    "application/activity+json, application/ld+json",
    "text/html;q=0.5, APPLICATION/ACTIVITY+JSON",
]
BROWSERS = [
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html, application/activity+json;q=0.5",
    "*/*",
    "",
    "application/activity+json;q=0",
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_an_actor_in_the_form_that_is_asked(ask: Asker, velo: Server) -> None:
    """ActivityPub to its clients, the page to people; caches are told apart."""
    for accept in ACCEPTS:
        status, body, headers = await ask(velo.actor_uri, accept)
        assert (status, body["id"]) == (200, velo.actor_uri), accept
        assert headers["Content-Type"] == "application/activity+json; charset=utf-8"
        assert "Accept" in headers["Vary"]
    for accept in BROWSERS:
        status, _, headers = await ask(velo.actor_uri, accept)
        assert (status, headers["Location"]) == (302, f"{velo.url}/@velo"), accept
        assert "Accept" in headers["Vary"]
    status, page, _ = await ask(f"{velo.url}/@velo", "text/html")
    assert status == 200
    assert f'rel="alternate" type="application/activity+json" href="{velo.actor_uri}"' in page


async def test_an_actors_document(ask: Asker, velo: Server) -> None:
    """Everything that Mastodon and its like need, under the id that was asked."""
    await velo.apply(
        '[actor]\nname = "Vélo Commun"\nsummary.fr = "Livraison <à> vélo."\n'
        'summary.en = "Bike delivery."\nurl = "https://velo.example"\nlegal_form = "scic"\n'
        'sectors = ["mobility"]\nlocation = {name = "Nantes", country = "FR", latitude = 47, '
        "longitude = -1.5}\n"
    )
    status, actor, _ = await ask(velo.actor_uri, ACCEPTS[0])
    assert status == 200
    assert actor["@context"][0] == AS2
    assert (actor["type"], actor["preferredUsername"]) == ("Organization", "velo")
    assert actor["webfinger"] == "velo@velo.example"
    assert actor["url"] == f"{velo.url}/@velo"
    assert actor["endpoints"] == {"sharedInbox": f"{velo.url}/inbox"}
    for name in ("inbox", "outbox", "followers", "following", "featured"):
        assert actor[name] == f"{velo.actor_uri}/{name}"
    key = actor["publicKey"]
    assert (key["id"], key["owner"]) == (f"{velo.actor_uri}#main-key", velo.actor_uri)
    assert key["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
    (multikey,) = actor["assertionMethod"]
    assert multikey["controller"] == velo.actor_uri
    assert multikey["publicKeyMultibase"].startswith("z6Mk")
    assert actor["summary"] == "<p>Livraison &lt;à&gt; vélo.</p>"
    assert list(actor["summaryMap"]) == ["fr", "en"]
    assert actor["profile"]["legalForm"] == "scic"
    assert actor["location"]["latitude"] == 47.0
    assert isinstance(actor["location"]["latitude"], float)
    (field,) = actor["attachment"]
    assert field["type"] == "PropertyValue" and 'rel="me ' in field["value"]
    assert actor["discoverable"] is actor["indexable"] is True


async def test_the_instance_actor_is_for_everybody(ask: Asker, velo: Server) -> None:
    """Unsigned, to any client, also where a page would be asked for; it has its own key."""
    for accept in (ACCEPTS[0], "*/*", "text/html"):
        status, actor, _ = await ask(f"{velo.url}/actor", accept)
        assert (status, actor["type"]) == (200, "Application")
    assert actor["publicKey"]["id"] == f"{velo.url}/actor#main-key"
    assert actor["preferredUsername"] == "instance"


async def test_nothing_there(ask: Asker, velo: Server) -> None:
    """404 in the asker's own form, the same on both engines; a NUL is 400 everywhere."""
    nothing = [
        "/actors/nobody", "/actors/velo/nothing", "/objects/x", "/activities/x",
        "/actors/nobody/outbox", "/actors/%ED%A0%80", "/directory", "/@nobody",
        "/actors/velo/followers/x", "/actors/../objects/x",
    ]  # fmt: skip
    for path in nothing:
        status, body, _ = await ask(velo.url + path, ACCEPTS[0])
        assert (status, body["error"]) == (404, "not_found"), path
        status, _, headers = await ask(velo.url + path, "text/html")
        assert status == 404 or headers["Location"].startswith(f"{velo.url}/@"), path
    for path in ("/actors/%00", "/objects/%00", "/activities/%00", "/@%00",
                 "/actors/velo/followers?page=%00", "/actors/velo/outbox?page=%00"):  # fmt: skip
        assert (await ask(velo.url + path, ACCEPTS[0]))[0] == 400, path


async def test_the_vocabulary_is_here(ask: Asker, velo: Server) -> None:
    """A copy of the context at /ns/v1, as JSON-LD, for everybody."""
    status, body, headers = await ask(f"{velo.url}/ns/v1")
    assert status == 200 and headers["Content-Type"].startswith("application/ld+json")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert body["@context"]["pec"] == "https://w3id.org/pecfed/ns/v1#"
