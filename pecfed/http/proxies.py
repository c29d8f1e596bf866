"""Which host a request was sent to, where a proxy that we trust has passed it on.

What anybody can write into a header counts only from an address in `trusted_proxies`.
The scheme and the host of our own addresses are always those of the setting `url`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence

from aiohttp import web
from multidict import CIMultiDictProxy

from pecfed.http.appkeys import PROXIES
from pecfed.settings import Network

_HOST = re.compile(r'(?:^|;)\s*host\s*=\s*(?:"([^"\\]*)"|([^\s;"]+))\s*(?=;|$)', re.IGNORECASE)


def said_host(request: web.Request) -> str:
    """The host, in lower case, that the request was sent to; "" where its headers disagree."""
    own = request.headers.get("Host", "").lower()
    if "X-Forwarded-Host" not in request.headers and "Forwarded" not in request.headers:
        return own
    if not is_trusted(request.remote, request.app[PROXIES]):
        return own
    told = set(_forwarded(request.headers))
    if not told:
        return own
    return told.pop() if len(told) == 1 else ""


def is_trusted(address: str | None, proxies: Sequence[Network]) -> bool:
    """Whether the one who connected to us is a proxy of ours."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found.version == net.version and found in net for net in proxies)


def _forwarded(headers: CIMultiDictProxy[str]) -> Sequence[str]:
    """The host by each of the two headers that name one (`Forwarded` is RFC 7239).

    Of several proxies the last one counts: it is the one that we trust, what stands
    before may be anybody's.
    """
    found = []
    plain = ",".join(headers.getall("X-Forwarded-Host", ())).rpartition(",")[2].strip()
    if plain:
        found.append(plain.lower())
    last = ",".join(headers.getall("Forwarded", ())).rpartition(",")[2]
    match = _HOST.search(last)
    if match:
        found.append((match[1] or match[2] or "").lower())
    return found


def all_headers(request: web.Request) -> Mapping[str, Sequence[str]]:
    """Every value of every header on the wire, by lower-case name.

    `host` is what the sender wrote, and signed, before a proxy of ours put another there.
    """
    found: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        found.setdefault(name.lower(), []).append(value)
    if "x-forwarded-host" in found or "forwarded" in found:
        said = said_host(request)
        if [said] != [host.lower() for host in found.get("host", [])]:
            found["host"] = [said]
    return found


def said_address(request: web.Request) -> str:
    """Whom a request comes from, for counting: an IPv4 address, or the /64 of an IPv6 one.

    Of `X-Forwarded-For` the last address counts that isn't a proxy of ours: what stands
    before it may be anybody's.
    """
    proxies, found = request.app[PROXIES], request.remote or ""
    if is_trusted(found, proxies):
        for part in reversed(",".join(request.headers.getall("X-Forwarded-For", ())).split(",")):
            if part.strip():
                found = part.strip()
            if not is_trusted(found, proxies):
                break
    try:
        address = ipaddress.ip_address(found.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
