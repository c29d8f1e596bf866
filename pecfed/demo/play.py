"""`pecfed demo`: what it needs, where it happens, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from pecfed.demo.community import HOST, Community, read_community, size
from pecfed.demo.postgres import LocalPostgres, PostgresFailed, PostgresMissing
from pecfed.demo.processes import Processes
from pecfed.demo.progress import Progress
from pecfed.demo.story import Outcome, Story
from pecfed.errors import PecfedError, UsageError
from pecfed.shipped import shipped

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_PORT = 65_535


def play(
    *, folder: Path | None, database: str, port: int, stop_at_once: bool, as_json: bool
) -> int:
    """Run the demo: 0 when everything arrived, 1 when a delivery failed, 128 + n after signal n.

    `folder` keeps the data (else it goes in the end); `database` is sqlite or
    postgresql; the nodes take `port` and those after it; `stop_at_once` doesn't wait
    for Ctrl-C; `as_json` prints the outcome as one line, and the rest on standard error.

    Raises:
        UsageError: a port is taken, the folder isn't empty, asyncpg is missing.
        PecfedError: something else is missing, a node died, something didn't arrive.
    """
    logging.getLogger("pecfed").setLevel(logging.WARNING)  # progress is told in other words
    progress = Progress(sys.stderr if as_json else sys.stdout)
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        files = stack.enter_context(as_file(shipped("actors") / "community"))
        _check_ports(port, size(files))
        community = read_community(files, port)
        place = stack.enter_context(_place(folder))
        new_database = stack.enter_context(_databases(database, place if folder else None))
        progress.say(
            f"One hub and {len(community.members)} members, each a process of its own with its "
            f"own {database} database, in {place}"
        )
        story = Story(community, place, new_database, progress)

        def tell(outcome: Outcome) -> None:
            if as_json:
                _print(outcome)
            _tell(outcome, progress)
            if not stop_at_once:
                _invite(community, progress)

        return asyncio.run(
            _until_signalled(_perform(story, place / "log", tell, stop_at_once=stop_at_once))
        )


async def _perform(
    story: Story, log: Path, tell: Callable[[Outcome], None], *, stop_at_once: bool
) -> int:
    """The story, and then the nodes stay up until somebody ends it."""
    async with AsyncExitStack() as stack:
        processes = stack.enter_context(Processes(log))
        outcome = await processes.while_alive(story.play(processes, stack))
        tell(outcome)
        if not stop_at_once:
            try:
                await processes.while_alive(asyncio.Event().wait())
            except asyncio.CancelledError:
                pass  # this is how it is meant to end
        return 1 if outcome.failed else 0


def _print(outcome: Outcome) -> None:
    """The one line for scripts."""
    line = {
        "hub": outcome.hub,
        **outcome.figures,
        "standings": outcome.standings,
        "delivered": outcome.delivered,
        "failed": outcome.failed,
        "propagation_ms": outcome.propagation_ms,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


def _tell(outcome: Outcome, progress: Progress) -> None:
    """The same for people."""
    shown = ", ".join(f"{number} {name}" for name, number in outcome.figures.items())
    progress.say()
    progress.say(f"The hub shows {shown}.")
    standings = ", ".join(f"{name} is {each}" for name, each in outcome.standings.items())
    progress.say(f"What they declare: {standings}.")
    progress.say(f"{outcome.delivered} deliveries arrived, {outcome.failed} failed.")


def _invite(community: Community, progress: Progress) -> None:
    """Where to look while the nodes stay up."""
    members = ", ".join(f"{part.url}/@{part.username}" for part in community.members)
    progress.say(f"The members: {members}")
    progress.say()
    progress.say(f"Open {community.hub.url}/fr/ (in English: {community.hub.url}/en/)")
    progress.say("Ctrl-C to stop")


def _check_ports(first: int, count: int) -> None:
    """Refuse to begin where a node couldn't listen.

    Raises:
        UsageError: naming the port, and how to choose others.
    """
    last = first + count - 1
    if not 1 <= first <= last <= LAST_PORT:
        raise UsageError(f"--port {first}: choose between 1 and {LAST_PORT - count + 1}")
    for port in range(first, last + 1):
        try:
            socket.create_server((HOST, port)).close()
        except OSError as error:
            busy = error.errno == errno.EADDRINUSE
            why = "is in use" if busy else f"can't be used ({os.strerror(error.errno or 0)})"
            raise UsageError(
                f"port {port} {why}, and the demo takes {first} to "
                f"{last}: choose others with --port"
            ) from None


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """The folder of the nodes: the given one, which is kept, or one that goes in the end.

    Raises:
        UsageError: the given one isn't empty, or can't be made.
    """
    if folder is None:
        made = Path(tempfile.mkdtemp(prefix="pecfed-demo-"))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return
    place = folder.resolve()
    try:
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise UsageError(
                f"--dir {folder}: there is something in it already; choose a new or empty folder"
            )
    except OSError as error:
        raise UsageError(f"--dir {folder}: {error.strerror}; choose another folder") from None
    yield place


@contextlib.contextmanager
def _databases(database: str, folder: Path | None) -> Iterator[Callable[[], str]]:
    """What makes a new database for a node, and gives the setting that names it.

    Raises:
        UsageError: asyncpg isn't installed.
        PecfedError: no PostgreSQL was found, or it doesn't start.
    """
    if database == "sqlite":
        yield lambda: "sqlite"
        return
    if importlib.util.find_spec("asyncpg") is None:
        raise UsageError("PostgreSQL needs asyncpg: pip install 'pecfed[postgres]'")
    try:
        with LocalPostgres(folder / "postgresql" if folder else None) as server:
            yield server.create_database
    except (PostgresMissing, PostgresFailed) as error:
        raise PecfedError(str(error)) from None


def _watched() -> list[signal.Signals]:
    """The signals that end the demo. SIGHUP doesn't under nohup, which ignores it for us.

    A shell that starts us in the background ignores SIGINT, too; but who sends that
    means it.
    """
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in SIGNALS if number is not signal.SIGHUP or not ignored]


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Before and after the nodes run, a signal ends the program with everything tidied up."""
    before = {number: signal.getsignal(number) for number in _watched()}

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _until_signalled(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; the first signal cancels it, others then let it tidy up undisturbed."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    caught: list[int] = []

    def stop(number: int) -> None:
        if not caught:
            task.cancel()
        caught.append(number)

    watched = _watched()
    for number in watched:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]
    finally:
        for number in watched:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
