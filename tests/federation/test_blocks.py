"""Who is blocked: not listened to, told nothing, and back again when the block ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from pecfed import clock
from pecfed.domain import blocking, conversation
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.federation import blocked as in_memory
from pecfed.services import blocking as service
from pecfed.services.blocking import Undone
from pecfed.store import members, objects
from pecfed.store.open import open_database
from tests.cast import PUBLIC, Peer
from tests.federation.conftest import let_in
from tests.federation.sending import arrived, send
from tests.foreign import an_event
from tests.servers import Server, eventually

NEWS = '[[resource]]\nuid = "{0}"\nname = "{0}"\nkind = "software"\nopenness = "public"\n'


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change counts with the next request."""
    monkeypatch.setattr(in_memory, "AGAIN_SECONDS", 0.0)


def server_of(who: Peer) -> str:
    return urlsplit(who.url).netloc


async def block(node: Server, target: str, *, yes: bool = False) -> Undone:
    return await node.write(
        lambda session: service.add(
            session, node.node.uris, target, reason="spam", note="", even_members=yes
        )
    )


async def unblock(node: Server, target: str) -> int:
    return await node.write(lambda session: service.remove(session, target))


@pytest.mark.parametrize("whole", [True, False])
async def test_a_blocked_follower(lilas: Server, corbeau: Peer, pie: Peer, whole: bool) -> None:
    """It is let go with a Reject of its own Follow, hears nothing more, and gets a 403."""
    follow = corbeau.activity("Follow", lilas.actor_uri)
    await send(corbeau, lilas, follow)
    await send(pie, lilas, pie.activity("Follow", lilas.actor_uri))
    await lilas.quiet()
    target = server_of(corbeau) if whole else blocking.actor(corbeau.uri)
    assert (await block(lilas, target)).followers == 1
    await eventually(arrived(corbeau, "Reject"))
    (reject,) = corbeau.posted("Reject")
    assert (reject["actor"], reject["object"]) == (
        lilas.actor_uri,
        {name: follow[name] for name in ("id", "type", "actor", "object")},
    )
    await lilas.quiet()
    before, asked = await lilas.snapshot(), corbeau.asked()
    reply = await corbeau.send(f"{lilas.url}/inbox", corbeau.activity("Follow", lilas.actor_uri))
    assert (reply.status, reply.code) == (403, "blocked")
    assert (await lilas.snapshot(), corbeau.asked()) == (before, asked)
    await lilas.apply(NEWS.format("nouveau"))
    await eventually(arrived(pie, "Create"))
    await lilas.quiet()
    assert corbeau.posted("Create") == []
    # and back
    await unblock(lilas, target)
    again = corbeau.activity("Follow", lilas.actor_uri)
    assert await send(corbeau, lilas, again) == "followed"


async def test_what_waits_for_the_blocked_is_not_sent(lilas: Server, corbeau: Peer) -> None:
    """Nor is it parked in sight of the operator."""
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    await lilas.quiet()
    corbeau.inbox_status = 503
    await lilas.apply(NEWS.format("a"))
    await eventually(arrived(corbeau, "Create"))
    await block(lilas, server_of(corbeau))
    waiting = await lilas.rows(
        "SELECT a.type FROM deliveries d JOIN activities a ON a.id = d.activity_id "
        "WHERE d.state <> 'delivered'"
    )
    assert waiting in ([("Reject",)], [])


async def test_a_letter_that_waits_has_no_effect(lilas: Server, corbeau: Peer) -> None:
    """What was acknowledged just before the block is passed over."""
    await block(lilas, blocking.actor(corbeau.uri))
    assert await lilas.node.is_blocked(corbeau.uri)
    from pecfed.federation.dispatch import dispatch
    from pecfed.federation.received import Received

    follow = corbeau.activity("Follow", lilas.actor_uri)
    received = Received("Follow", corbeau.uri, follow)
    assert await dispatch(lilas.node, received) == "blocked meanwhile"


async def test_a_member_is_not_blocked_by_mistake(ruche: Server, member: Peer) -> None:
    """The hub asks for a yes, and then keeps the entry as it is."""
    with pytest.raises(RefusedError) as caught:
        await block(ruche, server_of(member))
    assert member.uri in caught.value.message
    assert not await ruche.node.is_blocked(member.uri)
    await block(ruche, server_of(member), yes=True)
    assert await ruche.node.is_blocked(member.uri)
    assert await ruche.state_of(member.uri) == "member"
    before = member.asked()
    entry = await ruche.entry(member.uri)
    assert entry is not None
    await ruche.write(lambda session: members.read_at(session, entry.id, clock.now_ms()))

    async def due_again() -> bool:
        found = await ruche.entry(member.uri)
        return found is not None and (found.read_due_at or 0) > clock.now_ms() + 3_600_000

    await eventually(due_again)
    assert member.asked() == before


async def test_nobody_points_to_the_blocked(ruche: Server, member: Peer, pie: Peer) -> None:
    """What a blocked member publishes isn't asked for because another member announces it."""
    await let_in(ruche, pie)
    event = an_event(member)
    member.serve(event)
    boost = pie.activity("Announce", event["id"])
    for target in (server_of(member), blocking.actor(member.uri)):
        await block(ruche, target, yes=True)
        assert await send(pie, ruche, boost | {"id": pie.new()}) == "blocked"
        await unblock(ruche, target)
    assert await send(pie, ruche, boost) == "kept"


async def test_the_blocked_take_nobodys_place(
    ruche: Server, corbeau: Peer, pie: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where so much was said that nothing more is kept, a block makes room again."""
    monkeypatch.setattr(conversation, "MAX_ABOUT", 2)
    monkeypatch.setattr(conversation, "MAX_REACTIONS", 1)
    await ruche.apply(NEWS.format("a"))
    (thing,) = await ruche.read(lambda s: objects.of_actor(s, ruche.actor_uri, "resource"))

    def says(who: Peer) -> dict[str, Any]:
        note = {
            "id": who.new("notes"), "type": "Note", "attributedTo": who.uri, "content": "?",
            "to": [PUBLIC], "inReplyTo": thing.uri,
        }  # fmt: skip
        return who.activity("Create", note)

    for _ in range(2):
        assert await send(corbeau, ruche, says(corbeau)) == "reply"
    assert await send(corbeau, ruche, corbeau.activity("Like", thing.uri)) == "liked"
    assert await send(pie, ruche, says(pie)) == "too many about it"
    assert await send(pie, ruche, pie.activity("Like", thing.uri)) == "too many"
    await block(ruche, blocking.actor(corbeau.uri))
    assert await send(pie, ruche, says(pie)) == "reply"
    assert await send(pie, ruche, pie.activity("Like", thing.uri)) == "liked"


async def test_an_entry_does_not_move_to_the_blocked(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """A member can't bring back whom the operator has blocked."""
    await block(ruche, blocking.actor(pie.uri))
    member.serve(member.actor(movedTo=pie.uri))
    pie.serve(pie.actor(alsoKnownAs=[member.uri]))
    before = pie.asked()
    move = member.activity("Move", member.uri, target=pie.uri)
    assert await send(member, ruche, move) == "moved to the blocked"
    assert pie.asked() == before
    assert await ruche.state_of(member.uri) == "member"


async def test_refusals(lilas: Server) -> None:
    """Ourselves, a reason that isn't one, a block that isn't there."""
    with pytest.raises(UsageError):
        await block(lilas, urlsplit(lilas.url).netloc)
    with pytest.raises(UsageError):
        await block(lilas, "127.0.0.1")
    with pytest.raises(UsageError):
        await lilas.write(
            lambda session: service.add(
                session, lilas.node.uris, "x.example", reason="whim", note=""
            )
        )
    with pytest.raises(NotFoundError):
        await unblock(lilas, "x.example")


async def test_a_request_costs_no_query(lilas: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is in memory, and is read again after a change, but not too often."""
    await block(lilas, "x.example")
    blocked = lilas.node.blocked
    assert await blocked.holds("https://a.x.example/users/1")
    monkeypatch.setattr(in_memory, "AGAIN_SECONDS", 3600.0)

    async def never(_work: object) -> object:
        raise AssertionError("a query")

    blocked._database = cast(Any, SimpleNamespace(revision=-5, read=never))
    assert await blocked.holds("https://b.x.example/users/1")
    assert not await blocked.holds("https://y.example/users/1")


async def test_a_block_of_another_process(lilas: Server, corbeau: Peer) -> None:
    """The operator's command is a process of its own; the one that serves hears of it."""
    assert not await lilas.node.is_blocked(corbeau.uri)
    other = await open_database(lilas.settings)
    target, uris = server_of(corbeau), lilas.node.uris
    try:
        await other.write(
            lambda session: service.add(session, uris, target, reason="spam", note="")
        )

        async def refused() -> bool:
            view = corbeau.activity("View", lilas.actor_uri)
            return (await corbeau.send(f"{lilas.url}/inbox", view)).status == 403

        await eventually(refused, 3)
        await other.write(lambda session: service.remove(session, target))

        async def heard() -> bool:
            return not await refused()

        await eventually(heard, 3)
    finally:
        await other.close()
