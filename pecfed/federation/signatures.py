"""HTTP signatures after draft-cavage-http-signatures-12; pure: no I/O, no clock.

What is asked of others is what Mastodon asks: the request line, the host, a date
and, for a body, its digest are signed, with RSA of 2048 to 8192 bits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pecfed import clock
from pecfed.domain.uris import MAX_URI
from pecfed.errors import RefusedError

PAST = timedelta(minutes=65)
FUTURE = timedelta(minutes=60)
_PARAMETER = re.compile(r'\s*([A-Za-z]{1,20})=(?:"([^"]{0,4096})"|([0-9]{1,15}))\s*(?:,|$)')
_HEADER = re.compile(r"\(request-target\)|\(created\)|\(expires\)|[a-z0-9-]{1,64}")


def _no(code: str, words: str) -> RefusedError:
    return RefusedError(words, status=401, code=code)


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed `Signature` header."""

    key_uri: str
    algorithm: str
    headers: tuple[str, ...]
    value: bytes
    created: int | None
    expires: int | None


def digest(body: bytes) -> str:
    """The `Digest` header of a body (RFC 3230 with SHA-256)."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def sign(
    key: rsa.RSAPrivateKey, key_uri: str, method: str, url: str, date: datetime, body: bytes | None
) -> dict[str, str]:
    """The headers that sign a request: Host, Date, Digest (with a body), Signature."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "Date": clock.http_date(date)}
    lines = [
        f"(request-target): {method.lower()} {target}",
        f"host: {headers['Host']}",
        f"date: {headers['Date']}",
    ]
    names = "(request-target) host date"
    if body is not None:
        headers["Digest"] = digest(body)
        headers["Content-Type"] = "application/activity+json"
        lines += [f"digest: {headers['Digest']}", f"content-type: {headers['Content-Type']}"]
        names += " digest content-type"
    value = key.sign("\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256())
    headers["Signature"] = (
        f'keyId="{key_uri}",algorithm="rsa-sha256",headers="{names}",'
        f'signature="{base64.b64encode(value).decode()}"'
    )
    return headers


def check_digest(headers: Mapping[str, Sequence[str]], body: bytes) -> None:
    """Check that every digest a request carries is that of its body.

    `headers` maps lower-case names to all values on the wire.

    Raises:
        RefusedError: 401, no SHA-256 digest, or one that is wrong.
    """
    actual = hashlib.sha256(body).digest()
    given = [part.strip() for value in headers.get("digest", ()) for part in value.split(",")]
    sha256 = [part.partition("=")[2] for part in given if part.lower().startswith("sha-256=")]
    if not sha256:
        raise _no("digest_missing", "the request carries no SHA-256 Digest of its body")
    for value in headers.get("content-digest", ()):
        # RFC 9530: sha-256=:base64:
        for part in value.split(","):
            name, _, rest = part.strip().partition("=")
            if name.lower() == "sha-256":
                sha256.append(rest.strip(":"))
    for value in sha256:
        try:
            matches = base64.b64decode(value, validate=True) == actual
        except (binascii.Error, ValueError):
            matches = False
        if not matches:
            raise _no("digest_mismatch", "the Digest is not that of the body")


def parse(headers: Mapping[str, Sequence[str]]) -> Signature:
    """Read the `Signature` header of a request.

    Raises:
        RefusedError: 401, there is none, or it is none we accept.
    """
    found = headers.get("signature", ())
    if not found:
        raise _no("signature_missing", "the request is not signed")
    if len(found) > 1 or len(found[0]) > 8192:
        raise _no("signature_malformed", "one Signature header, of at most 8 KiB, is expected")
    text = found[0].removeprefix("Signature ")
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1] in values:
            raise _no("signature_malformed", "the Signature header can't be read")
        values[match[1]] = match[2] if match[2] is not None else match[3]
        at = match.end()
    key_uri = values.get("keyId", "")
    if not key_uri.startswith(("https://", "http://")) or len(key_uri) > MAX_URI:
        raise _no("key_id", "the keyId must be a web address")
    try:
        value = base64.b64decode(values.get("signature", ""), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not value:
        raise _no("signature_malformed", "the Signature header holds no signature")
    algorithm = values.get("algorithm", "hs2019")
    if algorithm not in {"rsa-sha256", "hs2019"}:
        raise _no("algorithm", "sign with rsa-sha256 (or hs2019, with an RSA key)")
    default = "date" if algorithm == "rsa-sha256" else "(created)"
    names = tuple(values.get("headers", default).split())
    if not names or len(names) > 32 or not all(_HEADER.fullmatch(name) for name in names):
        raise _no("signature_malformed", "the list of signed headers can't be read")
    return Signature(
        key_uri, algorithm, names, value, _whole(values, "created"), _whole(values, "expires")
    )


def _whole(values: Mapping[str, str], name: str) -> int | None:
    given = values.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdecimal():
        raise _no("signature_malformed", f"{name} must be whole seconds since 1970")
    return int(given)


def check_coverage(
    signature: Signature, headers: Mapping[str, Sequence[str]], *, body: bool
) -> None:
    """Check that what matters is signed, and comes exactly once.

    Raises:
        RefusedError: 401, naming what is missing or doubled.
    """
    names = signature.headers
    for needed in ("(request-target)", "host", *(("digest",) if body else ())):
        if needed not in names:
            raise _no("not_covered", f"{needed} must be signed")
    if "date" not in names and "(created)" not in names:
        raise _no("not_covered", "date or (created) must be signed")
    if signature.algorithm == "rsa-sha256" and ("(created)" in names or "(expires)" in names):
        raise _no("not_covered", "(created) and (expires) do not go with rsa-sha256")
    for name in {*names, "host", "date", "digest"} - {"(request-target)", "(created)", "(expires)"}:
        count = len(headers.get(name, ()))
        if count > 1 and name in {"host", "date", "digest", "content-type"} and name != "digest":
            raise _no("header_twice", f"the header {name} came more than once")
        if name in names and count == 0:
            raise _no("header_missing", f"the signed header {name} is not in the request")


def check_time(signature: Signature, headers: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Check that a request was signed between 65 minutes ago and 60 minutes from now.

    Raises:
        RefusedError: 401, it wasn't, or doesn't say when.
    """
    try:
        said = [datetime.fromtimestamp(signature.created, UTC)] if signature.created else []
        if "date" in signature.headers:
            said.append(parsedate_to_datetime(headers["date"][0]))
        expires = (
            datetime.fromtimestamp(signature.expires, UTC)
            if signature.expires is not None
            else None
        )
        if not said or any(moment.tzinfo is None for moment in said):
            raise ValueError("no date, or one without its zone")
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        raise _no("date", "the request doesn't say when it was signed") from None
    if not all(now - PAST <= moment <= now + FUTURE for moment in said):
        raise _no("stale", "the request was signed too long ago, or in the future")
    if expires is not None and (expires < now or expires < max(said)):
        raise _no("stale", "the signature has expired")


def load_public_key(pem: str) -> rsa.RSAPublicKey:
    """A peer's public RSA key of 2048 to 8192 bits.

    Raises:
        RefusedError: 401, it is none.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm, UnicodeEncodeError):
        raise _no("key", "the public key can't be read") from None
    if not isinstance(key, rsa.RSAPublicKey) or not 2048 <= key.key_size <= 8192:
        raise _no("key", "the public key is not RSA of 2048 to 8192 bits")
    if key.public_numbers().e < 65537:
        raise _no("key", "the public key has too small an exponent")
    return key


def verify(
    key: rsa.RSAPublicKey,
    signature: Signature,
    headers: Mapping[str, Sequence[str]],
    method: str,
    path_and_query: str,
) -> bool:
    """Whether that key signed this request.

    The path is tried as it came and, since some servers leave the query out of
    what they sign for a GET, without its query.
    """
    targets = [path_and_query]
    if "?" in path_and_query and method.upper() == "GET":
        targets.append(path_and_query.partition("?")[0])
    return any(
        _verifies(key, signature.value, _lines(signature, headers, method, target))
        for target in targets
    )


def _lines(
    signature: Signature, headers: Mapping[str, Sequence[str]], method: str, target: str
) -> bytes:
    special = {
        "(request-target)": f"{method.lower()} {target}",
        "(created)": str(signature.created),
        "(expires)": str(signature.expires),
    }
    lines = [
        f"{name}: {special[name] if name in special else ', '.join(headers.get(name, ()))}"
        for name in signature.headers
    ]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _verifies(key: rsa.RSAPublicKey, value: bytes, signed: bytes) -> bool:
    try:
        key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
