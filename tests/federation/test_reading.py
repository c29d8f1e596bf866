"""Push is a hint, pull is the truth: what a hub finds when it reads a member's collections."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.errors import FetchError
from pecfed.federation.reading import read_member
from pecfed.store import members
from tests.cast import Peer
from tests.federation.sending import send
from tests.foreign import a_resource, a_statement, an_event
from tests.servers import Server, eventually


async def read_again(hub: Server, who: Peer) -> None:
    """Have a member's collections read now, and wait for it."""
    entry = await hub.entry(who.uri)
    assert entry is not None
    await hub.write(lambda s: members.read_at(s, entry.id, clock.now_ms()))
    await hub.quiet()


async def shown(hub: Server) -> set[str]:
    """The ids of what the hub keeps of others and shows."""
    rows = await hub.rows("SELECT uri FROM objects WHERE actor_id IS NULL AND deleted_at IS NULL")
    return {row[0] for row in rows}


async def test_what_never_arrived_is_found(ruche: Server, member: Peer) -> None:
    """A Create, an Update and a Delete whose deliveries were lost: all as if they had come."""
    first, other = an_event(member, "first"), a_resource(member, "other")
    better = an_event(member, "first", name="Mieux", updated="2026-11-22T09:00:00Z")
    member.publish([
        member.activity("Delete", other["id"]),
        member.activity("Update", better),
        member.activity("Create", other),
        member.activity("Create", first),
    ])  # fmt: skip
    await read_again(ruche, member)
    assert await shown(ruche) == {first["id"]}
    found = await ruche.object(first["id"])
    assert found is not None and isinstance(found.content, Event)
    assert found.content.name == {"und": "Mieux"}
    due = await ruche.value("SELECT read_due_at FROM members")
    assert due - clock.now_ms() > 23 * 3_600_000, "and again tomorrow"


async def test_an_outbox_that_gives_ids(ruche: Server, member: Peer) -> None:
    """Some servers name their objects by id alone: they are read one by one."""
    obj, gone = an_event(member), an_event(member, "gone")
    member.serve(obj)
    member.gone(gone["id"])
    member.publish([
        member.activity("Create", gone["id"]),
        member.activity("Create", obj["id"]),
        member.activity("Update", obj["id"]),
        "http://a.example/activities/1",
        {"type": "Create", "actor": member.uri},
    ])  # fmt: skip
    member.got.clear()
    await read_again(ruche, member)
    assert await shown(ruche) == {obj["id"]}
    assert member.asked("/objects/ag") == 1


async def test_what_the_outbox_no_longer_names_is_asked_for(ruche: Server, member: Peer) -> None:
    """Gone at its origin, it goes here; still there, it stays, though its age left the outbox."""
    stays, goes = an_event(member, "stays"), an_event(member, "goes")
    for obj in (stays, goes):
        await send(member, ruche, member.activity("Create", obj))
    member.serve(stays)
    member.gone(goes["id"])
    await read_again(ruche, member)
    assert await shown(ruche) == {stays["id"]}
    member.serve(goes)
    member.publish([member.activity("Create", goes)])
    await read_again(ruche, member)
    assert await shown(ruche) == {stays["id"]}, "withdrawn for good"


async def test_an_origin_that_is_away_loses_nothing(ruche: Server, member: Peer) -> None:
    """An error of its server is no withdrawal."""
    obj = an_event(member)
    await send(member, ruche, member.activity("Create", obj))
    for path in (f"/actors/{member.name}", "/objects/ag", f"/actors/{member.name}/outbox"):
        kept = member.pages.get(path)
        member.pages[path] = (500, "text/plain", b"away")
        entry = await ruche.entry(member.uri)
        assert entry is not None
        with pytest.raises(FetchError) as caught:
            await read_member(ruche.node, entry)
        assert caught.value.retry, path
        if kept:
            member.pages[path] = kept
    assert await shown(ruche) == {obj["id"]}
    assert await ruche.state_of(member.uri) == "member"


async def test_a_member_that_is_gone_waits_for_the_operator(ruche: Server, member: Peer) -> None:
    """410 for the actor: nothing is deleted by itself."""
    obj = an_event(member)
    await send(member, ruche, member.activity("Create", obj))
    member.gone(member.uri)
    entry = await ruche.entry(member.uri)
    assert entry is not None
    await ruche.write(lambda s: members.read_at(s, entry.id, clock.now_ms()))
    await eventually(lambda: ruche.value("SELECT gone_at FROM remote_actors"))
    assert await ruche.state_of(member.uri) == "member"
    assert await shown(ruche) == {obj["id"]}


FOREIGN: dict[str, Any] = {
    "another actor": lambda who, other: who.activity("Create", an_event(who), actor=other.uri),
    "another author": lambda who, other: who.activity(
        "Create", an_event(who, attributedTo=other.uri)
    ),
    "another host's object": lambda who, other: who.activity("Create", an_event(other)),
    "another host's object by id": lambda who, other: who.activity("Create", an_event(other)["id"]),
    "a Delete of another host's": lambda who, other: who.activity("Delete", an_event(other)["id"]),
    "an Announce": lambda who, other: who.activity("Announce", an_event(other)["id"]),
    "nothing": lambda who, other: None,
    "a number": lambda who, other: 3,
}


async def test_an_outbox_says_nothing_of_others(ruche: Server, member: Peer, pie: Peer) -> None:
    """Whatever it holds beside its own: no row, and nobody else is asked."""
    pie.serve(an_event(pie))
    before = await shown(ruche)
    member.publish([make(member, pie) for make in FOREIGN.values()])
    await read_again(ruche, member)
    assert await shown(ruche) == before == set()
    assert pie.got == []
    assert await ruche.value("SELECT count(*) FROM withdrawn") == 0


async def test_a_profile_and_statement_in_step(ruche: Server, member: Peer) -> None:
    """The name, the place and the featured statement are as the member has them today."""
    statement = a_statement(member)
    member.serve(statement)
    featured = {"id": f"{member.uri}/featured", "type": "Collection", "items": [statement["id"]]}
    member.serve(featured)
    place = {"type": "Place", "name": "Nantes", "address": {"addressCountry": "FR"}}
    member.serve(
        member.actor(
            name="Corbeau & fils",
            featured=featured["id"],
            location=place,
            profile={"legalForm": "scic", "sectors": ["food", "magic"], "history": [3]},
        )
    )
    await read_again(ruche, member)
    entry = await ruche.entry(member.uri)
    assert entry is not None
    assert (entry.name, entry.profile.legal_form) == ("Corbeau & fils", "scic")
    assert entry.profile.sectors == ("food",) and entry.profile.place is not None
    assert entry.profile.place.country == "FR"
    assert await shown(ruche) == {statement["id"]}


async def test_reading_twice_changes_nothing(ruche: Server, member: Peer) -> None:
    """The second time all is known."""
    member.publish([member.activity("Create", an_event(member))])
    await read_again(ruche, member)
    before = (await ruche.snapshot())["objects"]
    await read_again(ruche, member)
    assert (await ruche.snapshot())["objects"] == before
