"""HTTP message signatures after RFC 9421; pure: no I/O, no clock.

What is asked of others is what Mastodon 4.5 asks: `@method` and `@target-uri` (or its
parts) and, for a body, `content-digest` are covered, with the parameters `created`
and `keyid`; RSA (`rsa-v1_5-sha256`) or Ed25519, whichever the key is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from pecfed import clock
from pecfed.domain.uris import MAX_URI
from pecfed.errors import RefusedError
from pecfed.federation.public_keys import PublicKey
from pecfed.federation.signing_rules import (
    MAX_COVERED,
    MAX_HEADER,
    Headers,
    content_digest,
    moment,
    no,
)

MAX_SIGNATURES = 4  # read of one request
ACCEPT_SIGNATURE = 'sig1=("@method" "@target-uri" "content-digest");created;keyid'
ACCEPT_SIGNATURE_GET = 'sig1=("@method" "@target-uri");created;keyid'
"""What we ask for with a 401 (RFC 9421 section 5)."""
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_ALGORITHMS = {"rsa-v1_5-sha256": rsa.RSAPublicKey, "ed25519": ed25519.Ed25519PublicKey}
_DERIVED = frozenset(
    {"@method", "@target-uri", "@authority", "@scheme", "@path", "@query", "@request-target"}
)
_USUAL = frozenset({"@method", "@target-uri", "content-digest"})
_SENT = frozenset({"host", "date", "content-digest", "content-type"})
_FIELD = re.compile(r"[a-z0-9-]{1,64}")
_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """One signature out of `Signature-Input` and `Signature`."""

    digest_field: ClassVar[str] = "content-digest"
    key_uri: str
    algorithm: str
    components: tuple[str, ...]
    parameters: str
    value: bytes
    created: int
    expires: int | None

    def check_coverage(self, headers: Headers, *, body: bool) -> None:
        """Check that what matters is covered, and that what is covered is there.

        Raises:
            RefusedError: 401, naming what is missing.
        """
        names = self.components
        for needed in ("@method", *(("content-digest",) if body else ())):
            if needed not in names:
                raise no("not_covered", f"{needed} must be covered")
        if "@target-uri" not in names and not (
            "@authority" in names and ("@path" in names or "@request-target" in names)
        ):
            raise no("not_covered", "@target-uri must be covered")
        if len(headers.get("host", ())) > 1:
            raise no("header_twice", "the header host came more than once")
        for name in names:
            if name not in _DERIVED and not headers.get(name):
                raise no("header_missing", f"the covered header {name} is not in the request")

    def moments(self, _headers: Headers) -> list[datetime]:
        """When it says it was signed.

        Raises:
            RefusedError: 401, that is no time.
        """
        return [moment(self.created)]

    def fits(self, key: PublicKey) -> bool:
        """Whether the algorithm it names, if any, is that of the key."""
        return not self.algorithm or isinstance(key, _ALGORITHMS[self.algorithm])

    def signed(self, headers: Headers, method: str, base: str, target: str) -> bytes:
        """The signature base (RFC 9421 section 2.5), if the request asked `target` at `base`.

        "" where the query would go unsigned: such a signature holds for nothing.
        """
        path, mark, query = target.partition("?")
        names = self.components
        whole = {"@target-uri", "@request-target", "@query"} & set(names)
        if mark and not whole:
            return b""
        scheme, _, authority = base.partition("://")
        derived = {
            "@method": method.upper(),
            "@target-uri": base + target,
            "@authority": authority,
            "@scheme": scheme,
            "@path": path,
            "@query": f"?{query}",
            "@request-target": target,
        }
        lines = [
            f'"{name}": {derived[name] if name in derived else _field(headers, name)}'
            for name in names
        ]
        lines.append(f'"@signature-params": {self.parameters}')
        return "\n".join(lines).encode("utf-8", "surrogateescape")


def _field(headers: Headers, name: str) -> str:
    return ", ".join(value.strip() for value in headers.get(name, ()))


def _dictionary(headers: Headers, name: str) -> Mapping[str, Any]:
    """A header that is a dictionary (RFC 9651), as {label: (value, parameters)}."""
    text = ", ".join(headers.get(name, ()))
    if len(text) > MAX_HEADER:
        raise no("signature_malformed", f"a {name} of at most 8 KiB is expected")

    def twice(key: str, where: str) -> None:
        raise ValueError(f"{key} stands twice in a {where}")

    try:
        found = http_sf.parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=twice)
    except (http_sf.StructuredFieldError, ValueError, OverflowError):
        raise no("signature_malformed", f"the {name} header can't be read") from None
    assert isinstance(found, dict)
    return found


def parse(headers: Headers) -> MessageSignature:
    """Read the first signature whose `keyid` is an address.

    Raises:
        RefusedError: 401, there is none, or it is none we accept.
    """
    inputs = _dictionary(headers, "signature-input")
    values = _dictionary(headers, "signature")
    for label, member in list(inputs.items())[:MAX_SIGNATURES]:
        covered, parameters = member
        key_uri = parameters.get("keyid")
        if (
            isinstance(covered, list)
            and label in values
            and isinstance(key_uri, str)
            and key_uri.startswith(("https://", "http://"))
            and len(key_uri) <= MAX_URI
        ):
            return _read(covered, parameters, values[label][0], key_uri)
    if not inputs or not values:
        raise no("signature_missing", "the request is not signed")
    raise no("key_id", "the keyid must be a web address")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server asks a signature to have (RFC 9421 section 5.1), so far as we can give it."""

    components: tuple[str, ...]
    algorithm: str
    parameters: Mapping[str, str]

    @property
    def is_usual(self) -> bool:
        """Whether that is what we send anyway."""
        return not self.algorithm and not self.parameters and set(self.components) <= _USUAL


def read_accept_signature(text: str) -> Asked | None:
    """The first thing an `Accept-Signature` header asks for that we can give, if any."""
    try:
        wanted = _dictionary({"accept-signature": [text]}, "accept-signature") if text else {}
    except RefusedError:
        return None
    for covered, parameters in list(wanted.values())[:MAX_SIGNATURES]:
        if not isinstance(covered, list) or len(covered) > MAX_COVERED:
            continue
        names = tuple(item[0] for item in covered if not item[1])
        extra = {name: parameters[name] for name in ("nonce", "tag") if name in parameters}
        algorithm = parameters.get("alg", "")
        if (
            len(names) == len(covered)
            and all(isinstance(name, str) and name in {*_DERIVED, *_SENT} for name in names)
            and all(isinstance(value, str) and len(value) <= 256 for value in extra.values())
            and isinstance(algorithm, str)
            and algorithm in {"", *_ALGORITHMS}
        ):
            return Asked(names, algorithm, extra)
    return None


def _read(
    covered: list[Any], parameters: Mapping[str, Any], value: object, key_uri: str
) -> MessageSignature:
    names = tuple(item[0] for item in covered)
    if not names or len(names) > MAX_COVERED or len(set(map(str, names))) != len(names):
        raise no("signature_malformed", "the covered components can't be read")
    for name, extra in covered:
        if not isinstance(name, str) or extra:
            raise no("signature_malformed", "components with parameters are not taken")
        if name not in _DERIVED and not _FIELD.fullmatch(name):
            raise no("signature_malformed", "a component that is covered is not known here")
    if not isinstance(value, bytes) or not value:
        raise no("signature_malformed", "the Signature header holds no signature")
    algorithm = parameters.get("alg", "")
    if not isinstance(algorithm, str) or algorithm not in {"", *_ALGORITHMS}:
        raise no("algorithm", "sign with rsa-v1_5-sha256 or ed25519")
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int:
        raise no("not_covered", "the parameter created is needed")
    if expires is not None and type(expires) is not int:
        raise no("signature_malformed", "expires must be whole seconds since 1970")
    written = _written(covered, parameters)
    return MessageSignature(key_uri, algorithm, names, written, value, created, expires)


def _written(covered: list[Any], parameters: Mapping[str, Any]) -> str:
    """`@signature-params` as RFC 9651 serializes it, however it came."""
    return http_sf.ser([(covered, dict(parameters))])


def target_uri(url: str) -> str:
    """An address as `@target-uri` and `@authority` have it: host in lower case, no usual port."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    authority = parts.netloc.lower().removesuffix(_PORTS.get(scheme, ""))
    return f"{scheme}://{authority}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def sign(
    key: PrivateKey,
    key_uri: str,
    method: str,
    url: str,
    date: datetime,
    body: bytes | None,
    *,
    components: Sequence[str] = (),
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that sign a request: Host, Date, Content-Digest (with a body), and the two.

    `components` are covered beside the usual three, where we know them; `extra` are
    further parameters of the signature, such as a `nonce` that the receiver asked for.
    """
    parts = urlsplit(url)
    headers = {"Host": parts.netloc, "Date": clock.http_date(date)}
    names = ["@method", "@target-uri"]
    if body is not None:
        headers["Content-Digest"] = content_digest(body)
        headers["Content-Type"] = "application/activity+json"
        names.append("content-digest")
    known = {name.lower(): [value] for name, value in headers.items()}
    names += [name for name in components if name not in names and name in {*_DERIVED, *known}]
    written = _written(
        [(name, {}) for name in names],
        {"created": int(date.timestamp()), "keyid": key_uri, **(extra or {})},
    )
    made = MessageSignature(key_uri, "", tuple(names), written, b"", 0, None)
    asked = target_uri(url)
    base = "/".join(asked.split("/", 3)[:3])
    signed = made.signed(known, method, base, asked[len(base) :])
    if isinstance(key, ed25519.Ed25519PrivateKey):
        value = key.sign(signed)
    else:
        value = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    headers["Signature-Input"] = f"sig1={written}"
    headers["Signature"] = f"sig1=:{base64.b64encode(value).decode()}:"
    return headers
