"""HTTP signatures after draft-cavage-http-signatures-12; pure: no I/O, no clock.

What is asked of others is what Mastodon asks: the request line, the host, a date
and, for a body, its digest are signed, with RSA (or, as `hs2019`, Ed25519).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pecfed import clock
from pecfed.domain.uris import MAX_URI
from pecfed.federation.public_keys import PublicKey
from pecfed.federation.signing_rules import MAX_COVERED, MAX_HEADER, Headers, digest, moment, no

_PARAMETER = re.compile(r'\s*([A-Za-z]{1,20})=(?:"([^"]{0,4096})"|([0-9]{1,15}))\s*(?:,|$)')
_HEADER = re.compile(r"\(request-target\)|\(created\)|\(expires\)|[a-z0-9-]{1,64}")
_SPECIAL = frozenset({"(request-target)", "(created)", "(expires)"})
_ONCE = frozenset({"host", "date", "content-type"})


@dataclass(frozen=True, slots=True)
class CavageSignature:
    """A parsed `Signature` header of the draft."""

    digest_field: ClassVar[str] = "digest"
    key_uri: str
    algorithm: str
    headers: tuple[str, ...]
    value: bytes
    created: int | None
    expires: int | None

    def check_coverage(self, headers: Headers, *, body: bool) -> None:
        """Check that what matters is signed, and comes exactly once.

        Raises:
            RefusedError: 401, naming what is missing or doubled.
        """
        names = self.headers
        for needed in ("(request-target)", "host", *(("digest",) if body else ())):
            if needed not in names:
                raise no("not_covered", f"{needed} must be signed")
        if "date" not in names and "(created)" not in names:
            raise no("not_covered", "date or (created) must be signed")
        if self.algorithm == "rsa-sha256" and ("(created)" in names or "(expires)" in names):
            raise no("not_covered", "(created) and (expires) do not go with rsa-sha256")
        for name in {*names, *_ONCE} - _SPECIAL:
            count = len(headers.get(name, ()))
            if count > 1 and name in _ONCE:
                raise no("header_twice", f"the header {name} came more than once")
            if name in names and count == 0:
                raise no("header_missing", f"the signed header {name} is not in the request")

    def moments(self, headers: Headers) -> list[datetime]:
        """When it says it was signed: `created`, and a signed `Date`.

        Raises:
            RefusedError: 401, one of them is no time.
        """
        said = [moment(self.created)] if self.created else []
        if "date" in self.headers:
            try:
                said.append(_date(headers["date"][0]))
            except (ValueError, OverflowError, IndexError, TypeError):
                raise no("date", "the request doesn't say when it was signed") from None
        return said

    def fits(self, key: PublicKey) -> bool:
        """Whether its algorithm may go with that key; the key decides, not the header."""
        return self.algorithm == "hs2019" or isinstance(key, rsa.RSAPublicKey)

    def signed(self, headers: Headers, method: str, _base: str, target: str) -> bytes:
        """The text that was signed, if the request asked `target`, a path with its query."""
        special = {
            "(request-target)": f"{method.lower()} {target}",
            "(created)": str(self.created),
            "(expires)": str(self.expires),
        }
        lines = [
            f"{name}: {special[name] if name in special else ', '.join(headers.get(name, ()))}"
            for name in self.headers
        ]
        return "\n".join(lines).encode("utf-8", "surrogateescape")


def parse(headers: Headers) -> CavageSignature:
    """Read the `Signature` header of a request.

    Raises:
        RefusedError: 401, there is none, or it is none we accept.
    """
    found = headers.get("signature", ())
    if not found:
        raise no("signature_missing", "the request is not signed")
    if len(found) > 1 or len(found[0]) > MAX_HEADER:
        raise no("signature_malformed", "one Signature header, of at most 8 KiB, is expected")
    text = found[0].removeprefix("Signature ")
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1] in values:
            raise no("signature_malformed", "the Signature header can't be read")
        values[match[1]] = match[2] if match[2] is not None else match[3]
        at = match.end()
    key_uri = values.get("keyId", "")
    if not key_uri.startswith(("https://", "http://")) or len(key_uri) > MAX_URI:
        raise no("key_id", "the keyId must be a web address")
    try:
        value = base64.b64decode(values.get("signature", ""), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not value:
        raise no("signature_malformed", "the Signature header holds no signature")
    algorithm = values.get("algorithm", "hs2019")
    if algorithm not in {"rsa-sha256", "hs2019"}:
        raise no("algorithm", "sign with rsa-sha256, hs2019, or after RFC 9421")
    default = "date" if algorithm == "rsa-sha256" else "(created)"
    names = _names(values.get("headers", default))
    if not names:
        raise no("signature_malformed", "the list of signed headers can't be read")
    return CavageSignature(
        key_uri, algorithm, names, value, _whole(values, "created"), _whole(values, "expires")
    )


@lru_cache(64)
def _names(listed: str) -> tuple[str, ...]:
    """The names in a list of signed headers, which is the same in almost every request; else ()."""
    names = tuple(listed.split())
    if len(names) > MAX_COVERED or not all(map(_HEADER.fullmatch, names)):
        return ()
    return names


@lru_cache(256)
def _date(text: str) -> datetime:
    """The moment in a `Date` header; all requests of one second have the same."""
    return parsedate_to_datetime(text)


def _whole(values: Mapping[str, str], name: str) -> int | None:
    given = values.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdecimal():
        raise no("signature_malformed", f"{name} must be whole seconds since 1970")
    return int(given)


def sign(
    key: rsa.RSAPrivateKey,
    key_uri: str,
    method: str,
    url: str,
    date: datetime,
    body: bytes | None,
    *,
    query: bool = True,
) -> dict[str, str]:
    """The headers that sign a request: Host, Date, Digest (with a body), Signature.

    `query`: whether the query counts to the signed target; some servers leave it out.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query and query else "")
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
