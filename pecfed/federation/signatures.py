"""Signatures of requests, whichever way they are made: RFC 9421 or draft-cavage. Pure.

A request with `Signature-Input` is signed after RFC 9421, any other after the draft.
"""

from __future__ import annotations

from datetime import datetime

from pecfed.federation import cavage, messages
from pecfed.federation.cavage import CavageSignature, sign
from pecfed.federation.messages import MessageSignature
from pecfed.federation.public_keys import PublicKey, is_signed_by, load_public_key
from pecfed.federation.signing_rules import Headers, check_digest, check_moments, digest, moment

__all__ = [
    "Signature", "check_coverage", "check_digest", "check_time", "digest", "load_public_key",
    "parse", "sign", "verify",
]  # fmt: skip

Signature = CavageSignature | MessageSignature


def parse(headers: Headers) -> Signature:
    """Read the signature of a request.

    Raises:
        RefusedError: 401, there is none, or it is none we accept.
    """
    if "signature-input" in headers:
        return messages.parse(headers)
    return cavage.parse(headers)


def check_coverage(signature: Signature, headers: Headers, *, body: bool) -> None:
    """Check that what matters is signed.

    Raises:
        RefusedError: 401, naming what is missing or doubled.
    """
    signature.check_coverage(headers, body=body)


def check_time(signature: Signature, headers: Headers, now: datetime) -> None:
    """Check that a request was signed between 65 minutes ago and 60 minutes from now.

    Raises:
        RefusedError: 401, it wasn't, or doesn't say when.
    """
    expires = None if signature.expires is None else moment(signature.expires)
    check_moments(signature.moments(headers), expires, now)


def verify(
    key: PublicKey,
    signature: Signature,
    headers: Headers,
    method: str,
    path_and_query: str,
    base: str = "",
) -> bool:
    """Whether that key signed this request; `base` is our public address without a path.

    The path is tried as it came and, since some servers leave the query out of
    what they sign for a GET, without its query.
    """
    if not signature.fits(key):
        return False
    targets = [path_and_query]
    if "?" in path_and_query and method.upper() == "GET":
        targets.append(path_and_query.partition("?")[0])
    texts = [signature.signed(headers, method, base, target) for target in targets]
    return any(is_signed_by(key, signature.value, text) for text in texts if text)
