"""A server of somebody else's: an actor that can be followed by nobody, but follows and listens."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed import clock
from pecfed.federation import signatures
from pecfed.federation.keyfiles import KeyFiles
from tests.together.nodes import AS2, Node, eventually


def post(url: str, key: rsa.RSAPrivateKey, key_uri: str, activity: dict[str, Any]) -> int:
    """Sign and send one activity; the status of the answer."""
    body = json.dumps(activity).encode()
    headers = signatures.sign(key, key_uri, "POST", url, clock.now(), body)
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request("POST", parts.path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def as_node(sender: Node, receiver: Node, activity: dict[str, Any]) -> int:
    """Send one activity in the name of a node's actor, with that node's own key."""
    key = KeyFiles(sender.dir).load(sender.username, "main-key")
    assert isinstance(key, rsa.RSAPrivateKey)
    whole = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{sender.url}/activities/{secrets.token_hex(8)}",
        "actor": sender.actor,
        **activity,
    }
    return post(f"{receiver.url}/inbox", key, f"{sender.actor}#main-key", whole)


def sign_of_life(hub: Node, node: Node) -> None:
    """A verified request of the hub's, which makes what waits for it due, as in real life."""
    assert as_node(hub, node, {"type": "Announce", "object": f"{hub.url}/objects/x"}) == 202


class Peer:
    """An actor on a port of its own; `heard` is what was posted to its inbox, in order."""

    def __init__(self, name: str = "nina") -> None:
        self.heard: list[dict[str, Any]] = []
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.actor = f"{self.url}/users/{name}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def follow(self, node: Node) -> None:
        """Follow a node's actor, and wait until it has answered."""
        status = post(f"{node.url}/inbox", self._key, f"{self.actor}#main-key", {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{self.actor}/follows/1", "type": "Follow",
            "actor": self.actor, "object": node.actor,
        })  # fmt: skip
        assert status == 202
        eventually(lambda: self.of("Accept"))

    def of(self, type_: str) -> list[dict[str, Any]]:
        """What was heard of one type."""
        return [each for each in self.heard if each["type"] == type_]

    def _document(self) -> dict[str, Any]:
        pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.actor, "type": "Person", "preferredUsername": self.actor.rpartition("/")[2],
            "inbox": f"{self.actor}/inbox", "outbox": f"{self.actor}/outbox",
            "publicKey": {
                "id": f"{self.actor}#main-key", "owner": self.actor, "publicKeyPem": pem.decode(),
            },
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = urlsplit(peer.actor).path == self.path
                body = json.dumps(peer._document()).encode() if known else b""
                self._answer(200 if known else 404, body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if "Signature" not in self.headers:
                    self._answer(401, b"")
                    return
                peer.heard.append(json.loads(body))
                self._answer(202, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", AS2)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
