"""Create and Update at a hub: what a member publishes, once, in any order, and never another's."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Statement
from tests.cast import PUBLIC, Peer
from tests.federation.conftest import let_in
from tests.federation.sending import arrived, send
from tests.foreign import a_resource, a_statement, an_event
from tests.servers import Server, eventually


async def count(of: Server) -> int:
    return int(await of.value("SELECT count(*) FROM objects WHERE actor_id IS NULL"))


@pytest.mark.parametrize(
    ("make", "kind"), [(an_event, Event), (a_resource, Resource), (a_statement, Statement)]
)
async def test_create(ruche: Server, member: Peer, make: Any, kind: Any) -> None:
    """Each kind is kept as its member says it, and passed on to the hub's followers by id."""
    obj = make(member)
    assert await send(member, ruche, member.activity("Create", obj)) == "kept"
    found = await ruche.object(obj["id"])
    assert found is not None and isinstance(found.content, kind)
    assert (found.actor_uri, found.actor_id) == (member.uri, None)
    assert await ruche.rows(
        "SELECT object_uri FROM activities WHERE type = 'Announce' AND is_public = 1"
    ) == [(obj["id"],)]


async def test_what_an_event_says_is_kept(ruche: Server, member: Peer) -> None:
    """Name, times with their offset, place, text; what can't be read is left out."""
    obj = an_event(member, timezone="Europe/Paris", status="TENTATIVE", nameMap={"fr": "AG"})
    await send(member, ruche, member.activity("Create", obj))
    found = await ruche.object(obj["id"])
    assert found is not None and isinstance(found.content, Event)
    event = found.content
    assert event.name == {"fr": "AG"} and event.status == "tentative"
    assert event.start.isoformat() == "2027-05-12T18:00:00+02:00"
    assert event.place is not None and event.place.latitude == 47.2
    assert event.description == {"und": "Comptes et élections."}


async def test_create_twice(ruche: Server, member: Peer) -> None:
    """The same activity and the same object under another are one object, announced once."""
    create = member.activity("Create", an_event(member))
    await send(member, ruche, create)
    assert (await member.send(f"{ruche.url}/inbox", create)).status == 202
    assert await send(member, ruche, member.activity("Create", an_event(member))) == "known"
    assert await count(ruche) == 1
    assert await ruche.value("SELECT count(*) FROM activities WHERE type = 'Announce'") == 1


@pytest.mark.case("A10")
@pytest.mark.parametrize(
    "who_asks",
    ["object id", "object alone"],
)
async def test_a10_create_by_id_is_read_at_its_origin(
    ruche: Server, member: Peer, who_asks: str
) -> None:
    """An object given by its id is fetched, and is what its origin says it is."""
    obj = an_event(member)
    member.serve(obj)
    given: Any = obj["id"] if who_asks == "object id" else [obj["id"]]
    assert await send(member, ruche, member.activity("Create", given)) == "kept"
    assert await ruche.object(obj["id"]) is not None


FOREIGN: dict[str, Any] = {
    "another host's object": lambda who, other: an_event(who, id=f"{other.url}/objects/1"),
    "another author": lambda who, other: an_event(who, attributedTo=other.uri),
    "another author of the same host": lambda who, other: an_event(
        who, attributedTo=f"{who.url}/actors/corneille"
    ),
    "two authors": lambda who, other: an_event(who, attributedTo=[who.uri, other.uri]),
    "no author": lambda who, other: an_event(who, attributedTo=None),
    "another's object whole": lambda who, other: an_event(other),
    "no id": lambda who, other: an_event(who, id=None),
    "an id of another scheme": lambda who, other: an_event(who, id="urn:uuid:1"),
    "another's object by id": lambda who, other: an_event(other)["id"],
    "a statement for another": lambda who, other: a_statement(
        who, charterStatement=a_statement(other)["charterStatement"]
    ),
}


@pytest.mark.case("A9")
async def test_a9_create_of_what_is_not_its_senders(ruche: Server, member: Peer, pie: Peer) -> None:
    """Only what is its member's own, by id, author and origin, is kept; nobody is asked."""
    await let_in(ruche, pie)
    pie.serve(an_event(pie))
    pie.got.clear()
    for told, make in FOREIGN.items():
        for verb in ("Create", "Update"):
            await send(member, ruche, member.activity(verb, make(member, pie)))
            assert await count(ruche) == 0, told
    assert pie.asked() == 0


SENSELESS: dict[str, Any] = {
    "no start": {"startTime": None},
    "a start that is none": {"startTime": "soon"},
    "an end before the start": {"endTime": "2027-05-12T17:00:00+02:00"},
    "no name": {"name": None},
    "year one": {"startTime": "0001-01-01T00:00:00Z", "endTime": None},
    "a number for a name": {"name": 3},
    "a note": {"type": "Note"},
    "a note with the hashtag in its text alone": {
        "type": "Note",
        "content": "#PlateformesEnCommuns",
    },
    "no type": {"type": None},
}


async def test_create_of_what_makes_no_sense(ruche: Server, member: Peer) -> None:
    """What breaks its schema, or is of no kind that a directory keeps, leaves no object."""
    for told, change in SENSELESS.items():
        await send(member, ruche, member.activity("Create", an_event(member, **change)))
        assert await count(ruche) == 0, told
    assert await ruche.value("SELECT count(*) FROM inbox WHERE state = 'parked'") == 0


@pytest.mark.case("A13")
@pytest.mark.parametrize("make", [an_event, a_resource, a_statement])
async def test_a13_update(ruche: Server, member: Peer, make: Any) -> None:
    """A newer version replaces; an older one, and the same again, are passed over."""
    await send(member, ruche, member.activity("Create", make(member)))
    newer = make(member, updated="2026-11-21T09:00:00Z", content="<p>2</p>")
    if "resource" in newer:
        newer["resource"] |= {"version": "2"}
    elif "charterStatement" in newer:
        newer["charterStatement"] |= {"validUntil": "2028-11-20"}
    assert await send(member, ruche, member.activity("Update", newer)) == "kept"
    kept = await ruche.object(newer["id"])
    assert await send(member, ruche, member.activity("Update", newer)) == "known"
    older = make(member, updated="2026-11-20T10:00:00Z")
    assert await send(member, ruche, member.activity("Update", older)) == "older than ours"
    assert await send(member, ruche, member.activity("Create", make(member))) == "older than ours"
    assert await ruche.object(newer["id"]) == kept
    assert await ruche.value("SELECT count(*) FROM activities WHERE type = 'Announce'") == 1


async def test_update_before_create(ruche: Server, member: Peer) -> None:
    """It is kept; the Create that arrives late changes nothing."""
    newer = an_event(member, updated="2026-11-21T09:00:00Z", name="AG, reportée")
    assert await send(member, ruche, member.activity("Update", newer)) == "kept"
    late = member.activity("Create", an_event(member))
    assert await send(member, ruche, late) == "older than ours"
    found = await ruche.object(newer["id"])
    assert found is not None and isinstance(found.content, Event)
    assert found.content.name == {"und": "AG, reportée"}


async def test_update_to_another_kind(ruche: Server, member: Peer) -> None:
    """A thing stays what it is."""
    await send(member, ruche, member.activity("Create", an_event(member, "x")))
    other = a_resource(member, "x", updated="2026-11-22T09:00:00Z")
    assert await send(member, ruche, member.activity("Update", other)) == "of another kind"


async def test_a_date_in_the_future_blocks_no_correction(ruche: Server, member: Peer) -> None:
    """Whoever dates a version in the year 9000 can still correct it."""
    far = an_event(member, published="9000-01-01T00:00:00Z", updated="9000-01-02T00:00:00Z")
    await send(member, ruche, member.activity("Create", far))
    better = an_event(member, published="9000-01-01T00:00:00Z", name="Mieux")
    assert await send(member, ruche, member.activity("Update", better)) == "kept"


async def test_update_of_a_profile(ruche: Server, member: Peer) -> None:
    """The directory shows what the member's own server says now, not the copy that came."""
    member.serve(member.actor(name="Le Corbeau", summary="<p>Noir.</p>"))
    update = member.activity("Update", member.actor(name="Un autre"))
    assert await send(member, ruche, update) == "profile"
    entry = await ruche.entry(member.uri)
    assert entry is not None and entry.name == "Le Corbeau"
    assert entry.profile.summary == {"und": "Noir."}


@pytest.mark.parametrize("state", ["suspended", "left", "refused"])
async def test_who_is_no_member_is_not_shown(ruche: Server, member: Peer, state: Any) -> None:
    """Neither what it published before nor what it sends now."""
    await send(member, ruche, member.activity("Create", an_event(member)))
    if state == "suspended":
        await ruche.decide(member.uri, "suspend", "abuse")
    else:
        leave = member.activity("Leave", ruche.actor_uri)
        assert await send(member, ruche, leave) == "left"
    if state == "refused":
        await send(member, ruche, member.activity("Join", ruche.actor_uri))
        await ruche.decide(member.uri, "refuse", "other")
    await member.send(f"{ruche.url}/inbox", member.activity("Create", a_resource(member)))
    await ruche.quiet()
    async with member.http.get(f"{ruche.url}/api/v1/events") as response:
        assert (await response.json())["total"] == 0
    async with member.http.get(f"{ruche.url}/api/v1/resources") as response:
        assert (await response.json())["total"] == 0


async def test_an_applicant_shows_its_statement_and_nothing_else(
    ruche: Server, corbeau: Peer
) -> None:
    """While it is asked the operator can read the statement; nothing is public."""
    assert await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri)) == "asked"
    assert await send(corbeau, ruche, corbeau.activity("Create", a_statement(corbeau))) == "kept"
    note = await send(corbeau, ruche, corbeau.activity("Create", an_event(corbeau)))
    assert note == "not a member's"
    assert await ruche.value("SELECT count(*) FROM activities WHERE is_public = 1") == 0
    figures = (await ruche.status())["directory"]
    assert figures["members"] == figures["statements"] == 0


async def test_a_node_keeps_nobodys_objects(lilas: Server, corbeau: Peer) -> None:
    """A member's node is no directory: a stranger's Create leaves no row."""
    before = await lilas.snapshot()
    reply = await corbeau.send(f"{lilas.url}/inbox", corbeau.activity("Create", an_event(corbeau)))
    assert reply.status == 202
    assert await lilas.snapshot() == before


async def test_the_hub_passes_on_by_id(ruche: Server, member: Peer, pie: Peer) -> None:
    """A follower of the hub gets an Announce that names the object, and no copy of it."""
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    obj = an_event(member)
    await send(member, ruche, member.activity("Create", obj))
    await eventually(arrived(pie, "Announce"))
    (announce,) = pie.posted("Announce")
    assert (announce["actor"], announce["object"]) == (ruche.actor_uri, obj["id"])
    assert PUBLIC in announce["to"]
