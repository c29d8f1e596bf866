"""Reading an address without a node: for `pecfed verify`, which anybody runs anywhere.

The client of a node (`client.py`) takes half a second to load; this one, out of the
standard library, is there at once. The guard is the same: public addresses alone, checked
where the connection is made, and bounds on size, time and redirects.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from urllib.parse import urljoin, urlsplit

from pecfed import __version__
from pecfed.domain.uris import origin
from pecfed.errors import FetchError
from pecfed.federation.addresses import is_public
from pecfed.settings import is_loopback

SECONDS = 15.0
MAX_BYTES = 1_000_000
MAX_LOG = 200_000_000  # a copy of a log, whole
LOG_SECONDS = 120.0
MAX_REDIRECTS = 3
ACCEPT = "application/vc, application/activity+json, application/json;q=0.9, */*;q=0.1"


def read(url: str, *, development: bool, limit: int = MAX_BYTES, seconds: float = SECONDS) -> bytes:
    """What stands at an address; redirects stay on its origin.

    `development` permits plain http to this machine, and any port.

    Raises:
        FetchError: it is none we ask, or can't be read; in words for people.
    """
    until = time.monotonic() + seconds
    for _ in range(MAX_REDIRECTS + 1):
        try:
            status, location, body = _ask(url, until, limit, development=development)
        except TimeoutError:
            raise _no(url, "no answer in time") from None
        except ssl.SSLError as error:
            raise _no(url, f"no safe connection ({error.reason or error})") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _no(url, str(error) or type(error).__name__) from None
        if status in {301, 302, 303, 307, 308} and location:
            target = urljoin(url, location)
            if origin(target) != origin(url):
                raise _no(url, "leads to another host")
            url = target
        elif status == 200:
            return body
        else:
            raise _no(url, f"answers {status}")
    raise _no(url, "too many redirects")


def check(url: str, *, development: bool) -> None:
    """Refuse an address that nobody could rely on, before anything is asked of it.

    Raises:
        FetchError: it isn't https (or, with `development`, http to this machine).
    """
    parts = urlsplit(url) if origin(url) else None
    if parts is None:
        raise _no(url, "is no web address")
    host = parts.hostname or ""
    if development and is_loopback(host):
        return
    if parts.scheme != "https" or parts.port not in {None, 443}:
        more = "; --development permits plain http to this machine" if is_loopback(host) else ""
        raise _no(url, f"only https on port 443 is asked{more}")


def _ask(url: str, until: float, limit: int, *, development: bool) -> tuple[int, str, bytes]:
    check(url, development=development)
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    connected = _connect(host, port, until, development=development)
    try:
        if is_tls:
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = connected
        connection.putrequest("GET", _target(url), skip_host=True, skip_accept_encoding=True)
        for name, value in (
            ("Host", parts.netloc), ("Accept", ACCEPT), ("Accept-Encoding", "identity"),
            ("User-Agent", f"pecfed/{__version__} verify"), ("Connection", "close"),
        ):  # fmt: skip
            connection.putheader(name, value)
        connection.endheaders()
        connected.settimeout(_left(until))
        answer = connection.getresponse()
        body = bytearray()
        while chunk := answer.read1(65_536):
            body += chunk
            if len(body) > limit:
                raise ValueError(f"more than {limit} bytes")
            connected.settimeout(_left(until))
        return answer.status, answer.getheader("Location") or "", bytes(body)
    finally:
        connected.close()


def _connect(host: str, port: int, until: float, *, development: bool) -> socket.socket:
    """A connection to an address of that name that we may ask."""
    failed: OSError = OSError("no public address")
    for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(where[0])
        if not is_public(address) and not (development and address.is_loopback):
            continue
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(_left(until))
            connected.connect(where)
        except OSError as error:
            connected.close()
            failed = error
        else:
            return connected
    raise failed


def _left(until: float) -> float:
    """The seconds that are left.

    Raises:
        TimeoutError: none.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _target(url: str) -> str:
    return "/" + url.split("/", 3)[3].partition("#")[0] if url.count("/") > 2 else "/"


def _no(url: str, words: str) -> FetchError:
    return FetchError(f"{url[:200]}: {words}", code="unreadable", retry=False)
