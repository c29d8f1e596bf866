"""Addresses: what this node's are called, and what may be believed of another's.

The origin rules are those of FEP-fe34: an origin is scheme, host and port, and
what is said about an address counts only when it comes from that origin.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_URI = 2048
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})
_DEFAULT_PORTS = {"https": 443, "http": 80}
_NEVER = re.compile(
    r"""[\x00-\x20\x7f-\xa0\\"<>^`{|}\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]"""
)  # also what moves a terminal's cursor, turns a line round, or can't be seen
_RESPELLED = re.compile(
    r"%(?:3[0-9]|[46][1-9a-f]|[57][0-9a])|/\.\.?(?=[/?]|\Z)", re.IGNORECASE | re.ASCII
)  # an escaped letter or digit, a dot segment
_PLAIN = re.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9][0-9]{0,3}))?(?=[/?#]|\Z)")
"""How almost every address begins, so that only the rest needs the slow way."""


def origin(uri: str) -> str:
    """`scheme://host:port` of an address, or "" when it isn't a plain http(s) address.

    User names, zone ids, white space, control characters and back-slashes have no
    place in an id that may be stored or fetched.
    """
    if len(uri) > MAX_URI or _NEVER.search(uri):
        return ""
    plain = _PLAIN.match(uri)
    if plain is not None:
        return f"{plain[1]}://{plain[2]}:{plain[3] or _DEFAULT_PORTS[plain[1]]}"
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or "%" in host:
        return ""
    if not host.isascii():
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port or _DEFAULT_PORTS[parts.scheme]}"


def is_plain(uri: str) -> bool:
    """Whether an address is spelled the one way that an actor's id may be.

    Lower case in scheme and host, no port that goes without saying, no dot after the
    host, no fragment, no dot segments, no letter or digit escaped (RFC 3986 section 6):
    so no two ids name one and the same actor.
    """
    home = origin(uri)
    if not home or "#" in uri or _RESPELLED.search(uri):
        return False
    scheme = home.partition("://")[0]
    return site_of(uri.partition("?")[0]) == home.removesuffix(f":{_DEFAULT_PORTS[scheme]}")


def site_of(uri: str) -> str:
    """Scheme, host and port as they are written at the beginning of an id, to compare texts by."""
    return "/".join(uri.split("/", 3)[:3])


def same_origin(one: str, other: str) -> bool:
    """Whether both are addresses of one and the same origin."""
    return origin(one) != "" and origin(one) == origin(other)


def host_of(uri: str) -> str:
    """The host of an address as it stands in a handle: with the port where there is one."""
    return urlsplit(uri).netloc.lower() if origin(uri) else ""


def without_fragment(uri: str) -> str:
    """The document an address points into."""
    return uri.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Uris:
    """The addresses of one node; `base` is its public url without a trailing slash."""

    base: str

    @property
    def instance(self) -> str:
        """The instance actor, which signs what the node fetches."""
        return f"{self.base}/actor"

    @property
    def shared_inbox(self) -> str:
        """Where peers deliver what concerns several of our actors at once."""
        return f"{self.base}/inbox"

    @property
    def directory(self) -> str:
        """A hub's collection of members."""
        return f"{self.base}/directory"

    @property
    def log_head(self) -> str:
        """The signed head of a hub's log."""
        return f"{self.base}/log/head.json"

    @property
    def log_copy(self) -> str:
        """A copy of a hub's log."""
        return f"{self.base}/log.jsonl"

    def actor(self, username: str) -> str:
        """The id of an actor that this node speaks for."""
        return self.instance if username == "instance" else f"{self.base}/actors/{username}"

    def page(self, username: str) -> str:
        """An actor's page for people."""
        return self.instance if username == "instance" else f"{self.base}/@{username}"

    def new_object(self) -> str:
        """A fresh id for an object; random, never reused."""
        return f"{self.base}/objects/{secrets.token_urlsafe(15)}"

    def new_activity(self) -> str:
        """A fresh id for an activity; random, never reused."""
        return f"{self.base}/activities/{secrets.token_urlsafe(15)}"

    def new_credential(self) -> str:
        """A fresh id for a credential; random, never reused."""
        return f"{self.base}/credentials/{secrets.token_urlsafe(15)}"

    def status_list(self, number: int) -> str:
        """The status list of that number."""
        return f"{self.base}/credentials/status/{number}"

    def is_ours(self, uri: str) -> bool:
        """Whether an address stands on this node."""
        return same_origin(uri, self.base)
