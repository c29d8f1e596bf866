"""Our credentials and others': published vectors, and a verifier without our code (Merle)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from pecfed import clock
from pecfed.domain.credential import Endorsement
from pecfed.errors import RefusedError
from pecfed.federation import proofs
from pecfed.federation.keyfiles import public_half
from pecfed.federation.multikey import base58, unbase58
from pecfed.language.canonical import canonical
from pecfed.services import credentials
from pecfed.shipped import shipped
from tests.conftest import MakeServer
from tests.federation.test_credentials import altered, changes
from tests.interop.heron import NoHeronError, install, node
from tests.servers import Server
from tests.vouched import document, endorsed, issued, labelled, statement_of

SOURCE = Path(__file__).resolve().parent / "merle"
FILES = ("package.json", "package-lock.json", "verify.js")

# The W3C's Data Integrity EdDSA Cryptosuites 1.0, appendix B (and TestVectors/ in its
# repository, w3c/vc-di-eddsa): the key pair, the credential, its proof with eddsa-jcs-2022.
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
PRIVATE = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
UNSIGNED: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
KEY_URI = f"https://vc.example/issuers/5678#{PUBLIC}"
CREATED = "2023-02-24T23:36:38Z"
VALUE = "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4"


@pytest.fixture
def engine() -> str:
    """SQLite alone: a verifier can't tell."""
    return "sqlite"


def the_key() -> ed25519.Ed25519PrivateKey:
    """The private key of the vectors: a Multikey whose prefix is 0x8026 as a varint."""
    data = unbase58(PRIVATE[1:])
    assert data[:2] == b"\x80\x26"
    return ed25519.Ed25519PrivateKey.from_private_bytes(data[2:])


def test_the_published_vector_is_made() -> None:
    """The same key, the same credential, the same time: the very same proof."""
    assert public_half(the_key()) == PUBLIC
    made = proofs.sign(UNSIGNED, KEY_URI, the_key(), CREATED)
    assert made["proof"] == {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": CREATED,
        "verificationMethod": KEY_URI,
        "proofPurpose": "assertionMethod",
        "proofValue": VALUE,
    }


def test_the_published_vector_is_verified() -> None:
    """And every change of one value of it is refused."""
    signed = proofs.sign(UNSIGNED, KEY_URI, the_key(), CREATED)
    signed["proof"]["proofValue"] = VALUE
    keys = proofs.read_keys(
        {
            "id": "https://vc.example/issuers/5678",
            "assertionMethod": {
                "id": KEY_URI,
                "controller": "https://vc.example/issuers/5678",
                "publicKeyMultibase": PUBLIC,
            },
        }
    )
    assert proofs.verify(signed, keys, clock.now()) == KEY_URI
    count = 0
    for path, new in changes(signed):
        if path == ("proof", "@context"):
            continue  # without one, the proof is by the document's own: another signature
        with pytest.raises(RefusedError):
            proofs.verify(altered(signed, path, new), keys, clock.now())
        count += 1
    assert count > 60


def test_the_canonical_form_is_the_published_one() -> None:
    """Its SHA-256 stands in the vectors (`docHashJCS.txt`)."""
    digest = hashlib.sha256(canonical(UNSIGNED)).hexdigest()
    assert base58(unbase58(VALUE[1:])) == VALUE[1:]
    assert digest == DOCUMENT_HASH


DOCUMENT_HASH = "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"


@pytest.fixture(scope="session")
def merle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Merle is installed."""
    folder = tmp_path_factory.mktemp("merle")
    try:
        install(folder, SOURCE, FILES)
    except NoHeronError as error:
        pytest.skip(str(error))
    yield folder


async def judged(merle: Path, documents: Any, cases: dict[str, Any]) -> dict[str, Any]:
    """What Merle thinks of each credential: True, or why not."""
    bundled = shipped("vocab") / "external" / "activitystreams.jsonld"
    known = {"https://www.w3.org/ns/activitystreams": json.loads(bundled.read_text("utf-8"))}
    given = {
        "documents": {**known, **documents},
        "cases": [{"name": name, "credential": each} for name, each in cases.items()],
    }

    def run() -> Any:
        done = subprocess.run(
            [node(), "verify.js"], cwd=merle, input=json.dumps(given), capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return dict(await asyncio.to_thread(run))


async def test_another_implementation_verifies_them(merle: Path, make_server: MakeServer) -> None:
    """Each kind holds; with any one value changed or taken away, or once revoked, it doesn't."""
    hub = await make_server(role="hub", username="ruche", name="La Ruche")
    lilas = await make_server(username="lilas", name="Lilas")
    about = await statement_of(lilas)
    attestation, label = await labelled(hub, about)
    gone, _ = await labelled(hub, about)
    endorsement = await endorsed(hub, about)
    made = {"attestation": attestation, "label": label, "endorsement": endorsement}
    good = {name: await document(hub, each.uri) for name, each in made.items()}
    await hub.write(lambda session: credentials.revoke(session, gone.uri, "error"))
    listed = label.document["credentialStatus"]["statusListCredential"]
    documents = {
        hub.actor_uri: await document(hub, hub.actor_uri),
        listed: await document(hub, listed),
    }
    assert await judged(merle, documents, good) == dict.fromkeys(good, True)
    bad = {
        f"{name} {path} {new}": altered(each, path, new)
        for name, each in good.items()
        for path, new in changes(each)
        # the proof's context says which contexts were signed, and they are all the document's;
        # and this implementation passes over a space behind the proof's value
        if path[:2] != ("proof", "@context")
        and not (path == ("proof", "proofValue") and str(new).endswith(" "))
    }
    assert len(bad) > 300
    bad["revoked"] = await document(hub, gone.uri)
    outcomes = await judged(merle, documents, bad)
    assert [name for name, outcome in outcomes.items() if outcome is True] == []
    assert len(outcomes) == len(bad)


async def test_it_refuses_what_is_over(
    merle: Path, make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose last day has passed, issued a year and more ago."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=400))
    hub: Server = await make_server(role="hub", username="ruche", name="La Ruche")
    lilas = await make_server(username="lilas", name="Lilas")
    until = (now - timedelta(days=35)).date().isoformat()
    made = await issued(hub, Endorsement(await statement_of(lilas)), until)
    over = await document(hub, made.uri)
    monkeypatch.undo()
    listed = over["credentialStatus"]["statusListCredential"]
    documents = {uri: await document(hub, uri) for uri in (hub.actor_uri, listed)}
    assert 'is after "validUntil"' in str((await judged(merle, documents, {"over": over}))["over"])
