"""What both ways to sign a request have in common: digests, the time window, the refusal."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pecfed.errors import RefusedError

Headers = Mapping[str, Sequence[str]]
"""Lower-case names to every value on the wire."""

PAST = timedelta(minutes=65)
FUTURE = timedelta(minutes=60)
MAX_HEADER = 8192  # characters of a Signature or Signature-Input header
MAX_COVERED = 32  # signed headers or components


def no(code: str, words: str) -> RefusedError:
    """The refusal of a request whose signature doesn't count."""
    return RefusedError(words, status=401, code=code)


def digest(body: bytes) -> str:
    """The `Digest` header of a body (RFC 3230 with SHA-256)."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def content_digest(body: bytes) -> str:
    """The `Content-Digest` header of a body (RFC 9530 with SHA-256)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def check_digest(headers: Headers, body: bytes, needed: str = "digest") -> None:
    """Check that every digest a request carries is that of its body.

    `needed` names the header (`digest`, `content-digest`) that must hold a SHA-256.

    Raises:
        RefusedError: 401, the needed one is missing, or any is wrong.
    """
    actual = hashlib.sha256(body).digest()
    given = {name: list(_sha256(headers, name)) for name in ("digest", "content-digest")}
    if not given[needed]:
        raise no("digest_missing", f"the request carries no SHA-256 {needed} of its body")
    for name, values in given.items():
        for value in values:
            bare = value
            if name == "content-digest":  # a byte sequence: sha-256=:base64:
                bare = value[1:-1] if value[:1] == value[-1:] == ":" else ""
            try:
                matches = base64.b64decode(bare, validate=True) == actual
            except (binascii.Error, ValueError):
                matches = False
            if not matches:
                raise no("digest_mismatch", f"the {name} is not that of the body")


def _sha256(headers: Headers, name: str) -> list[str]:
    parts = [part.strip() for value in headers.get(name, ()) for part in value.split(",")]
    return [part.partition("=")[2] for part in parts if part.lower().startswith("sha-256=")]


def moment(seconds: int) -> datetime:
    """A time in seconds since 1970.

    Raises:
        RefusedError: 401, no calendar knows it.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise no("date", "the request doesn't say when it was signed") from None


def check_moments(said: Sequence[datetime], expires: datetime | None, now: datetime) -> None:
    """Check that a request was signed between 65 minutes ago and 60 minutes from now.

    Raises:
        RefusedError: 401, it wasn't, or doesn't say when.
    """
    if not said or any(each.tzinfo is None for each in said):
        raise no("date", "the request doesn't say when it was signed")
    if not all(now - PAST <= each <= now + FUTURE for each in said):
        raise no("stale", "the request was signed too long ago, or in the future")
    if expires is not None and (expires < now or expires < max(said)):
        raise no("stale", "the signature has expired")
