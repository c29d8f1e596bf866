"""A member's own node: it follows the working groups it names, and addresses them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from pecfed.services import follow
from tests.cast import PUBLIC, Peer
from tests.federation.conftest import let_in_node
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually

NAMES = "[actor]\nworking_groups = [{}]\n"
EVENT = """
[[event]]
uid = "ag"
name = "Atelier statuts"
start = 2027-05-12T18:00:00
timezone = "Europe/Paris"
working_group = "governance-legal"
"""


def followed(node: Server, *names: str) -> Callable[[], Awaitable[bool]]:
    """Asks whether the node follows exactly these groups, and they have accepted."""

    async def check() -> bool:
        rows = await node.rows(
            "SELECT target_uri FROM following WHERE state = 'accepted' ORDER BY target_uri"
        )
        return [row[0].rpartition("/")[2] for row in rows] == sorted(names)

    return check


async def followers(hub: Server, name: str) -> int:
    """How many follow a group."""
    return int(
        await hub.value(
            "SELECT count(*) FROM followers f JOIN actors a ON a.id = f.actor_id "
            "WHERE a.username = ?",
            name,
        )
    )


async def test_the_groups_of_the_file_are_followed(ruche: Server, lilas: Server) -> None:
    """From the Accept of the Join on, and as the file changes; left, when the hub is left."""
    await lilas.apply(NAMES.format('"software-cooperation"'))
    await let_in_node(ruche, lilas)
    await eventually(followed(lilas, "software_cooperation"))
    assert await followers(ruche, "software_cooperation") == 1
    await lilas.apply(NAMES.format('"governance-legal", "economics-funding"'))
    await eventually(followed(lilas, "governance_legal", "economics_funding"))
    await ruche.quiet()
    await lilas.quiet()
    assert await followers(ruche, "software_cooperation") == 0
    await lilas.leave(ruche)
    await eventually(followed(lilas))
    await lilas.quiet()
    await ruche.quiet()
    assert await followers(ruche, "governance_legal") == 0


async def test_groups_named_later_are_followed(ruche: Server, lilas: Server) -> None:
    """A member that names none follows none; then some; suspended, none again."""
    await let_in_node(ruche, lilas)
    assert await followers(ruche, "governance_legal") == 0
    await eventually(_known(lilas))
    await lilas.apply(NAMES.format('"governance-legal"'))
    await eventually(followed(lilas, "governance_legal"))
    await ruche.decide(lilas.actor_uri, "suspend", "security")
    await eventually(followed(lilas))


def _known(node: Server) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bool(await node.value("SELECT count(*) FROM hub_groups") == 3)

    return check


async def test_what_concerns_a_group_is_addressed_to_it(
    ruche: Server, lilas: Server, corbeau: Peer
) -> None:
    """`audience` and `to` name it, on the object's own page too; its followers get it at once."""
    await let_in_node(ruche, lilas)
    await eventually(_known(lilas))
    group = ruche.node.uris.actor("governance_legal")
    await send(corbeau, ruche, corbeau.activity("Follow", group))
    await lilas.apply(EVENT)
    await eventually(arrived(corbeau, "Announce", 2))
    whole, by_id = (each["object"] for each in corbeau.posted("Announce"))
    served = await lilas.node.fetcher.document(by_id)
    outbox = await lilas.node.fetcher.document(f"{lilas.actor_uri}/outbox?page=0")
    (create,) = (each for each in outbox["orderedItems"] if each["type"] == "Create")
    assert whole == create
    for each in (whole, whole["object"], served):
        assert each["audience"] == group
        assert each["to"][:1] == [PUBLIC] and group in each["to"]
    await lilas.apply(EVENT.replace("Atelier", "Grand atelier"))
    await eventually(arrived(corbeau, "Announce", 3))
    assert corbeau.posted("Announce")[2]["object"]["type"] == "Update"
    await lilas.apply('[actor]\nname = "Lilas"\n', prune=True)
    await eventually(arrived(corbeau, "Announce", 4))
    delete = corbeau.posted("Announce")[3]["object"]
    assert (delete["type"], delete["audience"]) == ("Delete", group)


async def test_what_concerns_no_group_is_addressed_to_none(
    ruche: Server, lilas: Server, corbeau: Peer
) -> None:
    """And nobody's group says anything."""
    await let_in_node(ruche, lilas)
    await eventually(_known(lilas))
    group = ruche.node.uris.actor("governance_legal")
    await send(corbeau, ruche, corbeau.activity("Follow", group))
    await lilas.apply(EVENT.replace('working_group = "governance-legal"', ""))
    await lilas.quiet()
    await ruche.quiet()
    assert corbeau.posted("Announce") == []
    assert await ruche.value("SELECT count(*) FROM objects WHERE kind = 'event'") == 1


@pytest.mark.case("A7")
async def test_a7_an_accept_counts_from_whom_we_asked(
    ruche: Server, lilas: Server, corbeau: Peer, pie: Peer
) -> None:
    """By the Follow's id, or with the Follow embedded; from another actor it has no effect."""

    async def ask(who: Peer) -> str:
        actor = await lilas.me()
        await lilas.write(
            lambda session: follow.start(
                session, lilas.node.uris, actor, who.uri, f"{who.uri}/inbox"
            )
        )
        await eventually(arrived(who, "Follow"))
        return str(who.posted("Follow")[0]["id"])

    async def state(who: Peer) -> str:
        return str(await lilas.value("SELECT state FROM following WHERE target_uri = ?", who.uri))

    by_corbeau, by_pie = await ask(corbeau), await ask(pie)
    assert await send(pie, lilas, pie.activity("Accept", by_corbeau)) == "nothing we asked"
    assert await state(corbeau) == "asked"
    assert await send(corbeau, lilas, corbeau.activity("Accept", by_corbeau)) == "following"
    whole = pie.posted("Follow")[0]
    assert whole["id"] == by_pie
    assert await send(pie, lilas, pie.activity("Accept", whole)) == "following"
    assert [await state(corbeau), await state(pie)] == ["accepted", "accepted"]
