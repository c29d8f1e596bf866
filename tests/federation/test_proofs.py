"""Integrity proofs: FEP-8b32's and FEP-521a's own examples, and every way one may fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from pecfed import clock
from pecfed.errors import RefusedError
from pecfed.federation import proofs
from pecfed.federation.keyfiles import public_half
from pecfed.federation.multikey import ED25519, RSA, base58, rsa_multikey, unbase58
from pecfed.language.wire import parse
from tests.cast import AS2

ALICE = "https://server.example/users/alice"
KEY_URI = f"{ALICE}#ed25519-key"
CONTEXT = [AS2, "https://w3id.org/security/data-integrity/v2"]
# the example of fep-8b32.feature, where the key is written with its multicodec prefix (0x8026)
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
EXAMPLE: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "https://server.example/activities/1",
    "type": "Create",
    "actor": ALICE,
    "object": {
        "id": "https://server.example/objects/1",
        "type": "Note",
        "attributedTo": ALICE,
        "content": "Hello world",
        "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962},
    },
}
PROOF = {
    "@context": CONTEXT,
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": KEY_URI,
    "proofPurpose": "assertionMethod",
    "proofValue": "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJEN"
    "CxUDe9SdL",
    "created": "2023-02-24T23:36:38Z",
}
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(unbase58(SECRET[1:])[2:])
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS = [AS2, {"pec": "https://w3id.org/pecfed/ns/v1#"}]


def listed(key: ed25519.Ed25519PrivateKey = KEY, **more: Any) -> dict[str, proofs.ProofKey]:
    """Alice's keys, out of her document."""
    multikey = {
        "id": KEY_URI, "type": "Multikey", "controller": ALICE,
        "publicKeyMultibase": public_half(key),
    } | more  # fmt: skip
    return proofs.read_keys({"id": ALICE, "assertionMethod": [multikey]})


def signed(document: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """A document with a proof whose options are changed before it is made; None takes one away."""
    whole = copy.deepcopy(document or EXAMPLE)
    options = {
        name: value
        for name, value in ({**PROOF} | {"created": "2026-11-23T11:00:00Z"} | options).items()
        if value is not None and name != "proofValue"
    }
    value = KEY.sign(proofs._hashed(options, whole))
    return whole | {"proof": options | {"proofValue": "z" + base58(value)}}


def test_the_proposals_own_example_holds() -> None:
    """Its signed document verifies with its key."""
    assert proofs.verify(EXAMPLE | {"proof": PROOF}, listed(), NOW) == KEY_URI


def test_we_make_the_proposals_own_value() -> None:
    """From the same document, options and key, the very same signature."""
    options = {name: value for name, value in PROOF.items() if name != "proofValue"}
    made = "z" + base58(KEY.sign(proofs._hashed(options, EXAMPLE)))
    assert made == PROOF["proofValue"]


def test_the_other_proposals_own_keys() -> None:
    """fep-521a.feature: an Ed25519 and an RSA key as Multikeys."""
    raw = bytes.fromhex("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6")
    assert f"z{base58(ED25519 + raw)}" == "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    modulus = int(
        "b1b5fcd8d4d5e88ca5c4287b31f578865caf6a78826a3b8ff7b1b23aa4af4e6a0474139f945bd9d3a911ffd0"
        "fa72db78e4593a86c91f9da836186ebd3402d51f6a3844247ab5088b46929c311b43604fed84499f06f0f39b"
        "f55590e2187f1bbe229ba8f49fd2e570cd0e3733c76bfede80e1e7e0881e4538ea1bc5782be9512f8bf13252"
        "6e05f4923564fe6e1e21bf7087adebb660fa533fca06d0a8e66991e1312d70b64a61da8ca77c028cdf939601"
        "e2cffe2855759b1d479f0847bcac59d7d62427a431d4e3dfd2697428b9dd6309a7b1167db99fe01af1ff1b73"
        "9566fb949e47089d1dae84aef1214ef7f5773e86a0d3e9da246f9bec09d60c705891183d",
        16,
    )
    pem = rsa.RSAPublicNumbers(65537, modulus).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    assert rsa_multikey(pem.decode()) == (
        "z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5dbkm9qsZsuVNjq8HCuW1"
        "w24nhBFGkRE4cd2Uf2tfrB3N7h4mnyPp1BF3ZttHTYv3DLUPi1zMdkULiow3M1GfXkoC6DoxDUm1jmN6GBj22SjV"
        "sr6dxezRVQc7aj9TxE7JLbMH1wh5X3kA58H3DFW8rnYMakFGbca5CB2Jf6CnGQZmL7o5uJAdTwXfy2iiiyPxXEGe"
        "rMhHwhjTA1mKYobyk2CpeEcmvynADfNZ5MBvcCS7m3XkFCMNUYBS9NQ3fze6vMSUPsNa6GVYmKx2x6JrdEjCk3qR"
        "MMmyjnjCMfR4pXbRMZa3i"
    )
    assert bytes.fromhex("8524") == RSA


def test_what_we_attach() -> None:
    """The context is an array that ends with the proof's words; the proof repeats it whole."""
    made = proofs.attach(EXAMPLE | {"@context": OURS}, KEY_URI, KEY, "2026-11-23T11:00:00.000Z")
    assert made["@context"][:2] == OURS
    assert set(made["@context"][2]) >= {"proof"}
    assert made["proof"]["@context"] == made["@context"]
    assert list(made)[-1] == "proof"
    again = proofs.attach(EXAMPLE | {"@context": OURS}, KEY_URI, KEY, "2026-11-23T11:00:00.000Z")
    assert json.dumps(again) == json.dumps(made), "the same bytes each time"
    assert EXAMPLE["@context"] == CONTEXT, "what was given is left as it was"
    assert proofs.verify(made, listed(), NOW) == KEY_URI


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
)
def test_what_is_served_is_what_is_signed(latitude: float, longitude: float, text: str) -> None:
    """Through our JSON and back through our reader, a proof holds: 48.0, 1e-7, é or 🐝."""
    place = {"type": "Place", "latitude": latitude, "longitude": longitude, text: text}
    made = proofs.attach(
        {"@context": OURS, "id": ALICE, "location": place}, KEY_URI, KEY, "2026-11-23T11:00:00Z"
    )
    served = json.dumps(made, ensure_ascii=False).encode()
    assert proofs.verify(parse(served), listed(), NOW) == KEY_URI


TOLERATED: dict[str, Callable[[], dict[str, Any]]] = {
    "no @context in the proof": lambda: signed(**{"@context": None}),
    "no created": lambda: signed(created=None),
    "an LD signature that came later": lambda: signed() | {"signature": {"type": "RsaSignature"}},
    "an end to come": lambda: signed(expires="2027-01-01T00:00:00Z"),
    "a clock half an hour ahead": lambda: signed(created="2026-11-23T12:30:00Z"),
    "beside a proof of another suite": lambda: changed(
        proof=[{"type": "DataIntegrityProof", "cryptosuite": "x"}, signed()["proof"]]
    ),
    "a context that goes on after the proof's": lambda: changed(
        **{"@context": [*CONTEXT, "https://w3id.org/security/v1"]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", TOLERATED)
def test_what_holds(told: str) -> None:
    """What the standards leave open."""
    assert proofs.verify(TOLERATED[told](), listed(), NOW) == KEY_URI


def changed(**more: Any) -> dict[str, Any]:
    return signed() | more


def with_proof(**more: Any) -> dict[str, Any]:
    made = signed()
    return made | {"proof": made["proof"] | more}


REFUSED: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "no proof": (lambda: dict(EXAMPLE), "no_proof"),
    "another suite": (lambda: with_proof(cryptosuite="eddsa-rdfc-2022"), "no_proof"),
    "another type": (lambda: with_proof(type="Ed25519Signature2020"), "no_proof"),
    "a text": (lambda: changed(proof="z42ff"), "no_proof"),
    "one that is embedded": (
        lambda: {"@context": CONTEXT, "id": ALICE, "object": signed()}, "no_proof",
    ),
    "six proofs before it": (
        lambda: changed(proof=[*[{"type": "x"}] * 6, signed()["proof"]]), "no_proof",
    ),
    "a word changed": (lambda: changed(type="Update"), "proof"),
    "a number changed": (
        lambda: changed(
            object=EXAMPLE["object"] | {"location": {"longitude": -71.2, "latitude": 25.273962}}
        ),
        "proof",
    ),
    "a word added": (lambda: changed(to=[f"{AS2}#Public"]), "proof"),
    "a date of its own": (lambda: with_proof(created="2026-11-23T11:00:01Z"), "proof"),
    "a value of others": (lambda: with_proof(proofValue=PROOF["proofValue"]), "proof"),
    "no value": (lambda: with_proof(proofValue=None), "proof"),
    "a value in base64": (lambda: with_proof(proofValue="mAAAA"), "proof"),
    "a value too short": (lambda: with_proof(proofValue="z42ff"), "proof"),
    "a value too long": (lambda: with_proof(proofValue="z" + "4" * 5000), "proof"),
    "a number without a canonical form": (lambda: changed(n=2**53), "proof"),
    "another purpose": (lambda: signed(proofPurpose="authentication"), "proof_purpose"),
    "from the future": (lambda: signed(created="2026-11-23T13:01:00Z"), "proof_time"),
    "expired": (lambda: signed(expires="2026-11-23T12:00:00Z"), "proof_time"),
    "an end that is none": (lambda: signed(expires="tomorrow"), "proof_time"),
    "a date that is none": (lambda: signed(created=["2026"]), "proof_time"),
    "another context": (lambda: changed(**{"@context": [AS2]}), "proof_context"),
    "a context before the proof's": (
        lambda: changed(**{"@context": ["https://x.example", *CONTEXT]}), "proof_context",
    ),
    "no key": (lambda: signed(verificationMethod=None), "proof_key"),
    "a key that isn't listed": (lambda: signed(verificationMethod=f"{ALICE}#old"), "proof_key"),
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_what_does_not_hold(told: str) -> None:
    """Each with its reason."""
    make, code = REFUSED[told]
    with pytest.raises(RefusedError) as refusal:
        proofs.verify(make(), listed(), NOW)
    assert refusal.value.code == code


@pytest.mark.case("S13")
def test_s13_a_proof_by_another_actors_key() -> None:
    """Bob's key, valid and on the same server, proves nothing of what Alice is to have said."""
    bob, key = "https://server.example/users/bob", ed25519.Ed25519PrivateKey.generate()
    made = proofs.attach(EXAMPLE | {"@context": OURS}, f"{bob}#key", key, "2026-11-23T11:00:00Z")
    entry = {"type": "Multikey", "controller": bob, "publicKeyMultibase": public_half(key)}
    bobs = proofs.read_keys({"id": bob, "assertionMethod": [entry | {"id": f"{bob}#key"}]})
    assert proofs.verify(made, bobs, NOW) == f"{bob}#key", "the proof itself is valid"
    for keys in (listed(), proofs.read_keys({"id": ALICE, "assertionMethod": [entry]})):
        with pytest.raises(RefusedError) as refusal:
            proofs.verify(made, keys, NOW)
        assert refusal.value.code == "proof_key"


def test_keys_that_do_not_count() -> None:
    """Another's, revoked, of another kind, of another origin, given by id alone, or beyond ten."""
    pem = public_half(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    for more in (
        {"controller": f"{ALICE}2"},
        {"revoked": "2026-01-01T00:00:00Z"},
        {"publicKeyMultibase": rsa_multikey(pem)},
        {"publicKeyMultibase": None},
        {"id": "https://other.example/users/alice#ed25519-key"},
        {"id": None},
        {"expires": "never"},
    ):
        assert listed(**more) == {}, more
    assert proofs.read_keys({"id": ALICE, "assertionMethod": KEY_URI}) == {}
    assert proofs.read_keys({"id": ALICE}) == {}
    good = {"type": "Multikey", "controller": ALICE, "publicKeyMultibase": public_half(KEY)}
    many = [good | {"id": f"{ALICE}#{number}"} for number in range(12)]
    assert len(proofs.read_keys({"id": ALICE, "assertionMethod": many})) == 10


def test_a_key_that_was_retired() -> None:
    """What it signed in its time still holds; what is dated later doesn't, nor what has no date."""
    end = clock.from_iso("2026-11-23T11:00:00Z")
    keys = listed(expires=clock.stamp(end))
    assert proofs.verify(signed(), keys, NOW + timedelta(days=900)) == KEY_URI
    for made in (signed(created="2026-11-23T11:00:01Z"), signed(created=None)):
        with pytest.raises(RefusedError) as refusal:
            proofs.verify(made, keys, NOW)
        assert refusal.value.code == "proof_time"
