"""Real nodes for tests: each a folder, a port, a database and a serving process of its own.

A command is run as a process of its own (`pecfed`), or, where a test is about what it
does and not about how it is started, by the same `main` in this process (`call`): that
saves the half second that an interpreter takes to begin.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pecfed.cli import main
from pecfed.settings import child_environment

T = TypeVar("T")
START_SECONDS = 20.0
ANNOUNCED = (
    "SELECT object_uri FROM activities WHERE type = 'Announce' "
    "AND actor_id = (SELECT id FROM actors WHERE card = 'hub')"
)
"""What a hub has announced of its members; its groups and its relay have Announces of their own."""
AS2 = "application/activity+json"
COMMAND = (sys.executable, "-m", "pecfed")


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one line of JSON."""
        assert self.code == 0, self
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


def pecfed(*arguments: object, seconds: float = 60.0) -> Ran:
    """Run one command as a process of its own; nobody is there to answer questions."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds, env=child_environment(),
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def call(*arguments: object) -> Ran:
    """Run one command in this process; nobody is there to answer questions."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([*map(str, arguments)])
        except SystemExit as asked:  # argparse: --help, or an option that it doesn't know
            code = int(asked.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def get(url: str, accept: str = "application/json", **more: str) -> tuple[int, str]:
    """Status and text of an address, asked with these headers; redirects are followed."""
    request = urllib.request.Request(url, headers={"Accept": accept, **more})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def read_json(url: str, accept: str = "application/json") -> Any:
    """The JSON at an address, which must answer 200."""
    status, text = get(url, accept)
    assert status == 200, (url, status, text[:300])
    return json.loads(text)


def eventually(check: Callable[[], T], seconds: float = 20.0) -> T:
    """What `check` gives as soon as it is true; a failure when that takes too long."""
    until = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < until, f"still {found!r} after {seconds} s"
        time.sleep(0.02)


@dataclass
class Node:
    """A node, which may be serving or not."""

    dir: Path
    port: int
    database: str
    username: str
    role: str
    real: bool = False
    """Whether its commands are processes of their own."""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its public address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def actor(self) -> str:
        """Its actor's id."""
        return f"{self.url}/actors/{self.username}"

    @property
    def handle(self) -> str:
        """Its actor's handle, without the @ in front."""
        return f"{self.username}@127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has logged while serving, over all its lives."""
        return (self.dir / "serve.log").read_text(encoding="utf-8")

    # --- commands ---------------------------------------------------------------------

    def init(self, *more: object) -> Ran:
        """Make it."""
        named = ("--username", self.username) if self.username else ()
        made = (pecfed if self.real else call)(
            "init", "--dir", self.dir, "--role", self.role, "--url", self.url, *named,
            "--database", self.database, "--development", *more,
        )  # fmt: skip
        if self.role == "hub" and made.code == 0:
            # these tests count Announces one by one; bursts have tests of their own
            with (self.dir / "pecfed.toml").open("a", encoding="utf-8") as file:
                file.write("announce_per_hour = 1000000\n")
        return made

    def run(self, command: str, *more: object) -> Ran:
        """Run a command on it; whatever comes of that."""
        return (pecfed if self.real else call)(command, "--dir", self.dir, *more)

    def json(self, command: str, *more: object) -> Any:
        """Run a command on it with --json, which must succeed."""
        return self.run(command, *more, "--json").json

    def apply(self, text: str, *more: object) -> dict[str, int]:
        """Publish what a file with that text says; the counts."""
        file = self.write(text)
        counts: dict[str, int] = self.json("apply", file, "--yes", *more)
        return counts

    def write(self, text: str, name: str = "apply.toml") -> Path:
        """A file beside the node's own with that text."""
        file = self.dir.with_name(f"{self.dir.name}-{name}")
        file.write_text(text, encoding="utf-8")
        return file

    # --- serving ----------------------------------------------------------------------

    def start(self, *more: object) -> None:
        """Begin to serve, without waiting for it."""
        assert self.process is None
        with (self.dir / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--dir", str(self.dir), *map(str, more)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=child_environment(),
            )  # fmt: skip

    def ready(self) -> None:
        """Wait until it answers."""

        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            with contextlib.suppress(OSError):
                return get(f"{self.url}/healthz")[0] == 200
            return False

        eventually(answers, START_SECONDS)

    def serve(self, *more: object) -> None:
        """Serve, and wait until it answers."""
        self.start(*more)
        self.ready()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the serving process."""
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it at once, without a word."""
        self.signal(signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        assert self.process is not None
        code = self.process.wait(30)
        self.process = None
        return code

    # --- looking from outside -----------------------------------------------------------

    def api(self, what: str, query: str = "") -> list[Any]:
        """All items of a hub's listing."""
        found = read_json(f"{self.url}/api/v1/{what}?limit=200{query}")
        assert found["next"] is None
        assert found["total"] == len(found["items"])
        return list(found["items"])

    def uids(self, what: str, query: str = "") -> set[str]:
        """The uids of a hub's events or resources."""
        return {item["uid"] for item in self.api(what, query)}

    def outbox(self, username: str = "") -> list[Any]:
        """Every activity of an actor's outbox, the newest first, page by page."""
        name = username or self.username
        found: list[Any] = []
        here = read_json(f"{self.url}/actors/{name}/outbox", AS2)["first"]
        while here:
            page = read_json(here, AS2)
            found += page["orderedItems"]
            here = page.get("next")
        return found

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of its database, whichever engine that is."""
        if self.database != "sqlite":
            return asyncio.run(_fetch(self.database, sql))
        with contextlib.closing(sqlite3.connect(self.dir / "pecfed.db", timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def value(self, sql: str) -> Any:
        """The one value of a query."""
        return next(iter(self.rows(sql)[0].values()))

    def hurry(self) -> None:
        """Make all that waits due: the seconds of a back-off are not what a test is about."""
        sql = "UPDATE deliveries SET due_at = 0 WHERE state = 'waiting' AND due_at > 0"
        if self.database != "sqlite":
            self.rows(f"{sql} RETURNING id")
            self.rows("NOTIFY pecfed_deliveries")
            return
        file = self.dir / "pecfed.db"
        with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection, connection:
            connection.execute(sql)

    def waiting(self) -> int:
        """How many deliveries have not arrived, nor been given up."""
        return int(self.value("SELECT count(*) AS n FROM deliveries WHERE state = 'waiting'"))


async def _fetch(url: str, sql: str) -> list[dict[str, Any]]:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
