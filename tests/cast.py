"""The cast: la Ruche (a hub), its members Lilas and Orme, and Corbeau, who comes from elsewhere.

La Ruche, Lilas and Orme are nodes of ours. Corbeau is a small server written without
any of our code, with its own key and its own way to sign, which can be told to lie.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

AS2 = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS2}#Public"
ACTIVITY = "application/activity+json"
SIGNED = ("(request-target)", "host", "date", "digest", "content-type")


def public_pem(key: Any) -> str:
    """The SPKI PEM of a private key's public half."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem: bytes = key.public_key().public_bytes(serialization.Encoding.PEM, spki)
    return pem.decode()


def new_key(size: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """An RSA key pair."""
    return rsa.generate_private_key(public_exponent=exponent, key_size=size)


def gmt(moment: datetime) -> str:
    """A `Date` header, put together by hand."""
    days, months = "Mon Tue Wed Thu Fri Sat Sun", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    at = moment.astimezone(UTC)
    day, month = days.split()[at.weekday()], months.split()[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year} {at:%H:%M:%S} GMT"


def sha256_digest(body: bytes) -> str:
    """A `Digest` header."""
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"


@dataclass
class Letter:
    """A POST that is ready to go; change what you like."""

    url: str
    headers: CIMultiDict[str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    text: str
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        """The short reason in a JSON refusal, else ""."""
        try:
            return str(json.loads(self.text)["error"])
        except (ValueError, KeyError, TypeError):
            return ""


@dataclass(frozen=True)
class Got:
    """A request that reached Corbeau."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Peer:
    """An actor on a server of its own. `pages` maps a path to (status, media type, body)."""

    url: str
    name: str
    key: rsa.RSAPrivateKey
    http: aiohttp.ClientSession
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    inbox_status: int = 202
    inbox_headers: dict[str, str] = field(default_factory=dict)
    judge: Callable[[Got], int] | None = None
    """The status it answers a request with; 0 lets it in."""
    _count: int = 0

    @property
    def uri(self) -> str:
        """The actor's id."""
        return f"{self.url}/actors/{self.name}"

    @property
    def key_uri(self) -> str:
        """The id of its key."""
        return f"{self.uri}#main-key"

    def actor(self, username: str = "", key: Any = None, **changes: Any) -> dict[str, Any]:
        """The document of an actor here; None takes a property away."""
        uri = f"{self.url}/actors/{username or self.name}"
        document = {
            "@context": [AS2, "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "preferredUsername": username or self.name,
            "name": (username or self.name).capitalize(),
            "inbox": f"{uri}/inbox",
            "outbox": f"{uri}/outbox",
            "publicKey": {
                "id": f"{uri}#main-key",
                "owner": uri,
                "publicKeyPem": public_pem(key or self.key),
            },
        } | changes
        return {term: value for term, value in document.items() if value is not None}

    def serve(
        self, document: Any, path: str = "", *, status: int = 200, media: str = ACTIVITY
    ) -> str:
        """Serve a document at its id (or elsewhere here); the address."""
        where = path or urlsplit(document["id"]).path
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.pages[where] = (status, media, body)
        return f"{self.url}{where}"

    def publish(self, activities: Sequence[Any]) -> None:
        """Put activities into the outbox, the newest first, and nothing else."""
        outbox = {"@context": AS2, "id": f"{self.uri}/outbox", "type": "OrderedCollection"}
        self.serve(outbox | {"totalItems": len(activities), "orderedItems": list(activities)})

    def gone(self, uri: str) -> None:
        """What stood there is no more."""
        self.pages[urlsplit(uri).path] = (410, ACTIVITY, b"{}")

    def new(self, kind: str = "activities") -> str:
        """A fresh id."""
        self._count += 1
        return f"{self.url}/{kind}/{self._count}"

    def activity(self, kind: str, obj: Any, **more: Any) -> dict[str, Any]:
        """An activity of this actor's; None takes a property away."""
        document = {
            "@context": AS2,
            "id": self.new(),
            "type": kind,
            "actor": self.uri,
            "object": obj,
            "to": [PUBLIC],
        } | more
        return {term: value for term, value in document.items() if value is not None}

    def letter(
        self,
        inbox: str,
        activity: Any,
        *,
        names: Sequence[str] = SIGNED,
        key: rsa.RSAPrivateKey | None = None,
        key_uri: str = "",
        algorithm: str = "rsa-sha256",
        parameters: Mapping[str, int] | None = None,
        **headers: str,
    ) -> Letter:
        """A POST signed after draft-cavage; `headers` (with _ for -) replace or join its own."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        parts = urlsplit(inbox)
        sent: CIMultiDict[str] = CIMultiDict(
            {
                "Host": parts.netloc,
                "Date": gmt(datetime.now(UTC)),
                "Digest": sha256_digest(body),
                "Content-Type": ACTIVITY,
            }
        )
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        special = {"(request-target)": f"post {target}"}
        special |= {f"({name})": str(value) for name, value in (parameters or {}).items()}
        lines = [f"{name}: {special.get(name) or sent.get(name, '')}" for name in names]
        value = (key or self.key).sign(
            "\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        fields = [f'keyId="{key_uri or self.key_uri}"']
        fields += [f'algorithm="{algorithm}"'] if algorithm else []
        fields += [f"{name}={number}" for name, number in (parameters or {}).items()]
        fields += [f'headers="{" ".join(names)}"'] if names else []
        fields.append(f'signature="{base64.b64encode(value).decode()}"')
        sent["Signature"] = ",".join(fields)
        return Letter(inbox, sent, body)

    async def post(self, letter: Letter, *, chunked: bool = False) -> Reply:
        """Send it as it is; `chunked` leaves out Content-Length."""
        body = _in_pieces(letter.body) if chunked else letter.body
        async with self.http.post(
            URL(letter.url, encoded=True),
            data=body,
            headers=letter.headers,
            skip_auto_headers=("Content-Type",),
        ) as response:
            return Reply(response.status, await response.text(), response.headers)

    async def send(self, inbox: str, activity: Any, **how: Any) -> Reply:
        """Sign an activity and send it."""
        return await self.post(self.letter(inbox, activity, **how))

    def posted(self, kind: str = "") -> list[Any]:
        """The activities (of that type) that arrived here, in order."""
        found = [each.json for each in self.got if each.method == "POST"]
        return [each for each in found if not kind or each["type"] == kind]

    def asked(self, path: str = "") -> int:
        """How many GETs (of that path) arrived here."""
        return sum(each.method == "GET" and path in {"", each.path} for each in self.got)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        got = Got(request.method, request.path_qs, request.headers, await request.read())
        self.got.append(got)
        if self.judge is not None and (judged := self.judge(got)):
            return web.Response(status=judged, headers=self.inbox_headers)
        if request.method == "POST":
            return web.Response(status=self.inbox_status, headers=self.inbox_headers)
        if got.path in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[got.path]})
        status, media, body = self.pages.get(got.path, (404, "text/plain", b"nothing here"))
        return web.Response(status=status, body=body, headers={"Content-Type": media})


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 65536):
        yield body[at : at + 65536]


@asynccontextmanager
async def peer(
    name: str,
    key: rsa.RSAPrivateKey,
    host: str = "127.0.0.1",
    *,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Peer]:
    """A peer that listens on a free port and serves its actor, until the block ends."""
    app = web.Application(client_max_size=10_000_000)
    runner = web.AppRunner(app, access_log=None)
    async with aiohttp.ClientSession() as session:
        made = Peer("", name, key, session)
        app.router.add_route("*", "/{path:.*}", made._answer)
        await runner.setup()
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        made.url = f"http{'s' if tls else ''}://{runner.addresses[0][0]}:{runner.addresses[0][1]}"
        made.serve(made.actor())
        made.publish([])
        try:
            yield made
        finally:
            await runner.cleanup()
