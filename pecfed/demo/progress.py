"""What the demo tells while it runs: lines, and on a terminal one more that fills up."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TextIO

BAR = 12


class Progress:
    """Tells what happens, each line with the seconds since the beginning.

    A terminal also gets a last line that is drawn anew; elsewhere (a file, a log)
    only whole lines are written.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._start = time.monotonic()
        self._drawn = False

    def tell(self, text: str) -> None:
        """Something happened."""
        self.say(f"{time.monotonic() - self._start:5.1f} s  {text}")

    def say(self, text: str = "") -> None:
        """A line as it is."""
        self._write(f"{self._wipe()}{text}\n")

    def fill(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """How much of what is expected has arrived, by name: (so many, of so many)."""
        if not self._is_terminal:
            return
        arrived = sum(min(there, of) for there, of in counts.values())
        full = BAR * arrived // max(1, sum(of for _, of in counts.values()))
        words = " · ".join(f"{name} {there}/{of}" for name, (there, of) in counts.items())
        line = f"{'█' * full}{'░' * (BAR - full)} {words}"
        self._write(f"{self._wipe()}{line[: self._width() - 1]}")
        self._drawn = True

    def _wipe(self) -> str:
        """What takes the last line away again, where there is one."""
        wiping = "\r\x1b[2K" if self._drawn else ""
        self._drawn = False
        return wiping

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        # names have accents; a terminal that has none still gets its line
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
