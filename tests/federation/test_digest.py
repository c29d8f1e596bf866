"""Once a week a hub tells its followers what is new, if anything is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from pecfed import clock
from pecfed.domain.note import Note
from pecfed.services import digest
from pecfed.store.objects import Stored
from pecfed.work import digest as job
from tests.cast import Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in
from tests.servers import Server, eventually

SOON = """
[[event]]
uid = "forum"
name = {{fr = "Forum", en = "Forum of platforms"}}
start = {soon}

[[event]]
uid = "off"
name = "Annulé"
start = {soon}
status = "cancelled"

[[resource]]
uid = "guide"
name = {{fr = "Guide"}}
kind = "method"
openness = "public"
url = "https://ruche.example/guide"
"""


def content() -> str:
    """A forum in nine days, another one that is cancelled, a guide."""
    return SOON.format(soon=(clock.now() + timedelta(days=9)).isoformat(timespec="seconds"))


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """A hub whose job doesn't run: the tests do what it does."""
    return await make_server(role="hub", username="ruche", name="La Ruche", digest="none")


WEEK = timedelta(days=7)


async def note(hub: Server, uri: str) -> tuple[Stored, Note]:
    """The Note that was published."""
    stored = await hub.object(uri)
    assert stored is not None and isinstance(stored.content, Note)
    return stored, stored.content


async def a_week_later(hub: Server, weeks: int = 1) -> str:
    """What the job does when the next Monday is past."""
    with clock.running_ahead(weeks * WEEK):
        return await job.once(hub.node)


async def test_it_tells_of_members_events_and_resources(hub: Server, corbeau: Peer) -> None:
    """In both languages, each with its address, once a week; not in the week of its making."""
    await let_in(hub, corbeau)
    await hub.apply(content())
    assert await job.once(hub.node) == ""
    _, told = await note(hub, await a_week_later(hub))
    assert list(told.content) == ["fr", "en"]
    assert "Forum (La Ruche)" in told.content["fr"]
    assert "Forum of platforms (La Ruche)" in told.content["en"]
    for text in told.content.values():
        assert "Corbeau" in text and "/members/corbeau@" in text
        assert "Guide (La Ruche)" in text
        assert "Annulé" not in text
        assert text.count(f"{hub.url}/objects/") == 2
    assert told.tags == ("PlateformesEnCommuns",)
    assert await a_week_later(hub) == ""
    assert await hub.value("SELECT count(*) FROM digests") == 1


async def test_where_nothing_is_new_nothing_is_told(hub: Server) -> None:
    """The week counts as looked at; the next one tells what came since."""
    assert await a_week_later(hub) == ""
    assert await hub.value("SELECT count(*) FROM digests") == 1
    with clock.running_ahead(WEEK):
        await hub.apply(content())
    assert await a_week_later(hub) == ""
    uri = await a_week_later(hub, 3)  # the forum is over
    _, told = await note(hub, uri)
    assert "Forum" not in told.content["fr"] and "Guide" in told.content["fr"]


async def test_of_several_at_once_one_tells(hub: Server) -> None:
    """Each process looks; the week is taken by one."""
    await hub.apply(content())
    with clock.running_ahead(WEEK):
        found = await asyncio.gather(*(job.once(hub.node) for _ in range(4)))
    assert len([uri for uri in found if uri]) == 1
    assert await hub.value("SELECT count(*) FROM objects WHERE kind = 'note'") == 1


async def test_it_stays_short(hub: Server) -> None:
    """Five lines of a kind, and how many there are beside."""
    one = '[[resource]]\nuid = "r{n}"\nname = "{name}"\nkind = "method"\nopenness = "public"\n'
    await hub.apply("".join(one.format(n=n, name=f"R{n} " + "x" * 190) for n in range(12)))
    _, told = await note(hub, await a_week_later(hub))
    assert told.content["en"].count("• ") == digest.MOST
    assert "… and 7 more" in told.content["en"]
    assert len(told.content["en"]) < 1500


def test_the_week_begins_on_monday_morning() -> None:
    """Before seven it is still the last one."""
    monday = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)
    assert digest.week_of(monday) == "2026-11-16"
    assert digest.week_of(monday + timedelta(minutes=1)) == "2026-11-23"
    assert digest.week_of(monday + timedelta(days=6)) == "2026-11-23"


async def test_a_hub_tells_by_itself(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job looks from time to time; a member's node never does."""
    monkeypatch.setattr(job, "EVERY_SECONDS", 0.1)
    hub = await make_server(role="hub", username="ruche", name="La Ruche")
    other = await make_server(username="lilas", name="Lilas")

    async def looked() -> bool:
        return bool(await hub.value("SELECT count(*) FROM digests"))

    with clock.running_ahead(WEEK):
        await eventually(looked)
    assert await other.value("SELECT count(*) FROM digests") == 0
