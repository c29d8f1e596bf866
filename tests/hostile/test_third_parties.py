"""A node is nobody's tool against others: whom it asks, whom it refuses, whose name it shows."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import let_in
from tests.hostile.peer import KEY, Peer, a_peer
from tests.servers import Server


async def test_a_made_up_actor_does_not_spoil_a_good_key(hub: Server, peer: Peer) -> None:
    """Garbage in the name of a missing actor, with a newcomer's key id, does not lock it out."""
    key = f"{peer.mallory}#main-key"
    ghost = peer.activity("Follow", hub.actor_uri, actor=f"{peer.url}/u/ghost")
    status, _ = await peer.post(f"{hub.url}/inbox", ghost, key_uri=key)
    assert status == 401
    status, text = await peer.post(f"{hub.url}/inbox", peer.activity("Follow", hub.actor_uri))
    assert status == 202, text


@pytest.mark.parametrize("how", ["Create", "Update", "Announce", "Add", "featured"])
async def test_a_member_cannot_send_the_hub_to_a_third_party(
    hub: Server, peer: Peer, how: str
) -> None:
    """What no member can have written is not fetched, by whatever way it is named."""
    async with a_peer() as victim:
        victim.asked.clear()
        if how == "featured":
            peer.collect("mallory", "featured", [f"{victim.url}/big/{n}" for n in range(20)])
        await let_in(hub, peer)
        if how != "featured":
            for n in range(5):
                activity = peer.activity(how, f"{victim.url}/big/{n}")
                assert (await peer.post(f"{hub.url}/inbox", activity))[0] == 202
        await hub.quiet()
        assert victim.asked == []


@pytest.mark.parametrize(
    "name", ["../../admin", "good@good.example", "a b", "a/b", "a?b", "<b>", "x" * 200, "a\nb", ""]
)
async def test_a_handle_is_made_of_a_plain_name(hub: Server, peer: Peer, name: str) -> None:
    """An actor whose user name is a path, a handle or markup is no actor."""
    actor = peer.add("odd", preferredUsername=name)
    join = peer.activity("Join", hub.actor_uri, actor=actor)
    assert (await peer.post(f"{hub.url}/inbox", join))[0] == 401
    assert await hub.entry(actor) is None


async def test_two_members_tell_of_one_object(hub: Server, peer: Peer) -> None:
    """An id that a member has used cannot be taken, changed or withdrawn by its neighbour."""
    await let_in(hub, peer)
    other = peer.add("other")
    await let_in(hub, peer, other)
    uri = f"{peer.url}/o/mine"
    await peer.post(f"{hub.url}/inbox", peer.activity("Create", peer.event("/o/mine")))
    await hub.quiet()
    for theirs in (
        peer.activity("Create", peer.event("/o/mine", actor=other, name="x"), actor=other),
        peer.activity("Update", peer.event("/o/mine", name="x"), actor=other),
        peer.activity("Update", peer.event("/o/mine", actor=other, name="x"), actor=other),
        peer.activity("Delete", uri, actor=other),
        peer.activity("Delete", {"id": uri, "type": "Tombstone"}, actor=other),
        peer.activity("Delete", [uri], actor=other),
        peer.activity("Undo", peer.activity("Create", uri), actor=other),
    ):
        status, text = await peer.post(f"{hub.url}/inbox", theirs)
        assert status == 202, text
    # a signature by a neighbour's key, though every test actor has the same one
    lent = peer.activity("Delete", uri)
    assert KEY.key_size == 2048
    status, _ = await peer.post(f"{hub.url}/inbox", lent, key_uri=f"{other}#main-key")
    assert status == 202
    await hub.quiet()
    kept = await hub.object(uri)
    assert kept is not None
    assert kept.deleted_at is None
    assert kept.actor_uri == peer.mallory
    assert "x" not in str(kept.content.name)  # type: ignore[union-attr]


async def test_withdrawn_is_withdrawn(hub: Server, peer: Peer) -> None:
    """Nothing brings an id back: not the Create again, another kind, an Update or the outbox."""
    await let_in(hub, peer)
    event = peer.event("/o/gone")
    resource = {
        "id": event["id"], "type": "Note", "attributedTo": peer.mallory,
        "resource": {"uid": "r", "name": {"fr": "x"}, "kind": "statutes", "license": None,
                     "openness": "public"},
    }  # fmt: skip
    for activity in (
        peer.activity("Create", event),
        peer.activity("Update", resource),
        peer.activity("Delete", event["id"]),
        peer.activity("Create", event),
        peer.activity("Create", resource),
        peer.activity("Update", event | {"updated": "2026-11-23T20:00:00Z"}),
        peer.activity("Announce", event["id"]),
    ):
        assert (await peer.post(f"{hub.url}/inbox", activity))[0] == 202
    peer.collect("mallory", "outbox", [peer.activity("Create", event)])
    await hub.quiet()
    kept = await hub.object(event["id"])
    assert kept is not None
    assert kept.kind == "event"
    assert kept.deleted_at is not None
