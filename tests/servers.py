"""A node that really serves on loopback, in this process, with its jobs and its own database."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pecfed import clock
from pecfed.app import begin, serving
from pecfed.cli.status import read_status
from pecfed.connectors import apply_file
from pecfed.domain.membership import Deed
from pecfed.federation.hubs import find_hub
from pecfed.federation.keyfiles import KeyFiles
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.language.charter import charter
from pecfed.services import apply, join, membership, setup
from pecfed.services.apply import Counts
from pecfed.settings import Settings, make
from pecfed.store import members, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Database, Session
from pecfed.store.members import Member
from pecfed.store.objects import Stored
from pecfed.store.pictures import Gallery

T = TypeVar("T")
Snapshot = Mapping[str, list[tuple[Any, ...]]]


class KeyBox:
    """Key pairs that are made once, since making one takes longer than a test should."""

    def __init__(self, folder: Path) -> None:
        self._files = KeyFiles(folder)
        self._folder = folder / "keys"
        self._made = 0
        self._free: list[str] = []

    def lend(self, keys: Path, usernames: list[str]) -> list[str]:
        """Put a pair for each name into a node's `keys` folder; what to give back."""
        keys.mkdir(mode=0o700)
        lent = []
        for username in usernames:
            if not self._free:
                self._made += 1
                self._files.make(f"pair{self._made}")
                self._free.append(f"pair{self._made}")
            pair = self._free.pop(0)
            for kind in ("rsa", "ed25519"):
                shutil.copy(self._folder / f"{pair}.{kind}.pem", keys / f"{username}.{kind}.pem")
            lent.append(pair)
        return lent

    def give_back(self, lent: list[str]) -> None:
        """The node is gone; its keys may serve another."""
        self._free += lent


async def eventually(check: Callable[[], Awaitable[T]], seconds: float = 10.0) -> T:
    """The first true value that `check` gives, within so many seconds."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        found = await check()
        if found:
            return found
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"not within {seconds} s; the last answer was {found!r}")
        await asyncio.sleep(0.01)


async def snapshot(database: Database) -> Snapshot:
    """Every row of every table."""

    async def work(session: Session) -> Snapshot:
        if database.engine == "sqlite":
            names = (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        else:
            names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        tables = sorted(row["name"] for row in await session.all(names))
        return {
            table: sorted(
                (tuple(dict(row).values()) for row in await session.all(f"SELECT * FROM {table}")),
                key=repr,
            )
            for table in tables
        }

    return await database.read(work)


@dataclass
class Server:
    """A node at work, and what an operator would do with it."""

    node: Node
    settings: Settings
    username: str
    port: int = 0
    """Where it listens on 127.0.0.1, whatever its public address is."""

    @property
    def url(self) -> str:
        """The node's public address."""
        return self.settings.url

    @property
    def actor_uri(self) -> str:
        """Its speaker's id."""
        return self.node.uris.actor(self.username)

    @property
    def handle(self) -> str:
        """Its speaker's name@host."""
        return f"{self.username}@{self.settings.handles_host}"

    async def read(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run a query."""
        return await self.node.database.read(work)

    async def write(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run a use case."""
        return await self.node.database.write(work)

    async def value(self, sql: str, *values: Any) -> Any:
        """One value of a query."""
        return await self.read(lambda session: session.value(sql, *values))

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        found = await self.read(lambda session: session.all(sql, *values))
        return [tuple(dict(row).values()) for row in found]

    async def snapshot(self) -> Snapshot:
        """Every row of every table."""
        return await snapshot(self.node.database)

    async def me(self) -> LocalActor:
        """The speaker as it is now."""
        return await self.read(lambda session: setup.speaker(session, self.username))

    async def status(self) -> dict[str, Any]:
        """What `pecfed status --json` prints."""
        actor = await self.me()
        return await self.read(lambda session: read_status(session, self.node, actor))

    async def apply(self, text: str, *, prune: bool = False) -> Counts:
        """`pecfed apply` of a file with that text."""
        path = self.settings.dir / "apply.toml"
        path.write_text(text, encoding="utf-8")
        actor = await self.me()
        gallery = Gallery(path, self.url, self.settings.media)
        wanted = apply_file.wanted(
            apply_file.checked(path),
            actor_uri=actor.uri,
            username=actor.username,
            language=self.settings.language,
            name=actor.profile.name,
            gallery=gallery,
        )
        gallery.keep()
        return await self.write(
            lambda session: apply.carry_out(session, self.node.uris, actor, wanted, prune=prune)
        )

    async def join(self, hub: Server) -> str:
        """`pecfed join`."""
        actor, found = await self.me(), await find_hub(self.node, hub.url)
        return await self.write(lambda session: join.ask(session, self.node.uris, actor, found))

    async def leave(self, hub: Server) -> str:
        """`pecfed leave`."""
        actor, found = await self.me(), await self.node.remotes.actor(hub.actor_uri)
        return await self.write(lambda session: join.leave(session, self.node.uris, actor, found))

    async def decide(
        self, name: str, deed: Deed, reason: str = "other", message: str = ""
    ) -> Member:
        """`pecfed members accept|refuse|…`."""

        async def work(session: Session) -> Member:
            actor = await setup.the_hub(session)
            return await membership.decide(
                session, self.node.uris, actor, name, deed, reason=reason, message=message
            )

        return await self.write(work)

    async def entry(self, uri: str) -> Member | None:
        """A hub's entry of that actor."""
        return await self.read(lambda session: members.by_uri(session, uri))

    async def history(self, uri: str) -> list[members.Change]:
        """What the log says of that actor's entry, the oldest line first."""

        async def work(session: Session) -> list[members.Change]:
            entry = await members.by_uri(session, uri)
            return await members.history(session, entry.id) if entry else []

        return await self.read(work)

    async def state_of(self, uri: str) -> str | None:
        """The state of that actor's membership here."""
        return await self.read(lambda session: members.state_of(session, uri))

    async def object(self, uri: str) -> Stored | None:
        """An object that is kept here, withdrawn ones too."""
        return await self.read(lambda session: objects.get(session, uri))

    async def quiet(self) -> None:
        """Wait until every letter has had its effect, and nothing is being sent or read.

        A reading that is to begin a minute from now (another server's hint) isn't waited
        for; one that is under way says so by its lease of ten minutes.
        """

        async def is_quiet() -> bool:
            now = clock.now_ms()
            return not await self.value(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting' AND error = '') "
                "+ (SELECT count(*) FROM deliveries WHERE state = 'waiting' AND error = '') "
                "+ (SELECT count(*) FROM members WHERE read_due_at <= ? "
                "OR read_due_at BETWEEN ? AND ?)",
                now + 1000, now + 120_000, now + 1_200_000,
            )  # fmt: skip

        await eventually(is_quiet)

    async def note_of(self, activity_uri: str) -> str:
        """What came of an activity that was sent here, once it is dealt with."""

        async def done() -> list[tuple[Any, ...]]:
            return await self.rows(
                "SELECT error FROM inbox WHERE activity_uri = ? AND state <> 'waiting'",
                activity_uri,
            )

        return str((await eventually(done))[0][0])


@asynccontextmanager
async def serving_node(
    folder: Path, keys: KeyBox, username: str, name: str, given: Mapping[str, Any]
) -> AsyncIterator[Server]:
    """A node with one speaker, on a free port of 127.0.0.1, until the block ends."""
    groups = [group.username for group in charter().working_groups]
    hub = given.get("role") == "hub"
    lent = keys.lend(folder / "keys", ["instance", username, *(groups if hub else ())])
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = make(folder, {"url": address, "development": True, **given})
    try:
        async with serving(settings, listener) as node:
            await add_speaker(node, "instance", "instance", settings.host)
            card = "hub" if settings.is_hub else "member"
            await add_speaker(node, username, card, name)
            await begin(node)
            yield Server(node, settings, username, listener.getsockname()[1])
    finally:
        listener.close()
        keys.give_back(lent)
