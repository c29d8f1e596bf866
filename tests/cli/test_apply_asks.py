"""`pecfed apply` at a terminal asks before it publishes."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time

import pytest

from pecfed.settings import child_environment
from tests.together.files import actor, event
from tests.together.nodes import COMMAND, Node


def at_a_terminal(node: Node, answer: bytes) -> tuple[int, str]:
    """Apply at a pseudo-terminal, answer the question; exit code and all that was shown."""
    file = node.write(actor() + event("ag"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "apply", "--dir", str(node.dir), str(file)],
        stdin=theirs, stdout=theirs, stderr=theirs, env=child_environment(),
    )  # fmt: skip
    os.close(theirs)
    shown, asked, until = b"", False, time.monotonic() + 30
    try:
        while time.monotonic() < until and select.select([ours], [], [], 30)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if b"Publish this? [y/N]" in shown and not asked:
                asked = True
                os.write(ours, answer)
    finally:
        code = process.wait(30)
        os.close(ours)
    assert asked, shown
    return code, shown.decode()


@pytest.mark.parametrize("answer", [b"\n", b"perhaps\n", b"\x04"])
def test_no(velo: Node, answer: bytes) -> None:
    """Anything but yes, the end of input too, publishes nothing and exits 1."""
    code, shown = at_a_terminal(velo, answer)
    assert code == 1
    assert "+ event      ag: Assemblée" in shown
    assert "nothing was published" in shown
    assert velo.rows("SELECT * FROM activities") == velo.rows("SELECT * FROM objects") == []


@pytest.mark.parametrize("answer", [b"y\n"])
def test_yes(velo: Node, answer: bytes) -> None:
    """A yes publishes what was shown."""
    code, shown = at_a_terminal(velo, answer)
    assert code == 0
    assert "1 created, 1 updated, 0 deleted, 0 unchanged." in shown
    assert [row["uid"] for row in velo.rows("SELECT uid FROM objects")] == ["ag"]
