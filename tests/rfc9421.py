"""Requests signed after RFC 9421, put together by hand and verified without any of our code."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import http_message_signatures as hms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from multidict import CIMultiDict

from tests.cast import ACTIVITY, Got, Letter, Peer

COVERED = ("@method", "@target-uri", "content-digest")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def content_digest(body: bytes) -> str:
    """A `Content-Digest` header."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def multibase(data: bytes) -> str:
    """Bytes in base58 with the prefix of Multibase."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def multikey(who: Peer, key: ed25519.Ed25519PrivateKey, **changes: Any) -> dict[str, Any]:
    """What an actor's `assertionMethod` says of an Ed25519 key."""
    found = {
        "id": f"{who.uri}#ed25519",
        "type": "Multikey",
        "controller": who.uri,
        "publicKeyMultibase": multibase(b"\xed\x01" + key.public_key().public_bytes_raw()),
    } | changes
    return {term: value for term, value in found.items() if value is not None}


def sign(
    who: Peer,
    url: str,
    body: bytes | None,
    *,
    method: str = "",
    covered: Sequence[str] = COVERED,
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | None = None,
    key_uri: str = "",
    parameters: Mapping[str, Any] | None = None,
    label: str = "sig1",
    signed_url: str = "",
    **headers: str,
) -> CIMultiDict[str]:
    """The headers of a request; `parameters` replace or join, None takes one away.

    `signed_url` is what the signature says was asked, `headers` (with _ for -) what is
    sent beside.
    """
    parts, asked = urlsplit(url), urlsplit(signed_url or url)
    sent: CIMultiDict[str] = CIMultiDict({"Host": parts.netloc})
    if body is not None:
        sent["Content-Type"] = ACTIVITY
        sent["Content-Digest"] = content_digest(body)
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    derived = {
        "@method": method or ("GET" if body is None else "POST"),
        "@target-uri": signed_url or url,
        "@authority": asked.netloc,
        "@scheme": asked.scheme,
        "@path": asked.path,
        "@query": f"?{asked.query}",
        "@request-target": asked.path + (f"?{asked.query}" if asked.query else ""),
    }
    values = {"created": int(time.time()), "keyid": key_uri or who.key_uri, **(parameters or {})}
    written = "".join(
        f";{name}={json.dumps(value)}" for name, value in values.items() if value is not None
    )
    inner = "(" + " ".join(f'"{name}"' for name in covered) + ")" + written
    lines = [f'"{name}": {derived.get(name, sent.get(name, ""))}' for name in covered]
    text = "\n".join([*lines, f'"@signature-params": {inner}']).encode()
    signer = key or who.key
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        value = signer.sign(text)
    else:
        value = signer.sign(text, padding.PKCS1v15(), hashes.SHA256())
    sent["Signature-Input"] = f"{label}={inner}"
    sent["Signature"] = f"{label}=:{base64.b64encode(value).decode()}:"
    return sent


def letter(who: Peer, inbox: str, activity: Any, **how: Any) -> Letter:
    """A POST that is ready to go."""
    body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
    return Letter(inbox, sign(who, inbox, body, **how), body)


class _Keys(hms.HTTPSignatureKeyResolver):
    def __init__(self, keys: Mapping[str, Any]) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Any:
        return self._keys.get(key_id)


def signer(got: Got, origin: str, keys: Mapping[str, Any]) -> str:
    """Whose of those public keys signed a request that arrived at `origin`; "" for none."""
    message = SimpleNamespace(method=got.method, url=origin + got.path, headers=got.headers)
    for kind in (hms.algorithms.RSA_V1_5_SHA256, hms.algorithms.ED25519):
        verifier = hms.HTTPMessageVerifier(signature_algorithm=kind, key_resolver=_Keys(keys))
        try:
            (found,) = verifier.verify(message)
        except (hms.HTTPMessageSignaturesException, hms.InvalidSignature, ValueError, TypeError):
            continue
        if got.method == "POST" and got.headers["Content-Digest"] != content_digest(got.body):
            return ""
        return str(found.parameters["keyid"])
    return ""
