"""The event loop of the yardsticks: the one a node uses, without loading the node."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def runner() -> asyncio.Runner:
    """Runs on uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end."""
    with runner() as running:
        running.run(main)
