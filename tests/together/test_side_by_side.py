"""Use cases that several processes may run at the same moment, on one database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from pecfed import clock
from pecfed.app import open_node
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.wanted import Wanted
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.services import apply, gather, setup
from pecfed.settings import make
from pecfed.store import actors, members
from pecfed.store.database import Session
from tests.together.world import lay_keys

MEMBER = "https://velo.example/actors/velo"


@pytest.fixture
async def hub(new_database: Callable[[], Awaitable[str]], tmp_path: Path) -> AsyncIterator[Node]:
    """A hub with one member, and nobody who works but the test."""
    settings = make(
        tmp_path, {"role": "hub", "url": "https://hub.example", "database": await new_database()}
    )
    lay_keys(tmp_path, "communs")
    async with open_node(settings) as node:
        await add_speaker(node, "communs", "hub", "Communs")
        await node.database.write(
            lambda session: members.add(
                session, slug="velo@velo.example", uri=MEMBER, state="member",
                profile=Profile("Vélo"), source=[MEMBER], now=clock.now_ms(),
            )
        )  # fmt: skip
        yield node


def resource(uid: str, version: int = 1) -> Resource:
    """One version of a document."""
    return Resource(uid, {"fr": f"Version {version}"}, "document", "public", version=str(version))


async def keep(hub: Node, uid: str, version: int = 1, **more: bool) -> None:
    """One version of an object reaches the hub."""

    async def work(session: Session) -> str:
        return await gather.keep(
            session, hub.uris, await setup.the_hub(session), uri=f"https://velo.example/{uid}",
            actor_uri=MEMBER, content=resource(uid, version), url="",
            published_at=1000, updated_at=1000 + version, policy="all", per_hour=1000, **more,
        )  # fmt: skip

    await hub.database.write(work)


async def announced(hub: Node) -> list[str]:
    """What the hub has announced, each time that it did."""
    rows = await hub.database.read(
        lambda s: s.all("SELECT object_uri FROM activities WHERE type = 'Announce' ORDER BY id")
    )
    return [row["object_uri"].rpartition("/")[2] for row in rows]


async def test_versions_that_arrive_together(hub: Node) -> None:
    """Three versions of an object at once: the newest stays, and it is announced once."""

    pairs = [(f"r{number}", version) for number in range(20) for version in (1, 2, 3)]
    random.Random(3).shuffle(pairs)
    await asyncio.gather(*(keep(hub, *pair) for pair in pairs))
    rows = await hub.database.read(lambda s: s.all("SELECT uid, updated_at FROM objects"))
    assert {row["uid"]: row["updated_at"] for row in rows} == {f"r{n}": 1003 for n in range(20)}
    assert sorted(await announced(hub)) == sorted(f"r{number}" for number in range(20))


async def test_a_reading_that_is_faster(hub: Node) -> None:
    """What a reading brought before its own Create came is announced with that, once."""
    await keep(hub, "old", announce=False)
    await keep(hub, "new", announce=False)
    assert await announced(hub) == []
    await keep(hub, "new", created=True)
    await keep(hub, "new", created=True)
    await keep(hub, "old", 2)
    await keep(hub, "other", created=True)
    await keep(hub, "other", 2)
    assert await announced(hub) == ["new", "other"]


async def test_a_withdrawal_that_arrives_with_its_object(hub: Node) -> None:
    """A Create and its Delete at once: whichever is first, the object stays withdrawn."""

    async def withdraw(uid: str) -> None:
        await hub.database.write(
            lambda session: gather.withdraw(
                session, hub.uris, f"https://velo.example/{uid}", MEMBER
            )
        )

    uids = [f"r{number}" for number in range(40)]
    await asyncio.gather(*(deed for uid in uids for deed in (keep(hub, uid), withdraw(uid))))
    live = "SELECT count(*) FROM objects WHERE deleted_at IS NULL"
    assert await hub.database.read(lambda s: s.value(live)) == 0


async def test_one_file_carried_out_together(hub: Node) -> None:
    """The same file eight times at once: each change is published once, nobody fails."""
    me = await hub.database.read(setup.the_hub)
    for version in (1, 2):
        wanted = Wanted("communs", me.profile, tuple(resource(f"r{n}", version) for n in range(5)))
        counts = await asyncio.gather(
            *(
                hub.database.write(
                    lambda s, w=wanted: apply.carry_out(s, hub.uris, me, w, prune=True)  # type: ignore[misc]
                )
                for _ in range(8)
            )
        )
        assert sum(each.created + each.updated for each in counts) == 5
        assert {sum((c.created, c.updated, c.deleted, c.unchanged)) for c in counts} == {6}
    said = await hub.database.read(lambda s: s.all("SELECT type FROM activities"))
    assert sorted(row["type"] for row in said) == ["Create"] * 5 + ["Update"] * 5


async def test_one_actor_added_together(hub: Node) -> None:
    """The same name eight times at once: one is told yes, the others that it is known."""
    results = await asyncio.gather(
        *(add_speaker(hub, "velo", "member", "Vélo") for _ in range(8)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert {str(result) for result in results if result} == {"this node already speaks for 'velo'"}
    known = await hub.database.read(actors.everyone)
    assert [actor.username for actor in known] == ["communs", "velo"]
