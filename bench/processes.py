"""Starting real processes, ending them by their pid, and reading what they cost the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pecfed.settings import child_environment

START_SECONDS = 20.0
STOP_SECONDS = 20.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: Sequence[str], answers: str, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`python -m ARGUMENTS` from its first answer at `answers` until the block ends."""
    begun = time.monotonic()
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=said,
            stderr=said,
            env=child_environment() | dict(env or {}),
        )
    try:
        while not _answers(answers):
            if process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                raise SystemExit(f"{arguments[0]} didn't start: {log.read_text()[-500:]}")
            time.sleep(0.01)
        yield Running(process.pid, round((time.monotonic() - begun) * 1000))
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@dataclass(frozen=True)
class Running:
    """A process of ours; `start_ms` is from its start to its first answer."""

    pid: int
    start_ms: int

    def rss_mb(self) -> float:
        """Resident memory in megabytes (10^6 bytes)."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 1e6


@dataclass(frozen=True)
class Cost:
    """What processes have used so far: seconds of CPU, bytes in write calls, bytes to the disk.

    Neither count of bytes is the truth by itself: the first holds what was overwritten before
    it reached the disk, the second counts whole page groups where the kernel uses large ones.
    """

    cpu: float
    written: int
    to_disk: int

    def since(self, before: Cost) -> Cost:
        """What was used between two readings."""
        return Cost(
            self.cpu - before.cpu, self.written - before.written, self.to_disk - before.to_disk
        )


def cost(pids: Iterable[int]) -> Cost:
    """The cost of these processes until now, and of children of theirs that have ended."""
    ticks = written = to_disk = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(each) for each in fields[11:15])  # utime stime cutime cstime
            io = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
            written += int(io["wchar"])
            to_disk += int(io["write_bytes"])
        except (OSError, KeyError):
            continue  # it has ended meanwhile: its time is now in its parent's
    return Cost(ticks / TICKS, written, to_disk)


def with_children(pid: int) -> list[int]:
    """A process and its direct children."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found
