"""Starting the demo as a person does, and looking for what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMUNITY = ROOT / "actors" / "community"
NODES = 6
ENDS = 120  # seconds; far more than it takes
HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def free_ports() -> int:
    """The first of as many free ports in a row as the demo takes."""
    for _ in range(1000):
        first = random.randrange(20_000, 30_000)
        if all(is_free(first + place) for place in range(NODES)):
            return first
    raise AssertionError("no free ports")


def command(port: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pecfed", "demo", "--port", str(port), *arguments]


def demo(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run from beginning to end."""
    return subprocess.run(
        command(port, *arguments), capture_output=True, text=True, timeout=ENDS, check=False
    )


@contextlib.contextmanager
def standing(port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A run that goes on; what it says on both streams is in its standard output."""
    process = subprocess.Popen(
        command(port, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=ENDS)


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says up to the line with those words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without saying {words!r}:\n{said}")


def folder_in(said: str) -> Path:
    """Where it says that its nodes are."""
    found = re.search(r"database, in (/\S+)\n", said)
    assert found is not None, said
    return Path(found[1])


def node_processes(folder: Path) -> dict[str, int]:
    """The numbers of the processes that serve a node in that folder, by the node's name."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    found = re.findall(
        rf"^ *(\d+) .*serve --dir {re.escape(str(folder))}/(\w+)", listed.stdout, re.M
    )
    return {name: int(pid) for pid, name in found}


def eventually_gone(port: int, folder: Path) -> bool:
    """Whether, within a moment, none of its nodes runs and every port is free."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if not node_processes(folder) and all(is_free(port + place) for place in range(NODES)):
            return True
        time.sleep(0.1)
    return False


def kill(number: int) -> None:
    """End one process at once, without a word to it."""
    os.kill(number, signal.SIGKILL)
