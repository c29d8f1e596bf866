"""A server of an attacker's own: valid keys, and whatever documents and delays it likes."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed import clock
from pecfed.federation import signatures

AS2 = "application/activity+json"
CONTEXT = "https://www.w3.org/ns/activitystreams"
Document = dict[str, Any]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


class Peer:
    """Serves `documents` by path, after `delay` seconds; `heard` is what came to its inboxes."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.documents: dict[str, Document | Answer] = {}
        self.heard: list[Document] = []
        self.asked: list[str] = []
        self.delay = 0.0
        self.mallory = self.add("mallory")

    def add(self, name: str, **more: Any) -> str:
        """One more actor here; `more` replaces parts of its document."""
        uri = f"{self.url}/u/{name}"
        self.documents[f"/u/{name}"] = {
            "@context": CONTEXT, "id": uri, "type": "Organization", "preferredUsername": name,
            "name": name.capitalize(), "inbox": f"{uri}/inbox", "outbox": f"{uri}/outbox",
            "featured": f"{uri}/featured",
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": PEM},
        } | more  # fmt: skip
        for part in ("outbox", "featured"):
            self.collect(name, part, [])
        return uri

    def collect(self, name: str, part: str, items: list[Any]) -> None:
        """What an actor's outbox or featured holds."""
        uri = f"{self.url}/u/{name}/{part}"
        self.documents[f"/u/{name}/{part}"] = {
            "@context": CONTEXT, "id": uri, "type": "OrderedCollection", "orderedItems": items,
        }  # fmt: skip

    def serve(self, path: str, document: Document) -> str:
        """Serve a document under an id of this peer's; the id."""
        self.documents[path] = {"@context": CONTEXT, "id": self.url + path} | document
        return self.url + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take a letter, or serve a document."""
        if request.method == "POST":
            self.heard.append(await request.json())
            return web.Response(status=202)
        self.asked.append(request.path)
        found = self.documents.get(request.path)
        if self.delay:
            await asyncio.sleep(self.delay)
        if found is None:
            return web.Response(status=404)
        if callable(found):
            return await found(request)
        return web.Response(text=json.dumps(found), content_type=AS2)

    async def post(
        self, inbox: str, activity: Document | bytes, *, key_uri: str = "", **replaced: str
    ) -> tuple[int, str]:
        """Sign and send; `key_uri` defaults to the key of the activity's actor."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        if not key_uri:
            key_uri = f"{json.loads(body)['actor']}#main-key"
        headers = signatures.sign(KEY, key_uri, "POST", inbox, clock.now(), body)
        async with self.session.post(inbox, data=body, headers={**headers, **replaced}) as answer:
            return answer.status, await answer.text()

    def activity(self, type_: str, obj: Any, actor: str = "", **more: Any) -> Document:
        """An activity of mallory's, or of another of our actors."""
        return {
            "@context": CONTEXT, "id": f"{self.url}/a/{secrets.token_hex(8)}", "type": type_,
            "actor": actor or self.mallory, "object": obj,
        } | more  # fmt: skip

    def event(self, path: str, actor: str = "", **more: Any) -> Document:
        """An event that any hub would take from its member."""
        return {
            "id": self.url + path, "type": "Event", "attributedTo": actor or self.mallory,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "name": "Assemblée", "startTime": "2027-05-12T18:00:00+02:00",
        } | more  # fmt: skip


@asynccontextmanager
async def a_peer(port: int = 0) -> AsyncIterator[Peer]:
    """A peer that listens until the block ends."""
    app = web.Application(client_max_size=10_000_000)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with aiohttp.ClientSession() as session:
        holder: list[Peer] = []

        async def answer(request: web.Request) -> web.StreamResponse:
            return await holder[0].answer(request)

        app.router.add_route("*", "/{path:.*}", answer)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        number = runner.addresses[0][1]
        holder.append(Peer(f"http://127.0.0.1:{number}", session))
        try:
            yield holder[0]
        finally:
            await runner.cleanup()
