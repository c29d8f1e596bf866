"""Integrity proofs (FEP-8b32) with the cryptosuite eddsa-jcs-2022; pure: no I/O, no clock.

Sources: FEP-8b32, FEP-521a, and the W3C's Data Integrity EdDSA Cryptosuites 1.0,
section 3.3. A proof never authorises a delivery; it is what makes a document
verifiable apart from the server it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from pecfed import clock
from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError
from pecfed.federation.multikey import base58, read_ed25519, unbase58
from pecfed.language.canonical import canonical
from pecfed.language.context import with_proof
from pecfed.language.wire import Document, one_or_many

TYPE = "DataIntegrityProof"
CRYPTOSUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"
MAX_KEYS = 10
MAX_PROOFS = 5
MAX_VALUE = 128  # characters; 64 bytes in base58 have 88 at most
FUTURE = timedelta(minutes=60)  # as far as another server's clock may be ahead
NOT_SIGNED = ("proof", "signature")  # `signature`: an LD signature was made after the proof


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A key that an actor's document lists in `assertionMethod`, and until when it counts."""

    key: ed25519.Ed25519PublicKey
    expires: datetime | None


def attach(
    document: Mapping[str, Any], key_uri: str, key: ed25519.Ed25519PrivateKey, created: str
) -> Document:
    """The document with a proof; its `@context` (an array) gets the proof's words.

    `created` is a time of the document's own, not the clock's: so the same document
    has the same bytes whenever it is asked for.
    """
    return sign({**document, "@context": with_proof(document["@context"])}, key_uri, key, created)


def sign(
    document: Mapping[str, Any], key_uri: str, key: ed25519.Ed25519PrivateKey, created: str
) -> Document:
    """The document with a proof, whose words its `@context` explains already (a credential's)."""
    unsigned: Document = dict(document)
    proof: Document = {
        "@context": unsigned["@context"],
        "type": TYPE,
        "cryptosuite": CRYPTOSUITE,
        "verificationMethod": key_uri,
        "proofPurpose": PURPOSE,
        "created": created,
    }
    proof["proofValue"] = "z" + base58(key.sign(_hashed(proof, unsigned)))
    return unsigned | {"proof": proof}


def read_keys(actor: Mapping[str, Any]) -> dict[str, ProofKey]:
    """The Ed25519 keys that an actor lists as its own, by id; others are passed over."""
    uri = actor.get("id")
    found: dict[str, ProofKey] = {}
    for each in one_or_many(actor.get("assertionMethod"))[:MAX_KEYS]:
        if not isinstance(each, Mapping) or each.get("controller") != uri or "revoked" in each:
            continue
        key_uri, text = each.get("id"), each.get("publicKeyMultibase")
        if not isinstance(key_uri, str) or not same_origin(key_uri, str(uri)):
            continue
        try:
            found[key_uri] = ProofKey(read_ed25519(str(text)), _moment(each, "expires"))
        except (ValueError, RefusedError):
            continue  # a key of another kind, or with an end that can't be read
    return found


def find(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The proof of a document that we can check; None without one, or one of another suite."""
    for proof in one_or_many(document.get("proof"))[:MAX_PROOFS]:
        if (
            isinstance(proof, Mapping)
            and proof.get("type") == TYPE
            and proof.get("cryptosuite") == CRYPTOSUITE
        ):
            return proof
    return None


def verify(document: Mapping[str, Any], keys: Mapping[str, ProofKey], now: datetime) -> str:
    """Verify the proof of a document; the id of the key it is by.

    `keys` are those of the document's owner alone, out of its own document
    (`read_keys`). Only the document itself is looked at, never what is embedded in it.

    Raises:
        RefusedError: there is no proof that we can check, or it doesn't hold.
    """
    proof = find(document)
    if proof is None:
        raise _no("no_proof", "there is no proof of a kind we know")
    key_uri = proof.get("verificationMethod")
    known = keys.get(key_uri) if isinstance(key_uri, str) else None
    if not isinstance(key_uri, str) or known is None:
        raise _no("proof_key", "the proof is by a key that its author doesn't list")
    if proof.get("proofPurpose") != PURPOSE:
        raise _no("proof_purpose", f"the proof's purpose is not {PURPOSE}")
    _check_times(proof, known, now)
    value = proof.get("proofValue")
    signed = {name: value for name, value in document.items() if name not in NOT_SIGNED}
    if "@context" in proof:
        signed["@context"] = _same_context(proof["@context"], document.get("@context"))
    try:
        if not isinstance(value, str) or len(value) > MAX_VALUE or value[:1] != "z":
            raise ValueError("no proof value")
        known.key.verify(unbase58(value[1:]), _hashed(proof, signed))
    except (ValueError, InvalidSignature):
        raise _no("proof", "the proof doesn't hold") from None
    return key_uri


def _hashed(proof: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    """What is signed: the digests of the proof's options and of the document, one after another.

    Raises:
        ValueError: one of them has no canonical form.
    """
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return b"".join(hashlib.sha256(canonical(each)).digest() for each in (options, document))


def _same_context(proof_context: object, document_context: object) -> object:
    """The context that was signed: the proof's, with which the document's must begin."""
    signed, whole = one_or_many(proof_context), one_or_many(document_context)
    if not signed or whole[: len(signed)] != signed:
        raise _no("proof_context", "the document's @context doesn't begin with the proof's")
    return proof_context


def _check_times(proof: Mapping[str, Any], key: ProofKey, now: datetime) -> None:
    """A proof must not be from the future, ended, or made after its key's end."""
    created, expires = _moment(proof, "created"), _moment(proof, "expires")
    if created is not None and created > now + FUTURE:
        raise _no("proof_time", "the proof is from the future")
    if expires is not None and expires <= now:
        raise _no("proof_time", "the proof has expired")
    if key.expires is not None and (created or now) > key.expires:
        raise _no("proof_time", "the proof was made after its key's end")


def _moment(of: Mapping[str, Any], name: str) -> datetime | None:
    """A time of a proof or key, None without one."""
    value = of.get(name)
    if value is None:
        return None
    try:
        moment = clock.from_iso(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise _no("proof_time", f"{name} is no time")
    return moment


def _no(code: str, words: str) -> RefusedError:
    return RefusedError(words, status=400, code=code)
