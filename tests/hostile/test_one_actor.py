"""An actor is one actor however its address is spelled: one follower, one entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.uris import is_plain, origin, same_origin
from tests.cast import public_pem
from tests.conftest import MakeServer
from tests.hostile.peer import AS2, PEM, Answer, Peer
from tests.servers import Server, eventually

HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z][a-z0-9]{1,5}){1,2}", fullmatch=True)
PATHS = st.from_regex(r"(/[a-zA-Z0-9_~.-]{1,6}){1,3}", fullmatch=True)


def upper(uri: str) -> str:
    """Scheme and host in capitals."""
    head, _, path = uri.partition("//")[2].partition("/")
    return f"{uri.partition('://')[0].upper()}://{head.upper()}/{path}"


def with_port(uri: str) -> str:
    """The port that goes without saying, said."""
    parts = urlsplit(uri)
    known = {"https": 443, "http": 80}[parts.scheme]
    host = parts.netloc if parts.port else f"{parts.netloc}:{known}"
    return uri.replace(parts.netloc, host, 1)


def with_dot(uri: str) -> str:
    """A host that ends in a dot."""
    parts = urlsplit(uri)
    return uri.replace(parts.hostname or "", f"{parts.hostname}.", 1)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "capitals": upper,
    "port": with_port,
    "dot": with_dot,
    "fragment": lambda uri: f"{uri}#me",
    "empty fragment": lambda uri: f"{uri}#",
    "user": lambda uri: uri.replace("://", "://u@", 1),
    "escape": lambda uri: uri[:-1] + f"%{ord(uri[-1]):02X}",
    "small escape": lambda uri: uri[:-1] + f"%{ord(uri[-1]):02x}",
    "dots": lambda uri: uri.replace("/u/", "/x/../u/"),
    "space": lambda uri: f" {uri}",
    "backslash": lambda uri: uri.replace("/u/", "/u\\"),
}


@given(scheme=st.sampled_from(["https", "http"]), host=HOSTS, path=PATHS)
def test_spellings_of_one_host_have_one_origin(scheme: str, host: str, path: str) -> None:
    """Equal to itself, both ways round, and never equal to another host's."""
    uri = f"{scheme}://{host}{path}"
    assert is_plain(uri)
    for name in ("capitals", "port", "dot"):
        other = SPELLINGS[name](uri)
        assert origin(other) == origin(uri)
        assert same_origin(uri, other) and same_origin(other, uri)
        assert not is_plain(other) or other == uri
    for other in (
        f"{scheme}://x{host}{path}", f"{scheme}://{host}x{path}", f"{scheme}://{host}:8443{path}",
        f"{scheme}://{host}@b.example{path}", f"{scheme}://u@{host}{path}", f"ftp://{host}{path}",
    ):  # fmt: skip
        assert not same_origin(uri, other)


@given(st.text(max_size=60))
def test_equality_is_an_equivalence(text: str) -> None:
    """What has an origin equals itself; its origin is plain, and its own origin."""
    for uri in (text, f"https://{text}", f"https://a.example/{text}"):
        found = origin(uri)
        assert same_origin(uri, uri) is bool(found)
        if is_plain(uri):
            assert found
            assert "#" not in uri
        if found:
            assert origin(found) == found


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """A hub that isn't weary of strangers."""
    many = dict.fromkeys(
        ("key_fetches_per_minute", "key_fetches_per_host", "strangers_per_minute"), 1_000_000
    )
    return await make_server(role="hub", username="ruche", **many)


@pytest.mark.parametrize("honest", [True, False], ids=["one id", "echoing"])
@pytest.mark.parametrize("how", SPELLINGS)
async def test_however_it_is_spelled_it_is_one_actor(
    hub: Server, peer: Peer, honest: bool, how: str
) -> None:
    """One follower row, one entry: even where its server repeats whatever name is asked for."""
    name = "corbeau7"
    uri = peer.add(name)
    calls_itself = [uri]
    if not honest:
        peer.documents[f"/u/{name}"] = echo(peer.documents[f"/u/{name}"], calls_itself)
    for kind in ("Follow", "Join"):
        for actor in (uri, SPELLINGS[how](uri), uri):
            for key in (actor, uri):
                calls_itself[0] = actor
                status, text = await peer.post(
                    f"{hub.url}/inbox",
                    peer.activity(kind, hub.actor_uri, actor=actor),
                    key_uri=f"{key.partition('#')[0]}#main-key",
                )
                assert status in {202, 400, 401, 403, 503}, text
    sql = "SELECT count(*) FROM inbox WHERE state = 'waiting' AND error = ''"

    async def done() -> bool:
        return not await hub.value(sql)

    await eventually(done)
    assert await hub.rows("SELECT follower_uri FROM followers") == [(uri,)]
    assert await hub.rows("SELECT uri FROM members") == [(uri,)]
    assert await hub.rows("SELECT uri FROM remote_actors") == [(uri,)]


def echo(document: Any, name: list[str]) -> Answer:
    """Serves an actor that calls itself, its inbox and its key by whatever name is asked for."""

    async def answer(_: web.Request) -> web.Response:
        uri = name[0]
        key = f"{uri.partition('#')[0]}#main-key"
        said = document | {
            "id": uri, "inbox": f"{uri}/inbox",
            "publicKey": {**document["publicKey"], "id": key, "owner": uri},
        }  # fmt: skip
        return web.Response(text=json.dumps(said), content_type=AS2)

    return answer


@pytest.mark.parametrize("known", [True, False], ids=["met before", "a stranger"])
async def test_a_neighbour_takes_no_key_by_its_name(hub: Server, peer: Peer, known: bool) -> None:
    """Who lists a key under the name of another actor's on that server locks it out of nothing."""
    lilas, other = peer.add("lilas"), rsa.generate_private_key(65537, 2048)
    pem = public_pem(other)
    squatter = f"{peer.url}/u/squatter"
    keys = [
        {"id": f"{squatter}#main-key", "owner": squatter, "publicKeyPem": PEM},
        {"id": f"{lilas}#main-key", "owner": squatter, "publicKeyPem": pem},
        {"id": lilas, "owner": squatter, "publicKeyPem": pem},
    ]

    async def follow(who: str) -> int:
        hub.node.limits.refreshed._until.clear()
        letter = peer.activity("Follow", hub.actor_uri, actor=who)
        status, _ = await peer.post(f"{hub.url}/inbox", letter, key_uri=f"{who}#main-key")
        await hub.quiet()
        return status

    if known:
        document = dict(peer.documents["/u/lilas"])  # type: ignore[arg-type]
        peer.documents["/u/lilas"] = document | {"publicKey": None}
        await hub.node.remotes.refresh(lilas)
        peer.documents["/u/lilas"] = document
    peer.add("squatter", publicKey=keys)
    assert await follow(squatter) == 202
    assert await follow(lilas) == 202
    assert await follow(squatter) == 202
    await hub.node.remotes.refresh(squatter)
    assert await follow(lilas) == 202
    assert await hub.value(
        "SELECT actor_uri FROM remote_keys WHERE uri = ?", f"{lilas}#main-key"
    ) == lilas  # fmt: skip
    assert await hub.value("SELECT count(*) FROM followers") == 2
