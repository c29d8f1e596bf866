"""Who is blocked: one spelling for a server or an actor, whatever somebody writes.

A server is its host; with a port it is that port alone, without one every port. Its
subdomains are blocked with it. An actor is its id, with scheme, host and port spelled out.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal
from urllib.parse import urlsplit

from pecfed.domain.uris import origin, without_fragment
from pecfed.errors import UsageError

REASONS = ("spam", "abuse", "illegal", "impersonation", "other")
Scope = Literal["actor", "server"]
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_UNSURE = frozenset("ßς\u200c\u200d")  # IDNA 2003 and IDNA 2008 write these in two ways
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def scope_of(target: str) -> Scope:
    """Whether a target (in its one spelling) is an actor or a server."""
    return "actor" if "://" in target else "server"


def server(text: str) -> str:
    """The one spelling of a server: `example.org`, or `example.org:8443` for one port.

    Taken are a host in any case, with a trailing dot, in letters beyond a-z or as
    xn--, an address of its site without a path, and `*.example.org`.

    Raises:
        UsageError: it is no host.
    """
    given = text.strip()
    _, scheme_end, rest = given.rpartition("://")
    rest = rest.removesuffix("/").removeprefix("*.")
    host, port = rest, ""
    found = re.fullmatch(r"(.*?):([0-9]{1,5})", rest) if rest.count(":") == 1 else None
    found = found or re.fullmatch(r"(\[.*\])(?::([0-9]{1,5}))?", rest)
    if found:
        host, port = found[1], found[2] or ""
    if scheme_end and port == _DEFAULT_PORTS.get(given.partition(":")[0].lower()):
        port = ""
    made = _host(host)
    if not made or (port and not 0 < int(port) < 65536):
        raise UsageError(f"{text!r} is no server; write it as example.org")
    return f"{made}:{int(port)}" if port else made


def _host(text: str) -> str:
    """A host in its one spelling, "" where it is none.

    Raises:
        UsageError: it can be written in two ways.
    """
    if _UNSURE & set(text):
        raise UsageError(f"{text!r}: write this host in its xn-- form")
    try:
        address = ipaddress.ip_address(text.strip("[]"))
        return f"[{address}]" if address.version == 6 else str(address)
    except ValueError:
        pass
    try:
        made = text.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        return ""
    return made if len(made) <= 253 and all(map(_LABEL.fullmatch, made.split("."))) else ""


def actor(uri: str) -> str:
    """The one spelling of an actor's id, "" where it is no address."""
    home = origin(uri)
    if not home:
        return ""
    parts = urlsplit(without_fragment(uri))
    return f"{home}{parts.path}{'?' if parts.query else ''}{parts.query}"


def keys_of(uri: str) -> tuple[str, ...]:
    """Every target whose block would block that actor (or an address of its server)."""
    whole = actor(uri)
    if not whole:
        return ()
    netloc = whole.split("/", 3)[2]
    host, _, port = netloc.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        hosts = [host]
    except ValueError:
        labels = host.split(".")
        hosts = [".".join(labels[at:]) for at in range(len(labels))]
    return (whole, *hosts, *(f"{each}:{port}" for each in hosts))
