"""Héron, an actor on Fedify: installed and started once for a run, asked by its control door."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

SOURCE = Path(__file__).resolve().parent / "fedify"
FILES = ("package.json", "package-lock.json", "server.js")
INSTALL_SECONDS = 120
ENDING_SECONDS = 20
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
OLDEST = 20


class NoHeronError(Exception):
    """There is no Node, or its packages can't be had; the words say which."""


def node() -> str:
    """The Node to run: the one `./run` found, the environment's own, or the machine's.

    Raises:
        NoHeronError: there is none that is new enough.
    """
    ours = str(Path(sys.executable).parent / "node")
    for name in filter(None, (os.environ.get("PECFED_NODE"), ours, shutil.which("node"))):
        try:
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        if int(said.stdout.strip().lstrip("v").partition(".")[0]) >= OLDEST:
            return name
    raise NoHeronError(f"no Node.js {OLDEST} or newer on this machine")


def install(folder: Path, source: Path = SOURCE, files: Sequence[str] = FILES) -> None:
    """Put Héron (or what else stands in `source`) and what it needs into `folder`.

    Raises:
        NoHeronError: npm isn't there, or has no way to the packages.
    """
    for name in files:
        shutil.copy(source / name, folder / name)
    beside = Path(node()).parent
    npm = shutil.which("npm", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        raise NoHeronError("no npm on this machine")
    path = f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            [npm, "ci", *QUIETLY], cwd=folder, env={**os.environ, "PATH": path},
            capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoHeronError(f"npm could not install {source.name}: {error}") from error
    if done.returncode:
        raise NoHeronError(f"npm could not install {source.name}: {done.stderr[-500:]}")


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Héron's address, while it runs.

    It is a session of its own, which ends as a whole: the environment's `node` is a script
    that starts the real one as its child, and being ended itself leaves that behind.
    """
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            [node(), "server.js"], cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True,
            start_new_session=True,
        )  # fmt: skip
        with process:
            assert process.stdout is not None
            try:
                url = process.stdout.readline().strip()
                assert url, (folder / "errors").read_text()
                yield url
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.communicate(timeout=ENDING_SECONDS)  # till nobody has its output any more


@dataclass
class Heron:
    """What a test asks of it; `heard` and `knocks` are what came since the test began."""

    url: str
    http: aiohttp.ClientSession
    _heard: int = 0
    _knocks: int = 0
    _errors: int = 0

    @property
    def uri(self) -> str:
        """Its actor's id."""
        return f"{self.url}/users/heron"

    async def begin(self) -> None:
        """Forget what was before."""
        report = await self.do("report")
        self._heard, self._knocks = len(report["heard"]), len(report["knocks"])
        self._errors = len(report["errors"])

    async def do(self, what: str, **more: Any) -> Any:
        """Have it do or say something; what came of it.

        Raises:
            AssertionError: it could not, for example since it was refused.
        """
        async with self.http.post(f"{self.url}/_do", json={"do": what, **more}) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            return said

    async def heard(self, kind: str = "") -> list[dict[str, Any]]:
        """The activities (of that type) that it understood."""
        report = await self.do("report")
        assert report["errors"][self._errors :] == []
        return [each for each in report["heard"][self._heard :] if kind in {"", each["type"]}]

    async def knocks(self, url: str) -> list[tuple[str, int]]:
        """How its POSTs to an address were signed, and answered."""
        report = await self.do("report")
        return [
            (each["how"], each["status"])
            for each in report["knocks"][self._knocks :]
            if each["method"] == "POST" and each["url"] == url
        ]

    def has_heard(self, kind: str, count: int = 1) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
        """Asks whether so many activities of that type have arrived."""

        async def check() -> list[dict[str, Any]]:
            found = await self.heard(kind)
            return found if len(found) >= count else []

        return check
