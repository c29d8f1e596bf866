"""A QR code as one line of SVG path; `segno` is imported when one is drawn."""

from __future__ import annotations

from typing import NamedTuple

QUIET = 4  # modules around it, ISO/IEC 18004


class Drawn(NamedTuple):
    """The path of the dark modules, and how many modules a side has with its quiet zone."""

    path: str
    side: int


def drawn(text: str) -> Drawn:
    """The code of a text."""
    import segno

    matrix = segno.make(text, error="m", micro=False).matrix
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, module in enumerate(row)
        if module
    )
    return Drawn(path, len(matrix) + 2 * QUIET)
