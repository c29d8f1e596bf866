"""Join and Leave at a hub: asked, decided, told to the member with its reason, left."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import join
from tests.cast import PUBLIC, Peer
from tests.federation.sending import arrived, send
from tests.foreign import a_statement, an_event
from tests.servers import Server, eventually


async def test_join(ruche: Server, corbeau: Peer) -> None:
    """Kept for the operator, with its profile and line; nothing is public, nobody is told."""
    corbeau.serve(corbeau.actor(name="Le Corbeau"))
    join = corbeau.activity("Join", ruche.actor_uri)
    assert await send(corbeau, ruche, join) == "asked"
    entry = await ruche.entry(corbeau.uri)
    assert entry is not None
    assert (entry.state, entry.name, entry.join_uri) == ("asked", "Le Corbeau", join["id"])
    assert entry.slug == f"corbeau@{corbeau.url.removeprefix('http://')}"
    told = [(each.deed, each.to_state, each.by) for each in await ruche.history(corbeau.uri)]
    assert told == [("ask", "asked", corbeau.uri)]
    assert corbeau.posted() == []
    assert (await ruche.status())["directory"]["members"] == 0


async def test_a_hub_joins_nobody(ruche: Server, corbeau: Peer) -> None:
    """Its card doesn't say Join: refused in words, and nothing is written down."""
    me = await ruche.me()
    other = await ruche.node.remotes.refresh(corbeau.uri)
    with pytest.raises(RefusedError, match="says no Join"):
        await ruche.write(lambda s: join.ask(s, ruche.node.uris, me, other))
    assert await ruche.value("SELECT count(*) FROM memberships") == 0


async def test_join_twice(ruche: Server, corbeau: Peer) -> None:
    """One entry, one line; the newest Join is the one that will be answered."""
    await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    again = corbeau.activity("Join", ruche.actor_uri)
    assert await send(corbeau, ruche, again) == "asked"
    entry = await ruche.entry(corbeau.uri)
    assert entry is not None and entry.join_uri == again["id"]
    assert len(await ruche.history(corbeau.uri)) == 1
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await eventually(arrived(corbeau, "Accept"))
    assert corbeau.posted("Accept")[0]["object"]["id"] == again["id"]


async def test_the_statement_is_read_while_it_is_asked(ruche: Server, corbeau: Peer) -> None:
    """The hub reads the applicant's featured objects, for the operator's eyes."""
    statement = a_statement(corbeau)
    corbeau.serve(statement)
    featured = {"id": f"{corbeau.uri}/featured", "type": "OrderedCollection"}
    corbeau.serve(featured | {"orderedItems": [statement["id"], an_event(corbeau)["id"]]})
    corbeau.serve(an_event(corbeau))
    corbeau.serve(corbeau.actor(featured=featured["id"]))
    await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    await ruche.quiet()
    assert await ruche.object(statement["id"]) is not None
    assert await ruche.object(an_event(corbeau)["id"]) is None


async def test_accept(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """Accept with the Join, a Follow; its outbox is read; the hub's followers hear of it."""
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    old = corbeau.activity("Create", an_event(corbeau, "before"))
    gone = corbeau.activity("Create", an_event(corbeau, "gone"))
    delete = corbeau.activity("Delete", an_event(corbeau, "gone")["id"])
    corbeau.publish([delete, gone, old])
    join = corbeau.activity("Join", ruche.actor_uri)
    await send(corbeau, ruche, join)
    await ruche.quiet()
    entry = await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    assert entry.state == "member"
    await eventually(arrived(corbeau, "Follow"))
    await eventually(arrived(corbeau, "Accept"))
    (accept,) = corbeau.posted("Accept")
    assert accept["object"] == {k: join[k] for k in ("id", "type", "actor", "object")}
    await eventually(arrived(pie, "Create"))
    (add,), (news,) = pie.posted("Add"), pie.posted("Create")
    assert (add["object"], add["target"]) == (corbeau.uri, f"{ruche.url}/directory")
    assert "Corbeau" in news["object"]["content"] and PUBLIC in news["to"]
    await ruche.quiet()
    assert await ruche.object(an_event(corbeau, "before")["id"]) is not None
    withdrawn = await ruche.object(an_event(corbeau, "gone")["id"])
    assert withdrawn is not None and withdrawn.deleted_at is not None
    read = "SELECT count(*) FROM activities WHERE type = 'Announce'"
    assert await ruche.value(read) == 0, "what was there before isn't news"


async def test_refuse(ruche: Server, corbeau: Peer) -> None:
    """The Reject names the Join, the state, the reason and the operator's words."""
    join = corbeau.activity("Join", ruche.actor_uri)
    await send(corbeau, ruche, join)
    await ruche.decide(corbeau.uri, "refuse", "out-of-scope", "Pas une <plateforme>.")
    await eventually(arrived(corbeau, "Reject"))
    (reject,) = corbeau.posted("Reject")
    assert reject["object"]["id"] == join["id"]
    assert (reject["membership"], reject["reason"]) == ("refused", "out-of-scope")
    assert reject["summary"] == "<p>Pas une &lt;plateforme&gt;.</p>"
    assert corbeau.posted("Follow") == []
    assert await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri)) == "asked"


async def test_suspend_and_restore(ruche: Server, member: Peer) -> None:
    """Told, unfollowed, off the directory; restored, it is all there again without a new Join."""
    obj = an_event(member)
    member.serve(obj)
    create = member.activity("Create", obj)
    member.publish([create])
    await send(member, ruche, create)
    await ruche.decide(member.uri, "suspend", "security", "Compte compromis.")
    await eventually(arrived(member, "Undo"))
    (reject,) = member.posted("Reject")
    assert (reject["membership"], reject["reason"]) == ("suspended", "security")
    assert (await ruche.status())["directory"]["events"] == 0
    assert await send(member, ruche, member.activity("Join", ruche.actor_uri)) == "suspended"
    await ruche.decide(member.uri, "restore", "resolved")
    await eventually(arrived(member, "Follow", 2))
    figures = (await ruche.status())["directory"]
    assert (figures["members"], figures["events"]) == (1, 1)


LEAVING: dict[str, Any] = {
    "Leave of the hub": lambda who, hub, join: who.activity("Leave", hub.actor_uri),
    "Leave of its directory": lambda who, hub, join: who.activity("Leave", f"{hub.url}/directory"),
    "Undo of the Join": lambda who, hub, join: who.activity("Undo", join),
    "Undo of the Join by id": lambda who, hub, join: who.activity("Undo", join["id"]),
    "Delete of itself": lambda who, hub, join: who.activity("Delete", who.uri),
}


@pytest.mark.parametrize("how", LEAVING)
async def test_leave(ruche: Server, corbeau: Peer, pie: Peer, how: str) -> None:
    """However a member leaves: off the directory at once, unfollowed, its followers told."""
    await send(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    join = corbeau.activity("Join", ruche.actor_uri)
    await send(corbeau, ruche, join)
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await eventually(arrived(corbeau, "Follow"))
    await send(corbeau, ruche, LEAVING[how](corbeau, ruche, join))
    assert await ruche.state_of(corbeau.uri) == "left"
    await eventually(arrived(pie, "Remove"))
    assert pie.posted("Remove")[0]["object"] == corbeau.uri
    assert (await ruche.status())["directory"]["members"] == 0
    last = (await ruche.history(corbeau.uri))[-1]
    assert (last.deed, last.by, last.reason) == ("leave", corbeau.uri, "asked-by-member")
    if how != "Delete of itself":
        await eventually(arrived(corbeau, "Undo"))


async def test_leave_twice_and_again(ruche: Server, member: Peer) -> None:
    """A second Leave finds no member; who left may ask again."""
    leave = member.activity("Leave", ruche.actor_uri)
    assert await send(member, ruche, leave) == "left"
    assert await send(member, ruche, member.activity("Leave", ruche.actor_uri)) == "no member"
    assert await send(member, ruche, member.activity("Join", ruche.actor_uri)) == "asked"


async def test_an_applicant_thinks_again(ruche: Server, corbeau: Peer) -> None:
    """Nobody was told that it asked, so nobody is told that it left."""
    await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    assert await send(corbeau, ruche, corbeau.activity("Leave", ruche.actor_uri)) == "left"
    assert await ruche.value("SELECT count(*) FROM activities") == 0


@pytest.mark.parametrize("verb", ["Join", "Leave", "Undo"])
async def test_about_another_hub(ruche: Server, member: Peer, verb: str) -> None:
    """What a member does at another hub is no business of this one."""
    other = "http://autre.example/actors/ruche"
    said: Any = {"type": "Join", "actor": member.uri, "object": other} if verb == "Undo" else other
    await send(member, ruche, member.activity(verb, said))
    assert await ruche.state_of(member.uri) == "member"


async def test_about_somebody_else(ruche: Server, member: Peer, pie: Peer) -> None:
    """A stranger's Leave or Undo concerns itself alone."""
    join = {"type": "Join", "actor": member.uri, "object": ruche.actor_uri}
    note = await send(pie, ruche, pie.activity("Undo", join))
    assert note == "not its sender's to undo"
    assert await send(pie, ruche, pie.activity("Leave", ruche.actor_uri)) == "no member"
    assert await ruche.state_of(member.uri) == "member"


async def test_no_node_is_a_hub(lilas: Server, corbeau: Peer) -> None:
    """A Join or a Leave at a member's node has no effect."""
    for verb in ("Join", "Leave"):
        reply = await corbeau.send(f"{lilas.url}/inbox", corbeau.activity(verb, lilas.actor_uri))
        assert reply.status == 202
    await lilas.quiet()
    assert await lilas.value("SELECT count(*) FROM members") == 0
    assert corbeau.posted() == []


async def test_what_an_operator_cannot_do(ruche: Server, member: Peer) -> None:
    """Words for a name, a reason and a state that are not possible; nothing changes."""
    await ruche.quiet()
    before = await ruche.snapshot()
    with pytest.raises(NotFoundError, match="members list"):
        await ruche.decide("nobody@nowhere.example", "accept")
    with pytest.raises(UsageError, match="choose one of"):
        await ruche.decide(member.uri, "suspend", "because")
    with pytest.raises(RefusedError, match="is member: can't accept") as caught:
        await ruche.decide(member.uri, "accept")
    assert caught.value.status == 409
    assert await ruche.snapshot() == before


async def test_two_who_call_themselves_alike(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """A handle belongs to whom its host confirms; a claim alone doesn't take another's."""
    host = corbeau.url.removeprefix("http://")
    await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    pie.serve(pie.actor(webfinger=f"corbeau@{host}", name="Corbeau"))
    await send(pie, ruche, pie.activity("Join", ruche.actor_uri))
    mine, theirs = await ruche.entry(corbeau.uri), await ruche.entry(pie.uri)
    assert mine is not None and theirs is not None
    assert mine.slug == f"corbeau@{host}"
    assert theirs.slug == f"pie@{pie.url.removeprefix('http://')}"
