"""RFC 9421 with others: http-message-signatures and active_boxes verify us, and we them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import http_message_signatures as hms
import pytest
from active_boxes import activitypub, httpsig
from active_boxes.backend import Backend
from active_boxes.key import Ed25519Key, Key
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed import clock
from pecfed.federation import messages, signatures
from pecfed.federation.multikey import multikey
from tests.cast import new_key, public_pem

OWNER = "https://velo.example/actors/velo"
BODY = b'{"type":"Follow"}'
URLS = ("https://peer.example/inbox", "https://peer.example:8443/in/box?a=b&c=%20d")
Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
KEYS: dict[str, Private] = {"rsa": new_key(), "ed25519": ed25519.Ed25519PrivateKey.generate()}
ALGORITHMS = {"rsa": hms.algorithms.RSA_V1_5_SHA256, "ed25519": hms.algorithms.ED25519}


class OneKey(hms.HTTPSignatureKeyResolver):
    """Knows one key pair, whatever it is called."""

    def __init__(self, key: Private) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        return self._key.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key


class OneActor(Backend):  # type: ignore[misc]  # it ships no types
    """Serves one actor with both its keys."""

    def base_url(self) -> str:
        return "https://reader.example"

    def activity_url(self, obj_id: str) -> str:
        return obj_id

    def note_url(self, obj_id: str) -> str:
        return obj_id

    async def fetch_iri(self, iri: str, **_: Any) -> dict[str, Any]:
        main = {"id": f"{OWNER}#rsa", "owner": OWNER, "publicKeyPem": public_pem(KEYS["rsa"])}
        key = KEYS["ed25519"].public_key()
        assert isinstance(key, ed25519.Ed25519PublicKey)
        other = {"id": f"{OWNER}#ed25519", "type": "Multikey", "controller": OWNER,
                 "publicKeyMultibase": multikey(key)}  # fmt: skip
        return {"id": OWNER, "type": "Organization", "publicKey": main, "assertionMethod": [other]}


@pytest.fixture
def reader() -> Iterator[None]:
    """active_boxes' one global, set for a test."""
    activitypub.use_backend(OneActor())
    yield
    activitypub.use_backend(None)


def ours(kind: str, url: str, body: bytes | None, **how: Any) -> dict[str, str]:
    """What we sign."""
    method = "GET" if body is None else "POST"
    return messages.sign(KEYS[kind], f"{OWNER}#{kind}", method, url, clock.now(), body, **how)


def taken(kind: str, method: str, url: str, headers: Any, body: bytes | None) -> bool:
    """Whether we take it: every check in the order of the door."""
    wire = {name.lower(): [value] for name, value in headers.items()}
    signature = signatures.parse(wire)
    signatures.check_coverage(signature, wire, body=body is not None)
    if body is not None:
        signatures.check_digest(wire, body, signature.digest_field)
    signatures.check_time(signature, wire, clock.now())
    asked = messages.target_uri(url)
    base = "/".join(asked.split("/", 3)[:3])
    target = asked[len(base) :]
    key = KEYS[kind].public_key()
    assert not signatures.verify(key, signature, wire, method, f"{target}x", base)
    return signatures.verify(key, signature, wire, method, target, base)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("body", [BODY, None], ids=["POST", "GET"])
@pytest.mark.parametrize("kind", list(KEYS))
def test_http_message_signatures_verifies_us(kind: str, body: bytes | None, url: str) -> None:
    """RSA and Ed25519; another address, another body or key and it doesn't."""
    more = {"components": ("@authority", "host", "date"), "extra": {"nonce": "n-1", "tag": "t"}}
    for how in ({}, more):
        headers = ours(kind, url, body, **how)
        message = SimpleNamespace(method="POST" if body else "GET", url=url, headers=headers)
        verifier = hms.HTTPMessageVerifier(
            signature_algorithm=ALGORITHMS[kind], key_resolver=OneKey(KEYS[kind])
        )
        (found,) = verifier.verify(message)
        assert found.parameters["keyid"] == f"{OWNER}#{kind}"
        assert '"@target-uri"' in found.covered_components
        message.url = f"{url}x"
        with pytest.raises(hms.InvalidSignature):
            verifier.verify(message)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("body", [BODY, None], ids=["POST", "GET"])
@pytest.mark.parametrize("kind", list(KEYS))
def test_we_verify_http_message_signatures(kind: str, body: bytes | None, url: str) -> None:
    """Whatever it is told to cover."""
    for covered in (
        ("@method", "@target-uri"),
        ("@method", "@authority", "@path", "@query", "@scheme"),
        ("@target-uri", "@method", "@authority", "host", "date", "@request-target"),
    ):
        headers = {"Host": url.split("/")[2], "Date": clock.http_date(clock.now())}
        message = SimpleNamespace(method="POST" if body else "GET", url=url, headers=headers)
        signer = hms.HTTPMessageSigner(
            signature_algorithm=ALGORITHMS[kind], key_resolver=OneKey(KEYS[kind])
        )
        signer.sign(
            message, key_id=f"{OWNER}#{kind}", covered_component_ids=covered, body=body,
            created=datetime.now(UTC), nonce="n", tag="t",
        )  # fmt: skip
        assert taken(kind, message.method, url, message.headers, body), covered


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("kind", list(KEYS))
async def test_active_boxes_verifies_us(kind: str, url: str) -> None:
    """Its cryptography is pycryptodome's, so nothing of ours checks ours."""
    headers = ours(kind, url, BODY)
    assert await httpsig.verify_request_rfc9421("POST", url, headers, BODY) is True
    assert await httpsig.verify_request_rfc9421("POST", url, headers, BODY + b" ") is False
    assert await httpsig.verify_request_rfc9421("POST", f"{url}x", headers, BODY) is False


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("kind", list(KEYS))
async def test_we_verify_active_boxes(kind: str, url: str) -> None:
    """As it signs by itself."""
    key = Key(OWNER) if kind == "rsa" else Ed25519Key(OWNER)
    key.new()
    headers: dict[str, str] = {"Host": url.split("/")[2]}
    await httpsig.sign_request_rfc9421("POST", url, headers, key, BODY)
    if kind == "rsa":
        public = signatures.load_public_key(key.pubkey_pem)
    else:
        public = signatures.load_public_key(key.to_multikey()["publicKeyMultibase"])
    wire = {name.lower(): [value] for name, value in headers.items()}
    signature = signatures.parse(wire)
    signatures.check_digest(wire, BODY, signature.digest_field)
    asked = messages.target_uri(url)
    base = "/".join(asked.split("/", 3)[:3])
    assert signatures.verify(public, signature, wire, "POST", asked[len(base) :], base)
    assert json.loads(BODY)["type"] == "Follow"
