"""The one client for everything that goes out: guarded addresses, bounded answers.

The address is checked where the connection is made, so that neither a literal
address, nor a name that resolves anew, nor a redirect gets round the check.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from pecfed import __version__
from pecfed.domain.uris import origin, site_of
from pecfed.errors import FetchError
from pecfed.federation.addresses import is_public
from pecfed.settings import Settings, is_loopback

MAX_REDIRECTS = 3


class BlockedAddressError(OSError):
    """The address is not one we connect to.

    Always in the same words: where each address of a name is refused, one of these is
    raised for all of them, and the error tells nobody which they were.
    """

    def __init__(self) -> None:
        super().__init__("no public address")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered; `url` is where the answer came from after redirects.

    `certificate` is the one its host showed, in DER; nothing of a delivery, or over plain http.
    """

    url: str
    status: int
    media_type: str
    headers: Mapping[str, str]
    body: bytes
    certificate: bytes = b""


class _Response(aiohttp.ClientResponse):
    """An answer that remembers how its connection is secured, which it may have left by now."""

    tls: ssl.SSLObject | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Begin to read the answer."""
        if connection.transport is not None:
            self.tls = connection.transport.get_extra_info("ssl_object")
        return await super().start(connection)

    @property
    def certificate(self) -> bytes:
        """What the host showed, in DER; nothing over plain http."""
        return (self.tls.getpeercert(binary_form=True) or b"") if self.tls else b""


class Client:
    """Outgoing requests of one node. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._agent = f"pecfed/{__version__} (+{settings.url})"
        connector = aiohttp.TCPConnector(
            limit=settings.deliveries_in_flight + 50,
            limit_per_host=0,
            ttl_dns_cache=60,
            socket_factory=self._socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
            requote_redirect_url=False,
            response_class=_Response,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    def _socket(self, info: Any) -> socket.socket:
        """A socket for an address, if it is one we connect to (called before each connect)."""
        family, kind, protocol, _, where = info
        address = ipaddress.ip_address(where[0])
        if not is_public(address) and not (self._settings.development and address.is_loopback):
            raise BlockedAddressError
        return socket.socket(family=family, type=kind, proto=protocol)

    def check(self, url: str) -> None:
        """Refuse an address that this node would never ask.

        Raises:
            FetchError: not https (or http in development), an odd port, or no address.
        """
        parts = urlsplit(url) if origin(url) else None
        if parts is None:
            raise FetchError(f"{url[:200]!r} is no web address", code="bad_address", retry=False)
        if self._settings.development:
            return
        if parts.scheme != "https" or parts.port not in {None, 443}:
            raise FetchError(
                f"{url}: only https on port 443 is asked", code="bad_address", retry=False
            )

    def site(self, host: str) -> str:
        """The address of a host: https, or plain http to a loopback one in development."""
        name = urlsplit(f"//{host}").hostname or ""
        plain = self._settings.development and is_loopback(name)
        return f"{'http' if plain else 'https'}://{host}"

    async def get(
        self, url: str, headers: Mapping[str, str], *, within_origin: bool = True
    ) -> Answer:
        """Read an address: three redirects at most, bounded in size and time.

        `within_origin` refuses redirects that lead to another origin.

        Raises:
            FetchError: it can't be read; says whether a retry helps.
        """
        try:
            async with asyncio.timeout(self._settings.fetch_seconds):
                return await self._get(url, headers, MAX_REDIRECTS, within_origin=within_origin)
        except TimeoutError:
            raise FetchError(f"{url}: no answer in time", code="timeout", retry=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(url, error) from error

    async def _get(
        self, url: str, headers: Mapping[str, str], redirects: int, *, within_origin: bool
    ) -> Answer:
        self.check(url)
        async with self._session.get(
            _as_written(url), headers={"User-Agent": self._agent, **headers}, allow_redirects=False
        ) as response:
            if response.status in {301, 302, 303, 307, 308}:
                location = urljoin(url, response.headers.get("Location", ""))
                if redirects == 0:
                    raise FetchError(f"{url}: too many redirects", code="redirects", retry=False)
                if within_origin and origin(location) != origin(url):
                    raise FetchError(
                        f"{url}: leads to another origin", code="redirect_away", retry=False
                    )
                # the signature is for the old address; what is asked there goes unsigned
                plain = {"Accept": headers.get("Accept", "*/*")}
                return await self._get(location, plain, redirects - 1, within_origin=within_origin)
            body = await self._body(response)
            shown = response.certificate if isinstance(response, _Response) else b""
            return Answer(
                url, response.status, response.content_type, response.headers, body, shown
            )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, read to the limit and no further."""
        limit = self._settings.body_bytes
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(65536):
            size += len(chunk)
            if size > limit:
                raise FetchError(
                    f"{response.url}: more than {limit} bytes", code="too_large", retry=False
                )
            chunks.append(chunk)
        return b"".join(chunks)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Deliver a body; redirects are not followed, the answer's first 2 KiB are read.

        Raises:
            FetchError: nobody answered; a retry helps unless the address is refused.
        """
        self.check(url)
        try:
            async with (
                asyncio.timeout(self._settings.delivery_seconds),
                self._session.post(
                    _as_written(url),
                    data=body,
                    headers={"User-Agent": self._agent, **headers},
                    allow_redirects=False,
                ) as response,
            ):
                answer = await response.content.read(2048)
                return Answer(url, response.status, response.content_type, response.headers, answer)
        except TimeoutError:
            raise FetchError(f"{url}: no answer in time", code="timeout", retry=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(url, error) from error


def _as_written(url: str) -> URL:
    """An address that goes out as it stands: what is asked must be what was signed."""
    return URL(url, encoded=url.isascii())


def _unreachable(url: str, error: Exception) -> FetchError:
    """What a failed connection means: an address that is none of ours to ask stays so."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    site = site_of(url)
    if isinstance(cause, BlockedAddressError):
        return FetchError(f"{site}: {cause}", code="blocked_address", retry=False)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        words = f"{site}: there is no host of that name, or the name server doesn't answer"
        return FetchError(words, code="no_such_host", retry=True)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        words = f"{site}: its certificate isn't good, or it doesn't speak TLS ({error})"
        return FetchError(words, code="unreachable", retry=True)
    if isinstance(cause, ConnectionRefusedError):
        words = f"{site}: nobody answers there (connection refused)"
        return FetchError(words, code="unreachable", retry=True)
    return FetchError(f"{url}: {str(error) or repr(error)}", code="unreachable", retry=True)
