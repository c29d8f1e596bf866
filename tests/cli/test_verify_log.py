"""`pecfed verify` of a copy of a hub's log: against its signed head, then, now and offline."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from pecfed.services import log
from tests.cli.test_verify import doubts, verify
from tests.conftest import MakeServer
from tests.servers import Server


@pytest.fixture
def engine() -> str:
    """SQLite alone: the command doesn't touch the database."""
    return "sqlite"


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """La Ruche, a hub with a few lines."""
    made = await make_server(role="hub", username="ruche", name="La Ruche")
    await write(made, 8)
    return made


async def write(hub: Server, count: int) -> None:
    """So many lines more."""
    for number in range(count):
        await hub.write(
            lambda session, number=number: log.record(  # type: ignore[misc]
                session, "note", subject=f"https://velo.example/{number}", by="reviewer",
                private={"message": "Entre nous."},
            )
        )  # fmt: skip


async def copied(hub: Server, path: Path) -> Path:
    """A copy of the log as it is served."""

    def fetch() -> None:
        with urlopen(f"{hub.url}/log.jsonl", timeout=20) as answer:
            path.write_bytes(answer.read())

    await asyncio.to_thread(fetch)
    return path


async def test_a_copy_is_proved_against_the_signed_head(hub: Server, tmp_path: Path) -> None:
    """From its address, from a file, and when the log has grown since."""
    ran = await verify(f"{hub.url}/log.jsonl")
    assert ran.code == 0, ran.out
    assert "whole log" in ran.out
    path = await copied(hub, tmp_path / "log.jsonl")
    ran = await verify(path)
    assert ran.code == 0 and f"Valid, if you trust {hub.actor_uri}" in ran.out
    assert (await verify(path, "--issuer", hub.actor_uri)).code == 0
    assert await doubts(path, "--issuer", f"{hub.actor_uri}x") == ["issuer"]
    assert (await verify(tmp_path)).code == 0
    await write(hub, 2)
    ran = await verify(path)
    assert ran.code == 0 and "2 more lines since" in ran.out


async def test_one_line_removed_moved_or_altered_is_refused(hub: Server, tmp_path: Path) -> None:
    """With its number; so is a copy without its end, or with another's."""
    path = await copied(hub, tmp_path / "log.jsonl")
    *lines, head = path.read_bytes().splitlines(keepends=True)
    other = json.loads(head)
    other["logHead"]["lines"] -= 1
    assert len(lines) >= 8
    bad = {
        "line 3": [*lines[:2], *lines[3:], head],
        "line 4": [*lines[:3], lines[4], lines[3], *lines[5:], head],
        "line 5": [*lines[:4], lines[4].replace(b"velo", b"vela"), *lines[5:], head],
        f"line {len(lines)}": [*lines[:-1], head],
        "no signed head": lines,
        "doesn't hold": [*lines[:-1], json.dumps(other).replace("x", "x").encode()],
        "not a line": [b"x" * 1_000_000],
    }
    for words, content in bad.items():
        path.write_bytes(b"".join(content))
        ran = await verify(path)
        assert ran.code == 1 and ran.err == "", words
        assert words in ran.out or words == "doesn't hold", (words, ran.out)


async def test_offline_a_later_copy_must_go_on_from_what_was_saved(
    hub: Server, tmp_path: Path
) -> None:
    """A hub that rewrote its log can't pass it off on who kept the head."""
    path = await copied(hub, tmp_path / "log.jsonl")
    keys = tmp_path / "keys"
    assert (await verify(path, "--save-keys", keys)).code == 0
    assert (await verify(path, "--keys", keys)).code == 0
    await write(hub, 2)
    later = await copied(hub, tmp_path / "later.jsonl")
    ran = await verify(later, "--keys", keys)
    assert ran.code == 0 and "goes on from" in ran.out
    saved = json.loads(keys.read_text())
    for each in saved["documents"].values():
        if "logHead" in each:
            each["logHead"]["hash"] = "0" * 64
    keys.write_text(json.dumps(saved))
    assert await doubts(later, "--keys", keys) == ["lines"]
