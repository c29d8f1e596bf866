"""The story, lived through once for all of its readers."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.cast import new_key
from tests.interop.story import Story, tell
from tests.servers import KeyBox


@pytest.fixture(scope="session")
def story(keys: KeyBox, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """What the hub and the node said; in a thread, since a test's own loop may be running."""
    told: list[Any] = []

    def live() -> None:
        try:
            told.append(asyncio.run(tell(tmp_path_factory.mktemp("story"), keys, new_key())))
        except BaseException as error:
            told.append(error)

    thread = threading.Thread(target=live)
    thread.start()
    thread.join()
    if not isinstance(told[0], Story):
        raise told[0]
    return told[0]
