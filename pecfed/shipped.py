"""Where the words and the cast are found (a leaf room).

In an installed wheel `vocab/` and `actors/` lie under `pecfed/_shipped/`; in a
checkout, and in an editable install of it, they stand beside the package.
Nothing else in the program knows this.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

Room = Literal["vocab", "actors"]


def shipped(room: Room) -> Traversable:
    """Return the folder of `room`, to be read with `/` and `read_text`.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = resources.files("pecfed")
    installed = package / "_shipped" / room
    if installed.is_dir():
        return installed
    # Beside this file, not beside `package`: a Traversable has no parent.
    checkout = Path(__file__).resolve().parent.parent / room
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(
        f"the folder {room}/ is neither in the installed package ({installed}) "
        f"nor beside it ({checkout}): install pecfed again"
    )
