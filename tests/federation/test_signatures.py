"""Signatures of requests: ours hold for others, theirs for us, and no byte can change."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from active_boxes import activitypub as boxes
from active_boxes import httpsig
from active_boxes.key import Key
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pecfed.errors import RefusedError
from pecfed.federation import signatures
from tests.cast import Letter, Peer, new_key, public_pem

URL = "https://ruche.example/actors/ruche/inbox?a=1&b=%C3%A9"
ACTOR = "https://corbeau.example/actors/corbeau"
BODY = '{"type":"Follow","é":1}'.encode()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Oracle(boxes.Backend):  # type: ignore[misc]
    """What active_boxes needs to know of the world: one actor with one key."""

    def __init__(self, pem: str) -> None:
        self.pem = pem

    async def fetch_iri(self, iri: str, **_: Any) -> dict[str, Any]:
        key = {"id": f"{ACTOR}#main-key", "owner": ACTOR, "publicKeyPem": self.pem}
        return {"id": ACTOR, "type": "Person", "publicKey": key}

    def base_url(self) -> str:
        return "https://corbeau.example"

    def activity_url(self, obj_id: str) -> str:
        return obj_id

    def note_url(self, obj_id: str) -> str:
        return obj_id


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """A key for this file."""
    return new_key()


@pytest.fixture
def oracle(key: rsa.RSAPrivateKey) -> Iterator[None]:
    """active_boxes knows the actor whose key it is."""
    before = boxes.BACKEND
    boxes.use_backend(Oracle(public_pem(key)))
    yield
    boxes.use_backend(before)


def wire(headers: Mapping[str, str]) -> dict[str, list[str]]:
    """Headers as the door gives them to us."""
    return {name.lower(): [value] for name, value in headers.items()}


def target(url: str = URL) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def ours(key: rsa.RSAPrivateKey, body: bytes | None = BODY, url: str = URL) -> dict[str, str]:
    """A request that we signed."""
    method = "POST" if body is not None else "GET"
    return signatures.sign(key, f"{ACTOR}#main-key", method, url, NOW, body)


def holds(
    key: rsa.RSAPrivateKey, headers: Mapping[str, list[str]], body: bytes, path: str = ""
) -> bool:
    """Whether we accept a POST: every check, in the order of the door."""
    try:
        signature = signatures.parse(headers)
        signatures.check_coverage(signature, headers, body=True)
        signatures.check_digest(headers, body)
        signatures.check_time(signature, headers, NOW)
        return signatures.verify(key.public_key(), signature, headers, "POST", path or target())
    except RefusedError:
        return False


def letter(key: rsa.RSAPrivateKey, **how: Any) -> Letter:
    """A request that Corbeau signed, in its own way, at our moment."""
    session: aiohttp.ClientSession = None  # type: ignore[assignment]
    sender = Peer("https://corbeau.example", "corbeau", key, session)
    moment = how.pop("Date", "Mon, 23 Nov 2026 09:00:00 GMT")
    return sender.letter(URL, BODY, **({"Date": moment} if moment else {}), **how)


@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize("body", [BODY, None])
async def test_what_we_sign_holds_for_an_independent_verifier(
    key: rsa.RSAPrivateKey, body: bytes | None
) -> None:
    """active_boxes, which shares no code with us, accepts our POST and our GET."""
    headers = ours(key, body)
    method, text = ("POST", body.decode()) if body is not None else ("GET", "")
    assert await httpsig.verify_request(method, target(), headers, text) is True
    assert await httpsig.verify_request(method, "/elsewhere", headers, text) is False
    if body is not None:
        assert await httpsig.verify_request(method, target(), headers, text + " ") is False


def test_what_we_sign_is_the_lines_of_the_draft(key: rsa.RSAPrivateKey) -> None:
    """Rebuilt by hand: request line, host, date, digest, content type, and nothing else."""
    headers = ours(key)
    assert headers["Signature"].startswith(f'keyId="{ACTOR}#main-key",algorithm="rsa-sha256",')
    lines = (
        f"(request-target): post {target()}\nhost: ruche.example\n"
        f"date: Mon, 23 Nov 2026 09:00:00 GMT\ndigest: {headers['Digest']}\n"
        "content-type: application/activity+json"
    )
    value = headers["Signature"].split('signature="')[1].rstrip('"')
    public = key.public_key()
    public.verify(base64.b64decode(value), lines.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(
            base64.b64decode(value), lines[1:].encode(), padding.PKCS1v15(), hashes.SHA256()
        )


@pytest.mark.parametrize("body", [BODY, None])
def test_what_we_sign_holds_for_us(key: rsa.RSAPrivateKey, body: bytes | None) -> None:
    """Our own verifier accepts our own signature, for its method alone."""
    headers = wire(ours(key, body))
    signature = signatures.parse(headers)
    method = "POST" if body is not None else "GET"
    assert signatures.verify(key.public_key(), signature, headers, method, target())
    assert not signatures.verify(key.public_key(), signature, headers, "PUT", target())


async def test_what_an_independent_signer_signs_holds_for_us(key: rsa.RSAPrivateKey) -> None:
    """A request signed by active_boxes is accepted."""
    theirs = Key(ACTOR)
    theirs.load(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()
    )
    plain = {"User-Agent": "boxes", "Content-Type": "application/activity+json"}
    signed = await httpsig.sign_request(
        "POST", target(), plain, theirs, BODY.decode(), host="ruche.example"
    )
    headers = wire(signed)
    signature = signatures.parse(headers)
    signatures.check_digest(headers, BODY)
    assert signatures.verify(key.public_key(), signature, headers, "POST", target())


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"algorithm": "hs2019"},
        {"algorithm": ""} | {"names": ("(request-target)", "host", "date", "digest")},
        {"names": ("date", "digest", "host", "(request-target)", "content-type")},
        {
            "algorithm": "hs2019",
            "names": ("(request-target)", "host", "(created)", "(expires)", "digest"),
            "parameters": {"created": 1_795_424_400, "expires": 1_795_424_700},
        },
        {
            "algorithm": "hs2019",
            "names": ("(request-target)", "host", "(created)", "digest"),
            "parameters": {"created": 1_795_424_400},
            "Date": "",
        },
    ],
    ids=["rsa-sha256", "hs2019", "none", "other order", "created+expires", "created alone"],
)
def test_every_way_to_sign_that_peers_use(key: rsa.RSAPrivateKey, how: dict[str, Any]) -> None:
    """Signed by hand in each of the ways that servers are known to sign in."""
    made = letter(key, **how)
    assert holds(key, wire(made.headers), made.body)


def test_a_digest_in_lower_case_beside_another(key: rsa.RSAPrivateKey) -> None:
    """`sha-256=` and a second algorithm that we don't know are no reason to refuse."""
    value = signatures.digest(BODY).replace("SHA", "sha") + ",unixsum=30637"
    made = letter(key, Digest=value)
    assert holds(key, wire(made.headers), made.body)


def test_another_key_does_not_hold(key: rsa.RSAPrivateKey) -> None:
    """The same request under somebody else's key is worth nothing."""
    made = letter(key)
    assert not holds(new_key(), wire(made.headers), made.body)


def test_a_signed_get_may_leave_its_query_out(key: rsa.RSAPrivateKey) -> None:
    """Some servers do; for a POST the query counts."""
    headers = wire(ours(key, None, "https://ruche.example/outbox"))
    signature, public = signatures.parse(headers), key.public_key()
    assert signatures.verify(public, signature, headers, "GET", "/outbox?page=1")
    headers = wire(ours(key, BODY, "https://ruche.example/inbox"))
    signature = signatures.parse(headers)
    assert not signatures.verify(public, signature, headers, "POST", "/inbox?page=1")


@given(
    part=st.sampled_from(["host", "date", "digest", "content-type", "path", "body", "value"]),
    at=st.integers(0, 1000),
    bit=st.integers(0, 6),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_can_change(key: rsa.RSAPrivateKey, part: str, at: int, bit: int) -> None:
    """Flip any bit of anything that is signed, and the request is refused."""
    headers, body, path = wire(ours(key)), BODY, target()
    assert holds(key, headers, body, path)
    if part == "body":
        body = flipped(body, at, bit)
    elif part == "path":
        path = flipped(path.encode(), at, bit).decode("latin-1")
    elif part == "value":
        before, middle, value = headers["signature"][0].partition('signature="')
        raw = base64.b64decode(value.rstrip('"'))
        again = base64.b64encode(flipped(raw, at, bit)).decode()
        headers["signature"] = [f'{before}{middle}{again}"']
    else:
        headers[part] = [flipped(headers[part][0].encode(), at, bit).decode("latin-1")]
    assert not holds(key, headers, body, path)


def flipped(value: bytes, at: int, bit: int) -> bytes:
    """The same bytes with one bit turned over."""
    made = bytearray(value)
    made[at % len(made)] ^= 1 << bit
    return bytes(made)


@given(
    head=st.sampled_from(["", 'a=("@method" "@target-uri");created=1;keyid="https://a.example/k"']),
    text=st.text(max_size=200),
    value=st.one_of(st.just("a=:AAAA:"), st.text(max_size=60)),
    body=st.binary(max_size=60),
)
def test_no_signature_input_makes_the_verifier_fail(
    head: str, text: str, value: str, body: bytes
) -> None:
    """The same after RFC 9421."""
    headers = {"signature-input": [head + text], "signature": [value], "host": ["a"],
               "content-digest": [value]}  # fmt: skip
    try:
        signature = signatures.parse(headers)
        signatures.check_coverage(signature, headers, body=False)
        signatures.check_digest(headers, body, signature.digest_field)
        signatures.check_time(signature, headers, NOW)
    except RefusedError as error:
        assert error.status == 401


@given(st.text(max_size=200), st.text(max_size=60), st.binary(max_size=60))
def test_no_header_makes_the_verifier_fail(sig: str, date: str, body: bytes) -> None:
    """Whatever the headers hold, the answer is a refusal and no other error."""
    for given_ in (
        sig,
        f'keyId="https://a.example/k",{sig}',
        f'keyId="https://a.example/k",signature="AA==",{sig}',
    ):
        headers = {"signature": [given_], "date": [date], "host": ["a"], "digest": [sig]}
        try:
            signature = signatures.parse(headers)
            signatures.check_coverage(signature, headers, body=True)
            signatures.check_digest(headers, body)
            signatures.check_time(signature, headers, NOW + timedelta(hours=1))
        except RefusedError as error:
            assert error.status == 401
