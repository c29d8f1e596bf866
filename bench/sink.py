"""Where deliveries go: many hosts on loopback in one cheap process, which counts what arrives.

    python -m bench.sink PORT HOSTS KEYFILE

Host number i is 127.16.x.y:PORT; any actor `/users/NAME` exists there, with the public half
of the key in KEYFILE. On 127.0.0.1:PORT: `/_stats`, `/_reset` and `/_delay/MILLISECONDS`.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import signal
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bench.letters import public_pem
from bench.loops import run
from pecfed.language.context import context

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *([^\r]+)", re.IGNORECASE)
_TYPE = re.compile(rb'"type": ?"([A-Z][a-z]+)"')


def host(number: int) -> str:
    """The address of host `number`, 0 to 65,000."""
    return f"127.16.{number >> 8}.{number & 255}"


def actor_uri(port: int, number: int, hosts: int) -> str:
    """The id of actor `number`; actors are spread over the hosts."""
    return f"http://{host(number % hosts)}:{port}/users/u{number}"


def actor_document(uri: str, pem: str) -> dict[str, Any]:
    """An actor as small servers serve it."""
    return {
        "@context": context("actor"),
        "id": uri,
        "type": "Organization",
        "preferredUsername": uri.rpartition("/")[2],
        "name": f"Bench {uri.rpartition('/')[2]}",
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem},
    }


def ask(port: int, what: str) -> dict[str, Any]:
    """Speak to a running sink: `stats`, `reset` or `delay/200`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_{what}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@dataclass
class Arrivals:
    """What came since the last reset; times are the machine's monotonic seconds."""

    delay: float = 0.0
    types: Counter[str] = field(default_factory=Counter)
    inboxes: Counter[bytes] = field(default_factory=Counter)
    asked: Counter[bytes] = field(default_factory=Counter)
    last: float = 0.0
    sample: bytes = b""

    def reset(self) -> None:
        """Forget what came."""
        self.types.clear()
        self.inboxes.clear()
        self.asked.clear()

    def stats(self) -> dict[str, Any]:
        """What came, for the bench."""
        return {
            "arrived": sum(self.inboxes.values()),
            "distinct": len(self.inboxes),
            "asked": sum(self.asked.values()),
            "asked_distinct": len(self.asked),
            "types": self.types,
            "last": self.last,
            "sample": self.sample.decode(),
        }


class Receiver(asyncio.Protocol):
    """One connection to one of the hosts."""

    def __init__(self, arrivals: Arrivals, pem: str) -> None:
        self._arrivals, self._pem = arrivals, pem
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            request, self._buffer = self._buffer[:whole], self._buffer[whole:]
            self._take(request, end)

    def _take(self, request: bytes, end: int) -> None:
        method, path, _ = request.split(b" ", 2)
        named = _HOST.search(request, 0, end)
        where = named[1] if named else b""
        if method == b"POST":
            arrivals = self._arrivals
            arrivals.inboxes[where + path] += 1
            kind = _TYPE.search(request, end)
            arrivals.types[kind[1].decode() if kind else ""] += 1
            arrivals.last = time.monotonic()
            arrivals.sample = request
            self._answer(b"202 Accepted", b"")
        elif path.startswith(b"/_"):
            self._answer(b"200 OK", self._control(path[2:].decode()), at_once=True)
        else:
            self._arrivals.asked[where + path] += 1
            uri = f"http://{where.decode()}{path.decode()}"
            document = json.dumps(actor_document(uri, self._pem)).encode()
            self._answer(b"200 OK", document)

    def _control(self, what: str) -> bytes:
        if what == "reset":
            self._arrivals.reset()
        elif what.startswith("delay/"):
            self._arrivals.delay = int(what.partition("/")[2]) / 1000
        return json.dumps(self._arrivals.stats()).encode()

    def _answer(self, status: bytes, body: bytes, *, at_once: bool = False) -> None:
        assert self._transport is not None
        raw = (
            b"HTTP/1.1 %b\r\nContent-Type: application/activity+json\r\nContent-Length: %d\r\n\r\n"
            % (status, len(body))
        ) + body
        delay = 0.0 if at_once else self._arrivals.delay
        if delay:
            asyncio.get_running_loop().call_later(delay, self._transport.write, raw)
        else:
            self._transport.write(raw)


async def serve(port: int, hosts: int, pem: str) -> None:
    """Listen on every host until SIGTERM."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = asyncio.get_running_loop()
    arrivals = Arrivals()
    for address in [*(host(number) for number in range(hosts)), "127.0.0.1"]:
        await loop.create_server(lambda: Receiver(arrivals, pem), address, port, backlog=256)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    shown = public_pem(Path(sys.argv[3]).read_bytes())
    run(serve(int(sys.argv[1]), int(sys.argv[2]), shown))
