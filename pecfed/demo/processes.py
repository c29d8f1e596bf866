"""The demo's nodes as processes of their own: started, watched, always stopped again."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pecfed.errors import FetchError, PecfedError
from pecfed.federation.client import Client
from pecfed.settings import child_environment

T = TypeVar("T")
START_SECONDS = 30.0
STOP_SECONDS = 10.0
ASK_SECONDS = 0.05
WATCH_SECONDS = 0.1
TAIL_LINES = 12
# It reads the nodes' numbers from us. Its input ends when we do, even when we are killed, and
# then it stops the nodes; in the ordinary case we stop them, and it before it can.
GUARD = 'while read -r node; do nodes="$nodes $node"; done; kill -TERM $nodes'


class NodeDiedError(PecfedError):
    """A node's process ended by itself, or never answered."""

    code = "node_died"


@dataclass(frozen=True, slots=True)
class Running:
    """One node's process and where its output goes."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """The last lines it wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (it said nothing)"


class Processes:
    """The processes of all nodes, for the length of a `with`; `folder` takes their output."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        """Start the guard, which stops the nodes if we can't."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._guard = subprocess.Popen(  # noqa: S603 - the words above, and nothing else
            ["/bin/sh", "-c", GUARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every node, all at once, then the guard."""
        for each in self._running:
            each.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for each in self._running:
            try:
                each.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()
        self._guard.kill()
        self._guard.wait()
        assert self._guard.stdin is not None
        self._guard.stdin.close()

    def start(self, name: str, url: str, folder: Path) -> None:
        """Serve the node in `folder`, as `pecfed serve` does by hand."""
        log = self._folder / f"{name}.log"
        safe_path = ["-P"] if sys.flags.safe_path else []
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, *safe_path, "-m", "pecfed", "serve", "--dir", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=child_environment(),
                start_new_session=True,  # Ctrl-C is ours to pass on
            )
        self._running.append(Running(name, url, process, log))
        assert self._guard.stdin is not None
        self._guard.stdin.write(b"%d\n" % process.pid)
        self._guard.stdin.flush()

    async def answers(self, name: str, client: Client) -> None:
        """Wait until a node answers.

        Raises:
            NodeDiedError: it doesn't, with the end of what it wrote.
        """
        node = next(each for each in self._running if each.name == name)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(FetchError):  # it doesn't listen yet
                if (await client.get(f"{node.url}/readyz", {})).status == 200:
                    return
            await asyncio.sleep(ASK_SECONDS)
        raise NodeDiedError(
            f"the node {name} didn't answer within {START_SECONDS:.0f} s; it said:\n{node.tail()}"
        )

    async def while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work for as long as every node lives.

        Raises:
            NodeDiedError: one ended, with its exit code and the end of what it wrote.
        """
        working = asyncio.create_task(work)
        watching = asyncio.create_task(self._watch())
        both = {working, watching}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise watching.result()
            return await working
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _watch(self) -> NodeDiedError:
        """Come back when a node has ended."""
        while True:
            for each in self._running:
                if each.process.poll() is not None:
                    return NodeDiedError(
                        f"the node {each.name} ended by itself (exit code "
                        f"{each.process.returncode}); it said:\n{each.tail()}"
                    )
            await asyncio.sleep(WATCH_SECONDS)
