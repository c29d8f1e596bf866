"""The one client for everything that goes out: where it never connects to, measured there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed.errors import FetchError
from pecfed.federation import client as client_module
from pecfed.federation.addresses import is_public
from pecfed.federation.client import Client
from pecfed.settings import make
from tests.cast import Peer, peer
from tests.conftest import MakeServer

NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "100.64.0.1", "100.100.100.200", "169.254.169.254", "198.18.0.1",
    "198.19.255.255", "192.0.0.192", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001::1", "2001:db8::1", "2001:10::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "3fff::1", "5f00::1", "100::1", "2001:20::1",
    "2606:4700::1%eth0",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "93.184.216.34", "223.255.255.254", "2606:4700:4700::1111", "2a01:4f8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    """Loopback, private, shared, link-local, metadata, test, multicast, and all in disguise."""
    assert is_public(ipaddress.ip_address(address)) is False


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    """Addresses of the public internet are connected to."""
    assert is_public(ipaddress.ip_address(address)) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://ruche.example/", "https://ruche.example:8443/", "https://ruche.example:22/",
        "https://ruche.example:5432/", "ftp://ruche.example/", "file:///etc/passwd",
        "gopher://ruche.example/", "data:text/plain,x", "unix:/run/x", "javascript:alert(1)",
        "https://user@ruche.example/", "https://ruche.example\\@10.0.0.1/", "https:///x", "",
        "https://ruche.example/a b", "https://ruche.example/\r\nHost: x", "//ruche.example/",
        "https://[fe80::1%25eth0]/", "https://127\u30020\u30020\u30021/", "https://\u24dbocalhost/",
    ],
)  # fmt: skip
def test_addresses_that_are_never_asked(tmp_path: Path, url: str) -> None:
    """In public only https on port 443, with a plain host and nothing beside it."""

    class Checker(Client):
        def __init__(self) -> None:
            self._settings = make(tmp_path, {"url": "https://node.example"})

    with pytest.raises(FetchError) as caught:
        Checker().check(url)
    assert (caught.value.code, caught.value.retry) == ("bad_address", False)


def test_there_is_one_client() -> None:
    """No other file of the program opens a session of its own."""
    package = Path(client_module.__file__).parent.parent
    users = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "ClientSession(" in path.read_text() and path.parts[-2] != "demo"
    ]
    assert users == ["federation/client.py"]


@pytest.fixture
async def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A client for which 127.0.0.2 is the public internet, and every port is allowed."""
    monkeypatch.setattr(client_module, "is_public", lambda address: str(address) == "127.0.0.2")
    monkeypatch.setattr(Client, "check", lambda _self, _url: None)
    made = Client(make(tmp_path, {"url": "https://node.example", "fetch_seconds": 3}))
    yield made
    await made.close()


class Door:
    """A listening socket that counts who knocks."""

    def __init__(self, server: asyncio.Server, knocks: list[Any]) -> None:
        self.port: int = server.sockets[0].getsockname()[1]
        self.knocks = knocks


@pytest.fixture
async def inside() -> AsyncIterator[Door]:
    """Something that listens where nobody from outside should get to: 127.0.0.1 and ::1."""
    knocks: list[Any] = []

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(writer.get_extra_info("sockname"))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    door = Door(server, knocks)
    also = await asyncio.start_server(answer, "::1", door.port) if socket.has_ipv6 else None
    yield door
    for each in (server, also):
        if each is not None:
            each.close()
            await each.wait_closed()


@pytest.fixture
async def outside(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[Peer]:
    """A peer on the public internet."""
    async with peer("pie", some_keys[2], "127.0.0.2") as made:
        yield made


async def test_what_is_public_is_read(guarded: Client, outside: Peer) -> None:
    """The positive control: the guard lets through what it should."""
    assert (await guarded.get(outside.uri, {})).status == 200
    assert (await guarded.post(f"{outside.url}/inbox", {}, b"{}")).status == 202


HOSTS = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "2130706433", "0x7f.1",
    "0177.0.0.1", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "127。0。0。1",
    "ⓛocalhost", "ip6-localhost", "private.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
async def test_nobody_inside_hears_of_us(
    guarded: Client, inside: Door, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """However the address is spelled, neither a GET nor a POST connects."""
    resolve(monkeypatch, {"private.example": ["127.0.0.1"]})
    url = f"http://{host}:{inside.port}/"
    for ask in (guarded.get(url, {}), guarded.post(url, {}, b"{}")):
        with pytest.raises(FetchError):
            await ask
    assert inside.knocks == []


def resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """Answer for those names, with one address after another when a list is asked again."""
    real, asked = socket.getaddrinfo, list[str]()

    def answer(host: Any, port: Any, *more: Any, **how: Any) -> Any:
        if host in names:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in names[host]]
        return real(host, port, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


async def test_a_name_that_is_both(
    guarded: Client, outside: Peer, inside: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a name with a public and a private address only the public one is tried."""
    resolve(monkeypatch, {"both.example": ["127.0.0.1", "127.0.0.2"]})
    port = int(outside.url.rpartition(":")[2])
    assert (await guarded.get(f"http://both.example:{port}/actors/pie", {})).status == 200
    with pytest.raises(FetchError):
        await guarded.get(f"http://both.example:{inside.port}/", {})
    assert inside.knocks == []


async def test_a_name_that_changes_its_mind(
    guarded: Client, outside: Peer, inside: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public at the first question, private at the second: checked where we connect."""
    names = {"rebind.example": ["127.0.0.2"]}
    resolve(monkeypatch, names)
    port = int(outside.url.rpartition(":")[2])
    assert (await guarded.get(f"http://rebind.example:{port}/actors/pie", {})).status == 200
    names["rebind.example"] = ["127.0.0.1"]
    guarded._session.connector._cached_hosts.clear()  # type: ignore[union-attr]
    with pytest.raises(FetchError):
        await guarded.get(f"http://rebind.example:{inside.port}/", {})
    assert inside.knocks == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://[::1]:{port}/"]
)
async def test_a_redirect_inside(guarded: Client, inside: Door, status: int, to: str) -> None:
    """The public sends us inside: no connection, also where another origin is allowed."""

    async def lead(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": to.format(port=inside.port)})

    async with serving(lead) as url:
        for within_origin in (True, False):
            with pytest.raises(FetchError):
                await guarded.get(url, {}, within_origin=within_origin)
        answer = await guarded.post(url, {}, b"{}")
        assert answer.status == status, "a delivery follows nobody"
    assert inside.knocks == []


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Any]) -> AsyncIterator[str]:
    """A public server with one answer."""
    app = web.Application()
    app.router.add_route("*", "/", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.2", 0).start()
    yield f"http://127.0.0.2:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_the_environments_proxy_is_not_asked(
    guarded: Client, outside: Peer, inside: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY would lead everything past the guard."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
    assert (await guarded.get(outside.uri, {})).status == 200
    assert inside.knocks == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_public_node_asks_no_loopback_for_keys(
    make_server: MakeServer, corbeau: Peer, inside: Door
) -> None:
    """Out of development nothing sent to the inbox makes the node connect to this machine."""
    ruche = await make_server(
        role="hub", username="ruche", url="https://ruche.example", development=False,
        bind="127.0.0.1:1",
    )  # fmt: skip
    for origin in (corbeau.url, f"https://127.0.0.1:{inside.port}", "https://127.0.0.1",
                   "https://localhost", "https://169.254.169.254", "https://[::1]"):  # fmt: skip
        actor = f"{origin}/actors/corbeau"
        activity = corbeau.activity("Follow", ruche.actor_uri, actor=actor, id=f"{origin}/1")
        letter = corbeau.letter(f"{ruche.url}/inbox", activity, key_uri=f"{actor}#main-key")
        letter.url = f"http://127.0.0.1:{ruche.port}/inbox"
        began = time.monotonic()
        reply = await corbeau.post(letter)
        assert (reply.status, reply.code) == (401, "key"), origin
        assert time.monotonic() - began < 1, "refused before it is tried"
        assert "127.0.0.1" not in reply.text and "address" not in reply.text
    assert inside.knocks == [] and corbeau.got == []


async def test_a_delivery_inside_is_given_up_at_once(guarded: Client, inside: Door) -> None:
    """An address that we never connect to is no slip that a retry would mend."""
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(FetchError) as caught:
            await guarded.post(f"http://{host}:{inside.port}/inbox", {}, b"{}")
        assert (caught.value.code, caught.value.retry) == ("blocked_address", False)
        assert "127.0.0.1" not in caught.value.safe
    with pytest.raises(FetchError) as caught:
        await guarded.get("http://nowhere.invalid/", {})
    assert (caught.value.code, caught.value.retry) == ("no_such_host", True)
