"""`init` makes a node, `serve` runs it."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import IO

from pecfed import settings as settings_module
from pecfed import settings_file
from pecfed.app import begin, open_node, serve, take_over
from pecfed.cli.command import add_command, run_loop, say
from pecfed.domain.text import clean
from pecfed.errors import PecfedError, UsageError
from pecfed.federation.groups import make_groups
from pecfed.federation.keyfiles import KeyFiles
from pecfed.federation.speakers import add_speaker, make_attestation_key
from pecfed.language.charter import charter
from pecfed.services import setup
from pecfed.settings import FILE_NAME, Settings, load, make
from pecfed.store import actors

MAX_NAME = 200


def add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed init`."""
    made = add_command(
        commands,
        "init",
        _init,
        "make a new node in an empty folder",
        "  pecfed init --dir node --role member --url https://node.velo.example --username velo\n"
        "  pecfed init --dir hub --role hub --url https://annuaire.example --name 'Annuaire'\n"
        "  pecfed init --dir try --role member --url http://127.0.0.1:8801 --development",
    )
    made.add_argument("--role", choices=("member", "hub"), default="member")
    made.add_argument("--url", required=True, help="the public address of the node, without a path")
    made.add_argument("--username", default="", help="the actor's name in its handle (a-z, 0-9, _)")
    made.add_argument("--name", default="", help="the actor's name for people")
    made.add_argument("--handle-domain", default="", metavar="HOST",
                      help="the host in handles, where it isn't the node's own")  # fmt: skip
    made.add_argument("--database", default="sqlite", help="sqlite (default), or postgresql://…")
    made.add_argument("--language", choices=("fr", "en"), default="fr")
    made.add_argument("--development", action="store_true",
                      help="permit plain http and loopback addresses; never in public")  # fmt: skip


def _init(given: argparse.Namespace) -> int:
    folder: Path = given.dir
    if (folder / FILE_NAME).exists():
        raise UsageError(f"there is a node in {folder} already; choose another folder")
    names = ("role", "url", "handle_domain", "database", "language", "development")
    made = make(folder, {name: getattr(given, name) for name in names})
    username = given.username or ("hub" if given.role == "hub" else "")
    if username:
        setup.check_username(username)
    if given.role == "hub" and username in {each.username for each in charter().working_groups}:
        raise UsageError(f"username {username!r} is that of a working group; choose another")
    if "\n" in given.name or given.name != clean(given.name, MAX_NAME):
        raise UsageError(f"--name: write at most {MAX_NAME} characters on one line")
    new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        run_loop(_begin(made, username, given.name))
        # the file comes last: a folder without it is no node, and init can be run again
        settings_file.write(made)
    except PecfedError:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    say(f"A {made.role} node for {made.url} is ready in {folder}.")
    if username:
        say(f"Its actor is @{username}@{made.handles_host}.")
    say(f"Next: pecfed serve --dir {folder}")
    return 0


async def _begin(made: Settings, username: str, name: str) -> int:
    """The database, the instance actor and the first speaker."""
    wanted = {"instance": ("instance", made.host)}
    if username:
        wanted[username] = ("hub" if made.is_hub else "member", name or username)
    groups = {group.username: "group" for group in charter().working_groups if made.is_hub}
    cards = {name_: card for name_, (card, _) in wanted.items()} | groups
    async with open_node(made) as node:
        # those that an interrupted init has made; any other belongs to another node
        known = {each.username: each for each in await node.database.read(actors.everyone)}
        for actor in known.values():
            known_card = actor.card == cards.get(actor.username, "")
            keys = KeyFiles(made.dir).make(actor.username) if known_card else ()
            mine = keys == tuple(k.public for k in actor.keys if k.kind != "attestation")
            if not mine or actor.uri != node.uris.actor(actor.username):
                raise UsageError(
                    f"the database already holds another node, that of {actor.uri}; "
                    "choose an empty one"
                )
        for name_, (card, shown_as) in wanted.items():
            if name_ not in known:
                await add_speaker(node, name_, card, shown_as)
        if made.is_hub:
            await make_groups(node)
            await make_attestation_key(node)
    return 0


def add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed serve`."""
    made = add_command(
        commands,
        "serve",
        _serve,
        "serve a node and do its work (deliveries, inbox) until it is stopped",
        "  pecfed serve --dir node\n"
        "  pecfed serve --dir node --bind 127.0.0.1:8000     # behind a proxy\n"
        "  pecfed serve --dir hub --processes 2              # with PostgreSQL",
    )
    made.add_argument("--bind", default="", metavar="HOST:PORT",
                      help="where to listen (default: where the node's url points)")  # fmt: skip
    made.add_argument("--processes", type=int, default=1, metavar="N",
                      help="how many processes share the work (PostgreSQL only)")  # fmt: skip
    made.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)


def _serve(given: argparse.Namespace) -> int:
    made = load(given.dir)
    if given.bind:
        made = make(given.dir, {**_as_given(made), "bind": given.bind})
    if not 1 <= given.processes <= 64:
        raise UsageError(f"--processes {given.processes}: choose between 1 and 64")
    several = given.processes > 1
    if several and made.database == "sqlite":
        raise UsageError(
            "one process serves SQLite; for several, move the node to PostgreSQL (docs/operate.md)"
        )
    if several:
        return _several(made, given)
    with nullcontext() if given.beside else _lock(made):
        listener = _listen(made, shared=given.beside)

        async def run() -> int:
            await serve(made, listener, alone=not given.beside)
            return 0

        with listener:
            return run_loop(run())


def _as_given(made: Settings) -> dict[str, object]:
    return {name: getattr(made, name) for name in settings_module.BY_NAME}


def _lock(made: Settings) -> IO[str]:
    """Hold the folder: two servers on one node would deliver twice.

    Raises:
        UsageError: another process serves it.
    """
    file = (made.dir / "serve.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(f"another process already serves {made.dir}; stop it first") from None
    return file


def _listen(made: Settings, *, shared: bool) -> socket.socket:
    """The listening socket.

    Raises:
        UsageError: the address is taken, or is none of this machine's.
    """
    host, port = made.listen()
    try:
        return socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=1024,
            reuse_port=shared,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"{host}:{port} is in use: stop what listens there, or choose another with --bind"
            ) from None
        raise UsageError(f"can't listen on {host}:{port}: {error.strerror}") from None


def _several(made: Settings, given: argparse.Namespace) -> int:
    """Keep N serving processes alive on one port until told to stop."""
    host, port = made.listen()
    command = [sys.executable, "-m", "pecfed", "serve", "--dir", str(given.dir),
               "--bind", f"{host}:{port}", "--beside"]  # fmt: skip
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with _lock(made):
        run_loop(_begin_alone(made))
        children = [subprocess.Popen(command) for _ in range(given.processes)]  # noqa: S603 - ourselves
        try:
            while not stopping:
                time.sleep(0.2)
                for place, child in enumerate(children):
                    if child.poll() is not None and not stopping:
                        if child.returncode == 2:
                            return 2  # it has said why, and would say it again
                        time.sleep(1)
                        children[place] = subprocess.Popen(command)  # noqa: S603
        finally:
            for child in children:
                if child.poll() is None:
                    os.kill(child.pid, signal.SIGTERM)
            for child in children:
                child.wait()
    return 0


async def _begin_alone(made: Settings) -> int:
    """What one process does for all, before any of them works."""
    async with open_node(made) as node:
        await take_over(node.database)
        await begin(node)
    return 0
