"""Move: who follows an actor, is its member or lists it goes along, once both sides say so."""

from __future__ import annotations

import pytest

from pecfed.errors import RefusedError
from pecfed.federation.actor_document import aliases
from pecfed.language.wire import parse
from pecfed.services import life
from tests.cast import Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually


def moves(old: Peer, new: Peer) -> None:
    """Both documents say so."""
    old.serve(old.actor(movedTo=new.uri))
    new.serve(new.actor(alsoKnownAs=[old.uri]))


def move(old: Peer, new: Peer) -> dict[str, object]:
    """The activity."""
    return old.activity("Move", old.uri, target=new.uri)


@pytest.mark.case("A18")
async def test_a18_a_hubs_entry_goes_along(ruche: Server, member: Peer, pie: Peer) -> None:
    """Ignored while the target doesn't name the old actor; then entry and Follow move."""
    member.serve(member.actor(movedTo=pie.uri))
    assert await send(member, ruche, move(member, pie)) == "its target doesn't say so"
    assert await ruche.state_of(member.uri) == "member"
    moves(member, pie)
    assert await send(member, ruche, move(member, pie)) == "moved"
    assert await ruche.state_of(member.uri) is None
    assert await ruche.state_of(pie.uri) == "member"
    await eventually(arrived(pie, "Follow"))
    await eventually(arrived(member, "Undo"))
    entry = await ruche.entry(pie.uri)
    assert entry is not None and entry.slug.startswith("pie@")


async def test_an_entry_that_moves_to_and_fro(ruche: Server, member: Peer, pie: Peer) -> None:
    """The followers of the hub are told three times in a day, and no more."""
    member.serve(member.actor(movedTo=pie.uri, alsoKnownAs=[pie.uri]))
    pie.serve(pie.actor(movedTo=member.uri, alsoKnownAs=[member.uri]))
    for old, new in ((member, pie), (pie, member), (member, pie)):
        assert await send(old, ruche, move(old, new)) == "moved"
    assert await send(pie, ruche, move(pie, member)) == "moved too often today"
    assert await ruche.state_of(pie.uri) == "member"
    told = "SELECT count(*) FROM activities WHERE type = 'Remove'"
    assert await ruche.value(told) == 3


async def test_the_target_alone_cannot_take_a_member(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """Without `movedTo` at its origin a stolen Move moves nobody."""
    pie.serve(pie.actor(alsoKnownAs=[member.uri]))
    assert await send(member, ruche, move(member, pie)) == "it doesn't say so itself"
    assert await ruche.state_of(member.uri) == "member"


async def test_nobody_moves_another(ruche: Server, member: Peer, pie: Peer) -> None:
    """A Move of somebody else, or to nowhere, has no effect."""
    wrong = member.activity("Move", pie.uri, target=member.uri)
    assert await send(member, ruche, wrong) == "not its sender's to move"
    targets: list[object] = [None, "", "ftp://x.example/a", [], {"id": 7}, member.uri]
    for target in targets:
        nowhere = member.activity("Move", member.uri, target=target)
        assert await send(member, ruche, nowhere) == "moved nowhere"


async def test_a_move_to_somebody_listed_closes_the_old_entry(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """Two entries don't become one: the old one leaves."""
    join = pie.activity("Join", ruche.actor_uri)
    assert await send(pie, ruche, join) == "asked"
    moves(member, pie)
    assert await send(member, ruche, move(member, pie)) == "moved"
    assert await ruche.state_of(member.uri) == "left"
    assert await ruche.state_of(pie.uri) == "asked"


async def test_our_actor_moves_and_its_hub_goes_along(
    ruche: Server, lilas: Server, make_server: MakeServer
) -> None:
    """From one node of ours to another, with a hub of ours: entry, Follow, what it publishes."""
    await let_in_node(ruche, lilas)
    orme = await make_server(username="orme", name="Orme")
    new, old = await orme.me(), await lilas.me()

    async def aliased() -> list[str]:
        found = await lilas.node.remotes.refresh(orme.actor_uri)
        return aliases(parse(found.document.encode()))

    with pytest.raises(RefusedError, match="alsoKnownAs"):
        known = await aliased()
        await lilas.write(lambda s: life.move(s, lilas.node.uris, old, new.uri, known))
    await orme.write(lambda s: life.set_aliases(s, orme.node.uris, new, (old.uri,)))
    known = await aliased()
    assert known == [old.uri]
    await lilas.write(lambda s: life.move(s, lilas.node.uris, old, new.uri, known))

    async def moved() -> bool:
        return await ruche.state_of(new.uri) == "member"

    await eventually(moved)

    async def followed() -> bool:
        return bool((await orme.status())["followers"])

    await eventually(followed)
    with pytest.raises(RefusedError, match="has moved"):
        await lilas.apply('[actor]\nname = "Lilas encore"\n')
    moved_away = await lilas.me()
    with pytest.raises(RefusedError, match="already"):
        await lilas.write(lambda s: life.move(s, lilas.node.uris, moved_away, new.uri, known))
    await lilas.write(lambda s: life.stay(s, lilas.node.uris, moved_away))
    await lilas.apply('[actor]\nname = "Lilas encore"\n')


async def test_a_node_goes_along_with_its_hub(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """The hub of a member moved: the member asks the new one."""
    me = await lilas.me()
    hub = await lilas.node.remotes.actor(corbeau.uri)
    from pecfed.services import join

    await lilas.write(lambda s: join.ask(s, lilas.node.uris, me, hub))
    moves(corbeau, pie)
    assert await send(corbeau, lilas, move(corbeau, pie)) == "moved"
    await eventually(arrived(pie, "Join"))
    states = {row["uri"]: row["membership"] for row in (await lilas.status())["hubs"]}
    assert states == {corbeau.uri: "left", pie.uri: "asked"}


async def test_a_hub_of_ours_moves(ruche: Server, member: Peer, pie: Peer) -> None:
    """Its card grants it: whoever follows it is told where it went."""
    await send(member, ruche, member.activity("Follow", ruche.actor_uri))
    me = await ruche.me()
    await ruche.write(lambda s: life.move(s, ruche.node.uris, me, pie.uri, [me.uri]))
    await eventually(arrived(member, "Move"))
    (told,) = member.posted("Move")
    assert (told["actor"], told["object"], told["target"]) == (me.uri, me.uri, pie.uri)


async def test_a_strangers_move_leaves_no_row(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Who is nothing to us may move as it likes."""
    moves(corbeau, pie)
    reply = await corbeau.send(f"{lilas.actor_uri}/inbox", move(corbeau, pie))
    assert reply.status == 202
    assert await lilas.value("SELECT count(*) FROM inbox") == 0
