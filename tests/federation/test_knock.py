"""How we sign: the usual way, the other one when it is refused, and what is remembered of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from pecfed.errors import FetchError
from pecfed.federation import messages
from pecfed.federation.capabilities import EDDSA, GENERATOR, RFC9421, takes_ed25519
from pecfed.federation.deliver import Sender
from pecfed.federation.knock import Knocks
from pecfed.federation.multikey import read_ed25519
from pecfed.store.deliveries import Delivery
from tests import rfc9421
from tests.cast import Got, Peer
from tests.federation.conftest import let_in_node
from tests.federation.sending import arrived, send
from tests.federation.test_delivery import say
from tests.servers import Server, eventually

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def way_of(got: Got) -> str:
    """How a request was signed, by its looks."""
    if "Signature-Input" not in got.headers:
        return "cavage"
    return "ed25519" if "ed25519" in got.headers["Signature-Input"] else "rfc9421"


def ways(who: Peer, method: str = "POST") -> list[str]:
    """How each request that arrived was signed."""
    return [way_of(got) for got in who.got if got.method == method]


async def keys_of(node: Server) -> dict[str, Any]:
    """The public keys that a node's actors publish."""
    found: dict[str, Any] = {}
    for path in ("/actor", f"/actors/{node.username}"):
        document = await node.node.fetcher.document(node.url + path)
        pem = document["publicKey"]["publicKeyPem"].encode()
        found[document["publicKey"]["id"]] = serialization.load_pem_public_key(pem)
        for key in document["assertionMethod"]:
            if key["publicKeyMultibase"].startswith("z6Mk"):
                found[key["id"]] = read_ed25519(key["publicKeyMultibase"])
    return found


async def deliver(node: Server, who: Peer, activity: int) -> Any:
    """One try of one delivery."""
    sender = Sender(node.node)
    return await sender.send(Delivery(1, activity, f"{who.uri}/inbox", who.url, 0))


@pytest.mark.case("S19")
async def test_s19_a_refused_delivery_is_signed_the_other_way(lilas: Server, corbeau: Peer) -> None:
    """401 to cavage: once after RFC 9421, and that way from now on, a restart between too."""
    activity, keys = await say(lilas), await keys_of(lilas)
    corbeau.judge = lambda got: 0 if rfc9421.signer(got, corbeau.url, keys) else 401
    outcome = await deliver(lilas, corbeau, activity)
    assert (outcome.state, ways(corbeau)) == ("delivered", ["cavage", "rfc9421"])
    key_uri = rfc9421.signer(corbeau.got[-1], corbeau.url, keys)
    assert key_uri == f"{lilas.actor_uri}#main-key"
    corbeau.got.clear()
    assert (await deliver(lilas, corbeau, activity)).state == "delivered"
    assert ways(corbeau) == ["rfc9421"]
    lilas.node.knocks = restarted(lilas)
    corbeau.got.clear()
    assert (await deliver(lilas, corbeau, activity)).state == "delivered"
    assert ways(corbeau) == ["rfc9421"]
    assert await lilas.rows("SELECT origin, way FROM peers") == [(corbeau.url, "rfc9421")]


def restarted(node: Server) -> Knocks:
    """What a node knows of others after a restart."""
    node.node.knocks.close()
    return Knocks(node.node.keyring, node.node.database)


async def test_a_server_that_changes_its_mind(lilas: Server, corbeau: Peer) -> None:
    """What was learned is unlearned where it is refused, and the other way works."""
    activity = await say(lilas)
    for taken, seen in (
        ("rfc9421", ["cavage", "rfc9421"]),
        ("cavage", ["rfc9421", "cavage"]),
        ("cavage", ["cavage"]),
    ):
        corbeau.got.clear()
        corbeau.judge = lambda got, taken=taken: 0 if way_of(got) == taken else 400
        assert (await deliver(lilas, corbeau, activity)).state == "delivered"
        assert ways(corbeau) == seen
    assert await lilas.value("SELECT way FROM peers") == "cavage"


async def test_who_refuses_either_way_teaches_nothing(lilas: Server, corbeau: Peer) -> None:
    """Two requests, the first answer counts, nothing is remembered; 403 is not knocked twice."""
    activity = await say(lilas)
    corbeau.inbox_status = 401
    outcome = await deliver(lilas, corbeau, activity)
    assert (outcome.state, outcome.status) == ("waiting", 401)
    assert ways(corbeau) == ["cavage", "rfc9421"]
    corbeau.got.clear()
    corbeau.inbox_status = 403
    assert (await deliver(lilas, corbeau, activity)).status == 403
    assert ways(corbeau) == ["cavage"]
    assert await lilas.value("SELECT count(*) FROM peers") == 0


@pytest.mark.parametrize(
    ("header", "nonce", "way"),
    [
        ('sig1=("@method" "@target-uri" "content-digest");created;keyid', None, "rfc9421"),
        ('a=("@status"), b=("@method" "@authority");created;nonce="n-7";tag="t"', "n-7", "rfc9421"),
        ('a=("@method");alg="ed25519";keyid', None, "ed25519"),
        ('a=("x-unknown");nonce="n"', None, "rfc9421"),
        ('a=("@method";req);nonce="n"', None, "rfc9421"),
        ("rhubarb;;", None, "rfc9421"),
        (f'a=("@method");nonce="{"n" * 5000}"', None, "rfc9421"),
    ],
)
async def test_what_accept_signature_asks_for(
    lilas: Server, corbeau: Peer, header: str, nonce: str | None, way: str
) -> None:
    """A 401 may say how to sign: that is done, so far as we can; the rest is passed over."""
    activity, keys = await say(lilas), await keys_of(lilas)
    corbeau.inbox_headers = {"Accept-Signature": header}
    corbeau.judge = lambda got: 0 if rfc9421.signer(got, corbeau.url, keys) else 401
    assert (await deliver(lilas, corbeau, activity)).state == "delivered"
    assert ways(corbeau) == ["cavage", way]
    told = corbeau.got[-1].headers["Signature-Input"]
    assert ('nonce="n-7";tag="t"' in told) == (nonce is not None)
    assert ('"@authority"' in told) == (nonce is not None)


async def test_a_fresh_nonce_each_time(lilas: Server, corbeau: Peer) -> None:
    """Who challenges every request is answered each time, not given up."""
    activity, keys = await say(lilas), await keys_of(lilas)
    seen: list[str] = []

    def judge(got: Got) -> int:
        nonce = f"n-{len(seen)}"
        if f'nonce="{nonce}"' in got.headers.get("Signature-Input", ""):
            seen.append(nonce)
            return 0 if rfc9421.signer(got, corbeau.url, keys) else 401
        corbeau.inbox_headers = {"Accept-Signature": f'a=("@method");nonce="{nonce}"'}
        return 401

    corbeau.judge = judge
    for _ in range(3):
        assert (await deliver(lilas, corbeau, activity)).state == "delivered"
    assert len(seen) == 3


async def test_what_is_read_is_asked_for_the_other_way_too(ruche: Server, corbeau: Peer) -> None:
    """A GET: cavage, then RFC 9421; remembered in memory alone, since strangers choose it."""
    keys = await keys_of(ruche)
    corbeau.judge = lambda got: 0 if rfc9421.signer(got, corbeau.url, keys) else 401
    before = await ruche.snapshot()
    for _ in range(2):
        assert (await ruche.node.fetcher.document(corbeau.uri))["id"] == corbeau.uri
    assert ways(corbeau, "GET") == ["cavage", "rfc9421", "rfc9421"]
    assert rfc9421.signer(corbeau.got[-1], corbeau.url, keys) == f"{ruche.url}/actor#main-key"
    assert await ruche.snapshot() == before


async def test_a_query_may_be_left_out_of_what_is_signed(ruche: Server, corbeau: Peer) -> None:
    """GoToSocial signs and verifies so: the third try of a GET."""
    page = corbeau.serve({"id": f"{corbeau.url}/page?a=1"}, "/page?a=1")
    public = (await keys_of(ruche))[f"{ruche.url}/actor#main-key"]
    corbeau.judge = lambda got: 0 if signed_target(got, public) == "/page" else 401
    assert (await ruche.node.fetcher.document(page))["id"] == page
    assert ways(corbeau, "GET") == ["cavage", "rfc9421", "cavage"]


def signed_target(got: Got, public: Any) -> str:
    """The target that a cavage signature of a GET was made for, with or without the query."""
    if way_of(got) != "cavage":
        return ""
    value = base64.b64decode(got.headers["Signature"].split('signature="')[1].rstrip('"'))
    for target in (got.path, got.path.partition("?")[0]):
        host, date = got.headers["Host"], got.headers["Date"]
        text = f"(request-target): get {target}\nhost: {host}\ndate: {date}"
        try:
            public.verify(value, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            continue
        return target
    return ""


async def test_who_lets_nobody_read_is_not_asked_twice_for_long(
    ruche: Server, corbeau: Peer
) -> None:
    """Refused either way: for ten minutes one request is enough."""
    corbeau.judge = lambda _got: 401
    for _ in range(3):
        with pytest.raises(FetchError):
            await ruche.node.fetcher.document(corbeau.uri)
    assert ways(corbeau, "GET") == ["cavage", "rfc9421", "cavage", "cavage"]


async def test_an_actor_says_what_its_software_takes(lilas: Server, corbeau: Peer) -> None:
    """`generator.implements` (FEP-844e): RFC 9421 with Ed25519 at once, and kept."""
    corbeau.serve(corbeau.actor(generator=GENERATOR))
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    await eventually(arrived(corbeau, "Accept"))
    await lilas.quiet()
    assert ways(corbeau) == ["ed25519"]
    keys = await keys_of(lilas)
    key_uri = rfc9421.signer(corbeau.got[-1], corbeau.url, keys)
    assert key_uri == f"{lilas.actor_uri}#ed25519-key"
    assert await lilas.rows("SELECT origin, way FROM peers") == [(corbeau.url, "ed25519")]


async def test_a_promise_that_is_untrue(lilas: Server, corbeau: Peer) -> None:
    """Refused, signed the usual way, and not believed again."""
    corbeau.serve(corbeau.actor(generator=GENERATOR))
    corbeau.judge = lambda got: 401 if way_of(got) != "cavage" else 0
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    await eventually(arrived(corbeau, "Accept"))
    await lilas.node.remotes.refresh(corbeau.uri)
    corbeau.got.clear()
    assert (await deliver(lilas, corbeau, await say(lilas))).state == "delivered"
    assert set(ways(corbeau)) == {"cavage"}


@pytest.mark.parametrize(
    ("generator", "takes"),
    [
        (GENERATOR, True),
        ([GENERATOR], True),
        ({"implements": [RFC9421, EDDSA]}, True),
        ({"implements": [{"href": RFC9421}, {"href": f"{EDDSA}519"}]}, True),
        ({"implements": {"href": RFC9421}}, False),
        ({"implements": [{"href": EDDSA}]}, False),
        ({"implements": [[RFC9421], {"href": [EDDSA]}, None, 1]}, False),
        ("https://a.example/app", False),
        ({"name": "pecfed"}, False),
        (None, False),
    ],
)
async def test_capabilities_are_read_with_care(engine: str, generator: Any, takes: bool) -> None:
    """Only the links count, never a name."""
    assert engine and takes_ed25519({"generator": generator}) is takes


async def test_between_two_of_ours(ruche: Server, lilas: Server) -> None:
    """They join, follow and deliver with Ed25519 after RFC 9421, without a refusal."""
    seen: list[tuple[str, str]] = []
    for node in (ruche, lilas):
        knocks = node.node.knocks
        real = knocks._sign

        async def sign(style: Any, *more: Any, _real: Any = real) -> dict[str, str]:
            seen.append((style.way, more[1]))
            found: dict[str, str] = await _real(style, *more)
            return found

        knocks._sign = sign  # type: ignore[assignment, method-assign]
    await let_in_node(ruche, lilas)

    async def posted() -> bool:
        return [method for _, method in seen].count("POST") >= 4

    await eventually(posted)
    assert {way for way, method in seen if method == "POST"} == {"ed25519"}


@pytest.mark.case("P1")
async def test_p1_what_we_send_is_activity_json(lilas: Server, corbeau: Peer) -> None:
    """GoToSocial answers 406 to `application/json`: either way we send what it takes."""
    keys = await keys_of(lilas)

    def judge(got: Got) -> int:
        if got.headers.get("Content-Type") != "application/activity+json":
            return 406
        return 0 if rfc9421.signer(got, corbeau.url, keys) else 401

    activity = await say(lilas)
    corbeau.judge = judge
    assert (await deliver(lilas, corbeau, activity)).state == "delivered"
    assert ways(corbeau) == ["cavage", "rfc9421"]


async def test_our_own_accept_signature_can_be_read(engine: str) -> None:
    """What we ask of others is what we would send."""
    for header in (messages.ACCEPT_SIGNATURE, messages.ACCEPT_SIGNATURE_GET):
        asked = messages.read_accept_signature(header)
        assert engine and asked is not None and asked.is_usual
