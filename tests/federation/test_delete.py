"""Delete and Announce at a hub: withdrawn is withdrawn, and a copy is only a hint."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Peer, new_key
from tests.federation.conftest import let_in
from tests.federation.sending import send
from tests.foreign import a_resource, an_event
from tests.servers import Server

FORMS: dict[str, Any] = {
    "id": lambda obj: obj["id"],
    "Tombstone": lambda obj: {"id": obj["id"], "type": "Tombstone", "formerType": obj["type"]},
    "the whole object": lambda obj: obj,
    "a list of one": lambda obj: [obj["id"]],
}


@pytest.mark.parametrize("form", FORMS)
async def test_delete(ruche: Server, member: Peer, form: str) -> None:
    """In each form the object is gone from the directory; a second Delete changes nothing."""
    obj = an_event(member)
    await send(member, ruche, member.activity("Create", obj))
    assert await send(member, ruche, member.activity("Delete", FORMS[form](obj))) == "withdrawn"
    found = await ruche.object(obj["id"])
    assert found is not None and found.deleted_at is not None
    await send(member, ruche, member.activity("Delete", FORMS[form](obj)))
    assert await ruche.object(obj["id"]) == found


async def test_delete_then_late_create(ruche: Server, member: Peer) -> None:
    """An id that was withdrawn never comes back, in whatever form it is sent."""
    obj = an_event(member)
    assert await send(member, ruche, member.activity("Delete", obj["id"])) == "not shown here"
    for verb in ("Create", "Update"):
        newer = an_event(member, updated="2026-11-22T09:00:00Z")
        assert await send(member, ruche, member.activity(verb, newer)) == "withdrawn before"
    member.serve(obj)
    assert await send(member, ruche, member.activity("Create", obj["id"])) == "withdrawn before"
    assert await ruche.object(obj["id"]) is None


async def test_delete_of_anothers(ruche: Server, member: Peer, pie: Peer) -> None:
    """Neither another member's object, nor the hub's, nor the hub or another member itself."""
    await let_in(ruche, pie)
    obj = an_event(pie)
    await send(pie, ruche, pie.activity("Create", obj))
    for target in (obj["id"], pie.uri, ruche.actor_uri, ruche.url):
        note = await send(member, ruche, member.activity("Delete", target))
        assert note == "not its sender's to delete", target
    found = await ruche.object(obj["id"])
    assert found is not None and found.deleted_at is None
    assert await ruche.state_of(pie.uri) == "member"


async def test_delete_by_a_neighbour(ruche: Server, member: Peer) -> None:
    """Another actor of the same server can't withdraw it, nor block it for its author."""
    key = new_key()
    member.serve(member.actor("corneille", key))
    obj, neighbour = an_event(member), f"{member.url}/actors/corneille"
    await send(member, ruche, member.activity("Create", obj))
    as_neighbour = {"key": key, "key_uri": f"{neighbour}#main-key"}
    join = member.activity("Join", ruche.actor_uri, actor=neighbour)
    await member.send(f"{ruche.url}/inbox", join, **as_neighbour)
    await ruche.note_of(join["id"])
    await ruche.decide(neighbour, "accept")
    delete = member.activity("Delete", obj["id"], actor=neighbour)
    await member.send(f"{ruche.url}/inbox", delete, **as_neighbour)
    assert await ruche.note_of(delete["id"]) == "not shown here"
    found = await ruche.object(obj["id"])
    assert found is not None and found.deleted_at is None


async def test_a_member_deletes_itself(ruche: Server, member: Peer) -> None:
    """It leaves, everything it had here goes, and its line is in the log."""
    await send(member, ruche, member.activity("Create", an_event(member)))
    await send(member, ruche, member.activity("Create", a_resource(member)))
    await send(member, ruche, member.activity("Follow", ruche.actor_uri))
    delete = member.activity("Delete", {"id": member.uri, "type": "Person"})
    assert await send(member, ruche, delete) == "actor gone"
    assert await ruche.state_of(member.uri) == "left"
    live = "SELECT count(*) FROM objects WHERE actor_id IS NULL AND deleted_at IS NULL"
    assert await ruche.value(live) == 0
    assert (await ruche.status())["followers"] == 0
    assert (await ruche.rows("SELECT act FROM log_acts ORDER BY n"))[-1] == ("leave",)


async def test_a_withdrawn_object_is_gone_from_the_public(ruche: Server, member: Peer) -> None:
    """The API has it before and not after."""
    obj = an_event(member)
    await send(member, ruche, member.activity("Create", obj))
    totals = []
    for target in (None, obj["id"]):
        if target:
            await send(member, ruche, member.activity("Delete", target))
        async with member.http.get(f"{ruche.url}/api/v1/events") as response:
            totals.append((await response.json())["total"])
    assert totals == [1, 0]


@pytest.mark.case("A19")
async def test_a19_announce_is_read_at_its_origin(ruche: Server, member: Peer, pie: Peer) -> None:
    """A member points at another member's object: its author's own version is kept."""
    await let_in(ruche, pie)
    obj = an_event(pie, name="La vraie")
    pie.serve(obj)
    copy = an_event(pie, name="La fausse", updated="2026-11-22T09:00:00Z")
    assert await send(member, ruche, member.activity("Announce", copy)) == "kept"
    async with member.http.get(f"{ruche.url}/api/v1/events") as response:
        (item,) = (await response.json())["items"]
    assert item["member"] and "La vraie" in str(item["name"])
    assert await send(member, ruche, member.activity("Announce", obj["id"])) == "known"
    passed_on = "SELECT count(*) FROM activities WHERE type = 'Announce'"
    assert await ruche.value(passed_on) == 0, "what others announce the hub doesn't repeat"


async def test_announce_of_a_strangers_object(ruche: Server, member: Peer, pie: Peer) -> None:
    """Nothing of somebody who is no member is kept, and its server isn't asked."""
    obj = an_event(pie)
    pie.serve(obj)
    pie.got.clear()
    note = await send(member, ruche, member.activity("Announce", obj["id"]))
    assert note == "not a member's"
    assert pie.got == [] and await ruche.object(obj["id"]) is None


async def test_announce_of_what_is_gone(ruche: Server, member: Peer, pie: Peer) -> None:
    """What its origin no longer serves isn't kept from the copy that came along."""
    await let_in(ruche, pie)
    obj = an_event(pie)
    pie.gone(obj["id"])
    await send(member, ruche, member.activity("Announce", obj))
    assert await ruche.object(obj["id"]) is None


async def test_add_and_remove_of_something_featured(ruche: Server, member: Peer) -> None:
    """A member puts a resource forward: a hint to fetch; taking it back withdraws nothing."""
    obj = a_resource(member)
    member.serve(obj)
    target = {"target": f"{member.uri}/featured"}
    copy = a_resource(member, content="<p>Faux</p>", updated="2026-11-22T09:00:00Z")
    assert await send(member, ruche, member.activity("Add", copy, **target)) == "kept"
    kept = await ruche.object(obj["id"])
    assert await send(member, ruche, member.activity("Add", obj["id"], **target)) == "known"
    assert await send(member, ruche, member.activity("Remove", obj["id"], **target)) == "heard"
    assert await ruche.object(obj["id"]) == kept


@pytest.mark.parametrize("what", ["ours", "a Create", "nothing", "a list"])
async def test_announce_of_something_else(ruche: Server, member: Peer, what: str) -> None:
    """Our own things, activities, nothing: no effect, nothing is parked."""
    objects: dict[str, Any] = {
        "ours": ruche.actor_uri,
        "a Create": member.activity("Create", an_event(member)),
        "nothing": "",
        "a list": ["http://a.example/1", "http://a.example/2"],
    }
    member.serve(member.activity("Create", an_event(member)) | {"id": objects["a Create"]["id"]})
    await send(member, ruche, member.activity("Announce", objects[what]))
    assert await ruche.value("SELECT count(*) FROM objects WHERE actor_id IS NULL") == 0
    assert await ruche.value("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
