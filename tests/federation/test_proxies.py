"""A node behind a real reverse proxy: signatures hold for the public address, and no other."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from pecfed.errors import UsageError
from pecfed.http.proxies import is_trusted
from pecfed.settings import make
from tests import rfc9421
from tests.cast import ACTIVITY, Peer
from tests.conftest import MakeServer
from tests.federation.sending import arrived
from tests.servers import Server, eventually

HOP = frozenset({"host", "connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass
class Proxy:
    """Takes requests at its own address and passes them on to `port`, with these headers."""

    url: str
    port: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    async def pass_on(self, request: web.Request) -> web.Response:
        """As nginx does it: the path as it came, headers added or replaced."""
        kept = [(n, v) for n, v in request.headers.items() if n.lower() not in HOP]
        sent = CIMultiDict(kept)
        values: Mapping[str, str] = {
            name: value.format(host=request.headers["Host"], port=self.port)
            for name, value in self.headers.items()
        }
        for name, value in values.items():
            sent[name] = value
        target = URL(f"http://127.0.0.1:{self.port}{request.raw_path}", encoded=True)
        body = await request.read()
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, target, data=body or None, headers=sent, allow_redirects=False
            ) as answer,
        ):
            headers = [(n, v) for n, v in answer.headers.items() if n.lower() not in HOP]
            found = web.Response(status=answer.status, body=await answer.read())
            for name, value in headers:
                found.headers[name] = value
            return found


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """One that listens, and passes on once it is told where."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Proxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = web.Application(client_max_size=2_000_000)
    app.router.add_route("*", "/{path:.*}", made.pass_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    yield made
    await runner.cleanup()


async def behind(proxy: Proxy, make_server: MakeServer, **more: str) -> Server:
    """A hub whose public address is the proxy's."""
    hub = await make_server(role="hub", username="ruche", url=proxy.url, **more)
    proxy.port = hub.port
    return hub


KEEPING = {"Host": "{host}"}
REWRITING = {"Host": "127.0.0.1:{port}"}
HOW: dict[str, dict[str, str]] = {
    "nginx, Host kept": KEEPING,
    "Caddy": {**KEEPING, "X-Forwarded-Host": "{host}", "X-Forwarded-Proto": "https"},
    "Apache": {**REWRITING, "X-Forwarded-Host": "{host}", "X-Forwarded-Server": "x"},
    "RFC 7239": {**REWRITING, "Forwarded": 'for=192.0.2.7;host="{host}";proto=https'},
    "two proxies": {**REWRITING, "X-Forwarded-Host": "anything.example, {host}"},
    "both headers": {**REWRITING, "X-Forwarded-Host": "{host}", "Forwarded": 'Host="{host}"'},
}


@pytest.mark.parametrize("how", list(HOW))
async def test_signatures_hold_through_a_proxy(
    make_server: MakeServer, corbeau: Peer, proxy: Proxy, how: str
) -> None:
    """Both ways to sign, with a query too; the answer comes out by the same address."""
    hub = await behind(proxy, make_server)
    proxy.headers = HOW[how]
    follow = corbeau.activity("Follow", hub.actor_uri)
    assert hub.actor_uri.startswith(proxy.url)
    covered = (*rfc9421.COVERED, "@authority", "host")
    for inbox in (f"{proxy.url}/inbox", f"{hub.actor_uri}/inbox?a=%C3%A9&b=%2F"):
        reply = await corbeau.send(inbox, follow)
        assert reply.status == 202, (inbox, reply)
        reply = await corbeau.post(rfc9421.letter(corbeau, inbox, follow, covered=covered))
        assert reply.status == 202, (inbox, reply)
    await eventually(arrived(corbeau, "Accept"))
    async with corbeau.http.get(hub.actor_uri, headers={"Accept": ACTIVITY}) as answer:
        assert (await answer.json(content_type=ACTIVITY))["id"] == hub.actor_uri


WRONG: dict[str, dict[str, str]] = {
    "Host rewritten, nothing said": REWRITING,
    "another host": {**KEEPING, "X-Forwarded-Host": "other.example"},
    "another host in Forwarded": {**KEEPING, "Forwarded": "host=other.example"},
    "two that differ": {**REWRITING, "X-Forwarded-Host": "{host}", "Forwarded": "host=o.example"},
    "ours, before another": {**REWRITING, "X-Forwarded-Host": "{host}, other.example"},
    "half of a Forwarded": {**REWRITING, "Forwarded": 'host="{host}'},
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", list(WRONG))
async def test_what_was_sent_to_another_host_is_refused(
    make_server: MakeServer, corbeau: Peer, proxy: Proxy, how: str
) -> None:
    """421, before anything is looked at."""
    hub = await behind(proxy, make_server)
    proxy.headers = WRONG[how]
    reply = await corbeau.send(f"{proxy.url}/inbox", corbeau.activity("Follow", hub.actor_uri))
    assert (reply.status, reply.code) == (421, "misdirected")
    assert corbeau.got == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_only_a_trusted_proxy_is_believed(
    make_server: MakeServer, corbeau: Peer, proxy: Proxy
) -> None:
    """From anybody else the header is passed over, whatever it says."""
    hub = await behind(proxy, make_server, trusted_proxies="192.0.2.1, 10.0.0.0/8")
    follow = corbeau.activity("Follow", hub.actor_uri)
    for headers, status in (
        ({**REWRITING, "X-Forwarded-Host": "{host}"}, 421),
        ({**KEEPING, "X-Forwarded-Host": "other.example"}, 202),
        ({**KEEPING, "Forwarded": "host=other.example"}, 202),
    ):
        proxy.headers = headers
        assert (await corbeau.send(f"{proxy.url}/inbox", follow)).status == status


async def test_a_signature_for_another_host_under_our_name(
    make_server: MakeServer, corbeau: Peer, proxy: Proxy
) -> None:
    """A trusted proxy says that it was sent to us: then it must be signed for us."""
    hub = await behind(proxy, make_server)
    proxy.headers = {**KEEPING, "X-Forwarded-Host": proxy.url.removeprefix("http://")}
    follow = corbeau.activity("Follow", hub.actor_uri)
    for letter in (
        corbeau.letter("http://other.example/inbox", follow),
        rfc9421.letter(corbeau, "http://other.example/inbox", follow),
    ):
        letter.url = f"{proxy.url}/inbox"
        reply = await corbeau.post(letter)
        assert (reply.status, reply.code) == (401, "signature")


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("::ffff:127.0.0.1", True),
        ("10.1.2.3", False), ("::2", False), ("fe80::1%eth0", False), (None, False), ("", False),
        ("unix", False),
    ],
)  # fmt: skip
def test_whom_we_trust_by_default(tmp_path: Path, address: str | None, trusted: bool) -> None:
    """This machine alone."""
    assert is_trusted(address, make(tmp_path, {"url": "https://a.example"}).proxies()) is trusted


@pytest.mark.parametrize("value", ["all", "10.0.0.1/8", "*", "proxy.example", "10.0.0.0/33"])
def test_a_wrong_setting_says_so(tmp_path: Path, value: str) -> None:
    """At the start, with an example."""
    with pytest.raises(UsageError, match=r"172\.18\.0\.0/16"):
        make(tmp_path, {"url": "https://a.example", "trusted_proxies": value})
    assert make(tmp_path, {"url": "https://a.example", "trusted_proxies": ""}).proxies() == ()
