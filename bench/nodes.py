"""A node to measure: made with the program's own commands, filled with peers, then served."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bench import processes, sink
from bench.letters import public_pem
from pecfed import clock, settings
from pecfed.app import open_node
from pecfed.demo.postgres import LocalPostgres
from pecfed.domain.profile import Profile
from pecfed.federation.actor_document import read_actor
from pecfed.federation.node import Node
from pecfed.store import actors, follows, members, remotes
from pecfed.store.database import Session

T = TypeVar("T")
DRAIN_SECONDS = 120.0
USERNAME = "bench"


@dataclass(frozen=True)
class Made:
    """A node in its folder, not served yet."""

    folder: Path
    url: str

    @property
    def actor(self) -> str:
        """The id of its actor."""
        return f"{self.url}/actors/{USERNAME}"

    @contextmanager
    def served(self, **environment: str) -> Iterator[processes.Running]:
        """The node's own process, `pecfed serve`, for the length of the block."""
        with processes.running(
            ["pecfed", "serve", "--dir", str(self.folder)],
            f"{self.url}/healthz",
            self.folder / "serve.log",
            {f"PECFED_{name.upper()}": value for name, value in environment.items()},
        ) as running:
            yield running

    def pids(self, running: processes.Running) -> list[int]:
        """The server's process, and those of its PostgreSQL."""
        address = urlsplit(settings.load(self.folder).database)
        if address.scheme != "postgresql":
            return [running.pid]
        folder = Path(parse_qs(address.query)["host"][0])
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        return [running.pid, *processes.with_children(postmaster)]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Node]:
        """The node's database, beside the process that serves it."""
        async with open_node(settings.load(self.folder)) as node:
            yield node

    def look(self, work: Callable[[Node], Awaitable[T]]) -> T:
        """Do something with the node's database from outside."""

        async def run() -> T:
            async with self.opened() as node:
                return await work(node)

        return asyncio.run(run())


@contextmanager
def databases(engine: str) -> Iterator[Callable[[], str]]:
    """What makes a fresh database for a node of that engine; PostgreSQL is started for it."""
    with ExitStack() as stack:
        if engine == "sqlite":
            yield lambda: "sqlite"
        else:
            postgres = stack.enter_context(LocalPostgres())
            yield postgres.create_database


def make(folder: Path, role: str, database: str) -> Made:
    """A new node with one actor, through `pecfed init`."""
    made = Made(folder, f"http://127.0.0.1:{processes.free_port()}")
    arguments = ["init", "--dir", str(folder), "--role", role, "--url", made.url]
    arguments += ["--username", USERNAME, "--database", database, "--development"]
    subprocess.run(
        [sys.executable, "-m", "pecfed", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        env=settings.child_environment(),
    )
    return made


def add_members(made: Made, uris: list[str], key: bytes) -> None:
    """Enter these actors at a hub as members whose keys it knows."""

    async def work(session: Session) -> None:
        for uri in uris:
            actor, keys = read_actor(sink.actor_document(uri, public_pem(key)))
            await remotes.keep(session, actor, keys)
            await members.add(
                session,
                slug=actor.handle,
                uri=uri,
                state="member",
                profile=Profile(actor.name),
                source=[uri],
                now=clock.now_ms(),
            )

    made.look(lambda node: node.database.write(work))


def add_followers(made: Made, uris: list[str], key: bytes) -> None:
    """Let these actors follow the node's actor."""
    pem = public_pem(key)

    async def work(session: Session) -> None:
        speaker = await actors.by_username(session, USERNAME)
        assert speaker is not None
        for uri in uris:
            actor, keys = read_actor(sink.actor_document(uri, pem))
            await remotes.keep(session, actor, keys)
            await follows.add_follower(session, speaker.id, uri, f"{uri}/follows/1", clock.now_ms())

    made.look(lambda node: node.database.write(work))


async def count(node: Node, what: str) -> int:
    """How many rows `what` (a table, perhaps with a WHERE) has."""
    return int(
        await node.database.read(lambda session: session.value(f"SELECT count(*) FROM {what}"))
    )


async def until_none(node: Node, what: str) -> float:
    """Wait until `what` has no rows; the machine's monotonic time when that was seen."""
    end = time.monotonic() + DRAIN_SECONDS
    while await count(node, what):
        if time.monotonic() > end:
            raise SystemExit(f"after {DRAIN_SECONDS:.0f} s there still are: {what}")
        await asyncio.sleep(0.01)
    return time.monotonic()


def machine() -> dict[str, Any]:
    """What the figures were taken with, as far as it matters for reading them."""
    version = ".".join(map(str, sys.version_info[:3]))
    return {"cores": _cores(), "python": version, "aiohttp": aiohttp.__version__}


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def dump(value: object) -> str:
    """One line of JSON."""
    return json.dumps(value, ensure_ascii=False)
