"""Authorized fetch: servers read signed; pages, discovery and the instance actor are open."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from pecfed import clock
from pecfed.http import routes
from pecfed.store import blocks
from tests import rfc9421
from tests.cast import ACTIVITY, Peer, Reply, new_key
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.federation.sending import arrived
from tests.servers import Server, eventually

APPLY = """
[[resource]]
uid = "statuts"
name = "Statuts"
kind = "statutes"
openness = "public"
"""


@pytest.fixture
async def shy(make_server: MakeServer) -> Server:
    """A hub that wants to know who reads."""
    return await make_server(role="hub", username="ruche", authorized_fetch=True)


async def read(who: Peer, url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """GET it as a server does."""
    asked = {"Accept": ACTIVITY, **(headers or {})}
    async with who.http.get(url, headers=asked, allow_redirects=False) as answer:
        return Reply(answer.status, await answer.text(), answer.headers)


def by_draft(who: Peer, url: str, *, signed: str = "", **how: Any) -> dict[str, str]:
    """The headers of a GET signed after the draft, for `signed` where that is another address."""
    letter = who.letter(signed or url, b"", names=("(request-target)", "host", "date"), **how)
    headers = dict(letter.headers)
    head, _, _ = headers["Signature"].partition('signature="')
    parts = urlsplit(signed or url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    text = f"(request-target): get {target}\nhost: {headers['Host']}\ndate: {headers['Date']}"
    key = how.get("key") or who.key
    value = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    signature = f'{head}signature="{base64.b64encode(value).decode()}"'
    return {"Host": headers["Host"], "Date": headers["Date"], "Signature": signature}


def by_rfc(who: Peer, url: str, *, signed: str = "") -> dict[str, str]:
    """The same after RFC 9421."""
    return dict(rfc9421.sign(who, url, None, covered=("@method", "@target-uri"), signed_url=signed))


async def something(node: Server) -> list[str]:
    """An address of each kind that servers read."""
    await node.apply(APPLY)
    (found,) = await node.rows("SELECT uri FROM objects WHERE kind = 'resource'")
    activities = await node.rows("SELECT uri FROM activities WHERE is_public = 1")
    me = node.actor_uri
    return [
        me, f"{me}/outbox", f"{me}/outbox?page=0", f"{me}/followers", f"{me}/featured",
        f"{node.url}/actor/outbox", str(found[0]), str(activities[0][0]), f"{node.url}/directory",
    ]  # fmt: skip


async def test_unsigned_is_refused_and_signed_is_answered(shy: Server, corbeau: Peer) -> None:
    """Each kind of document: 401 that says how to sign; 200 signed either way."""
    for url in await something(shy):
        reply = await read(corbeau, url)
        assert (reply.status, reply.code) == (401, "signature_missing"), url
        assert reply.headers["Accept-Signature"] == 'sig1=("@method" "@target-uri");created;keyid'
        for sign in (by_draft, by_rfc):
            reply = await read(corbeau, url, sign(corbeau, url))
            assert reply.status == 200, (url, sign, reply.text)
            assert reply.headers["Content-Type"].startswith(ACTIVITY)
            assert reply.headers["Vary"] == "Accept, Signature"
    assert corbeau.asked("/actors/corbeau") == 1, "its key is read once"
    assert await shy.value("SELECT count(*) FROM remote_actors") == 0, "and who reads leaves no row"


@pytest.mark.case("S18")
async def test_s18_a_query_that_is_left_out_of_what_is_signed(shy: Server, corbeau: Peer) -> None:
    """`outbox?page=0` signed without its query, as old Mastodon and GoToSocial do."""
    whole = f"{shy.actor_uri}/outbox?page=0"
    for sign in (by_draft, by_rfc):
        bare = sign(corbeau, whole, signed=f"{shy.actor_uri}/outbox")
        assert (await read(corbeau, whole, bare)).status == 200
        other = sign(corbeau, whole, signed=f"{shy.actor_uri}/outbox?page=1")
        assert (await read(corbeau, whole, other)).status == 401


@pytest.mark.case("D17")
async def test_d17_the_instance_actor_is_open(shy: Server, corbeau: Peer) -> None:
    """Unsigned, or signed by a key that nobody can read: 200, else two such nodes never meet."""
    url = f"{shy.url}/actor"
    for headers in ({}, by_draft(corbeau, url, key=new_key()), {"Signature": "rhubarb"}):
        reply = await read(corbeau, url, headers)
        assert reply.status == 200 and '"Application"' in reply.text
    assert corbeau.got == [], "nobody was asked for a key"


async def test_discovery_and_pages_stay_open(shy: Server, corbeau: Peer) -> None:
    """WebFinger, NodeInfo, the vocabulary; and HTML for people at the very same addresses."""
    for path in (
        f"/.well-known/webfinger?resource=acct:{shy.handle}", "/.well-known/nodeinfo",
        "/.well-known/host-meta", "/nodeinfo/2.1", "/ns/v1",
    ):  # fmt: skip
        assert (await read(corbeau, shy.url + path)).status == 200, path
    for url in await something(shy):
        if "/actors/" in url or "/actor/" in url:
            continue  # these have no page of their own
        reply = await read(corbeau, url, {"Accept": "text/html"})
        assert reply.status in {200, 302}, url
        assert "Signature" in reply.headers["Vary"]


async def test_a_signature_that_does_not_hold(shy: Server, corbeau: Peer, pie: Peer) -> None:
    """For another address, of another method or host, old, by another key: 401, each time."""
    url = f"{shy.actor_uri}/outbox"
    bad = [
        by_draft(corbeau, url, signed=f"{shy.actor_uri}/followers"),
        by_rfc(corbeau, url, signed=f"{shy.actor_uri}/followers"),
        by_rfc(corbeau, url, signed="http://other.example/actors/ruche/outbox"),
        by_draft(corbeau, url, key=pie.key),
        by_draft(corbeau, url, Date="Mon, 23 Nov 2020 09:00:00 GMT"),
        by_draft(corbeau, url) | {"Host": "other.example"},
        by_draft(corbeau, url, key_uri="acct:corbeau@a.example"),
    ]
    for number, headers in enumerate(bad):
        assert (await read(corbeau, url, headers)).status in {401, 421}, number
    letter = corbeau.letter(url, b"")  # a POST's signature
    posted = {name: letter.headers[name] for name in ("Host", "Date", "Digest", "Signature")}
    assert (await read(corbeau, url, posted)).status == 401


async def test_a_reader_whose_key_was_changed(shy: Server, corbeau: Peer) -> None:
    """Read anew once, as for what is sent to us."""
    url = f"{shy.actor_uri}/outbox"
    assert (await read(corbeau, url, by_draft(corbeau, url))).status == 200
    corbeau.key = new_key()
    corbeau.serve(corbeau.actor())
    shy.node.limits.refreshed._until.clear()
    assert (await read(corbeau, url, by_rfc(corbeau, url))).status == 200


async def test_who_is_blocked_reads_nothing(shy: Server, corbeau: Peer) -> None:
    """403, without asking for its key; the instance actor is open even then."""
    url = f"{shy.actor_uri}/outbox"
    assert (await read(corbeau, url, by_draft(corbeau, url))).status == 200
    await shy.write(lambda s: blocks.put(s, corbeau.uri, "abuse", "", clock.now_ms()))
    corbeau.got.clear()

    async def refused() -> bool:
        return (await read(corbeau, url, by_draft(corbeau, url))).status == 403

    await eventually(refused)
    assert (await read(corbeau, f"{shy.url}/actor")).status == 200
    assert corbeau.got == []


async def test_without_the_setting_nobody_is_asked(ruche: Server, corbeau: Peer) -> None:
    """What is public is public; a signature that is sent along isn't even looked at."""
    for url in await something(ruche):
        for headers in ({}, {"Signature": "rhubarb"}):
            reply = await read(corbeau, url, headers)
            assert (reply.status, reply.headers["Vary"]) == (200, "Accept"), url
    assert corbeau.got == []


async def test_two_such_nodes_meet(make_server: MakeServer) -> None:
    """Both want signatures: they join, follow, deliver and read each other all the same."""
    hub = await make_server(role="hub", username="ruche", authorized_fetch=True)
    node = await make_server(username="lilas", authorized_fetch=True)
    async with asyncio.timeout(30):
        await let_in_node(hub, node)
        await node.apply(APPLY)

        async def listed() -> bool:
            found = await hub.rows(
                "SELECT kind FROM objects WHERE actor_uri = ? AND deleted_at IS NULL",
                node.actor_uri,
            )
            return ("resource",) in found

        await eventually(listed)
    async with aiohttp.ClientSession() as session:
        for each in (hub, node):
            asked = session.get(each.actor_uri, headers={"Accept": ACTIVITY})
            async with asked as answer:
                assert answer.status == 401
    assert await hub.state_of(node.actor_uri) == "member"


async def test_a_shy_node_hears_strangers(shy: Server, corbeau: Peer) -> None:
    """A follower of ordinary software, which reads nothing unsigned, gets its Accept."""
    follow = corbeau.activity("Follow", shy.actor_uri)
    assert (await corbeau.send(f"{shy.url}/inbox", follow)).status == 202
    await eventually(arrived(corbeau, "Accept"))


def test_what_servers_read_is_marked() -> None:
    """Each row of the wire's documents but the instance actor."""
    rooms = {"pecfed.http.wire", "pecfed.http.collections"}
    for route in routes.WIRE:
        wire = route.handler.__module__ in rooms and route.path != "/actor"
        assert (route.access == "signed") == wire, route.path
