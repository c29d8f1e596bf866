"""The end of an actor of ours: every server is told while its key answers, then 410 everywhere."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from pecfed.errors import RefusedError, UsageError
from pecfed.federation.speakers import add_speaker
from pecfed.services import life
from pecfed.work import prune
from tests.cast import ACTIVITY, Peer
from tests.federation.conftest import let_in_node
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually

EVENT = """
[[event]]
uid = "ag"
name = "Assemblée générale"
start = "2027-05-12T18:00:00+02:00"
end = "2027-05-12T20:00:00+02:00"
location = {name = "La Maison", city = "Nantes", country = "FR"}
"""


async def get(url: str, accept: str = ACTIVITY) -> tuple[int, Any]:
    """Status and, of JSON, the body."""
    async with aiohttp.ClientSession() as http, http.get(url, headers={"Accept": accept}) as found:
        return found.status, await found.json(content_type=None) if "json" in accept else None


async def end(node: Server) -> int:
    """`pecfed actors delete`."""
    me = await node.me()
    return await node.write(lambda session: life.end(session, node.node.uris, me))


@pytest.mark.case("D16")
async def test_d16_a_deleted_actor_is_gone_everywhere(lilas: Server, corbeau: Peer) -> None:
    """Its followers hear of it, signed with a key that can still be asked for; then 410."""
    await lilas.apply(EVENT)
    (uri,) = (row[0] for row in await lilas.rows("SELECT uri FROM objects"))
    follow = corbeau.activity("Follow", lilas.actor_uri)
    assert await send(corbeau, lilas, follow) == "followed"
    await eventually(arrived(corbeau, "Accept"))
    (_, before) = await get(lilas.actor_uri)
    corbeau.inbox_status = 503
    assert await end(lilas) == 1
    await eventually(arrived(corbeau, "Delete"))
    status, ending = await get(lilas.actor_uri)
    assert (status, ending["publicKey"]) == (200, before["publicKey"])
    assert "name" not in ending and "outbox" not in ending
    corbeau.inbox_status = 202
    await lilas.write(
        lambda session: session.run("UPDATE deliveries SET due_at = 0 WHERE state = 'waiting'")
    )

    async def over() -> bool:
        return (await get(lilas.actor_uri))[0] == 410

    await eventually(over)
    (delete, *_) = corbeau.posted("Delete")
    assert (delete["actor"], delete["object"]) == (lilas.actor_uri, lilas.actor_uri)
    _, tombstone = await get(lilas.actor_uri)
    assert (tombstone["type"], tombstone["formerType"]) == ("Tombstone", "Organization")
    finger = f"{lilas.url}/.well-known/webfinger?resource=acct:{lilas.handle}"
    for address in (
        finger,
        uri,
        *(f"{lilas.actor_uri}/{name}" for name in ("outbox", "followers", "featured")),
    ):
        assert (await get(address))[0] == 410, address
    assert (await get(f"{lilas.url}/@lilas", "text/html"))[0] == 410
    late = await corbeau.send(f"{lilas.actor_uri}/inbox", corbeau.activity("Like", uri))
    assert late.status == 410


async def test_a_hub_takes_a_deleted_member_off(ruche: Server, lilas: Server) -> None:
    """Both are ours: the entry closes, what it published vanishes."""
    await let_in_node(ruche, lilas)
    await lilas.apply(EVENT)

    async def shown() -> bool:
        return bool(await ruche.value("SELECT count(*) FROM objects WHERE deleted_at IS NULL"))

    await eventually(shown)
    await end(lilas)

    async def left() -> bool:
        return await ruche.state_of(lilas.actor_uri) == "left"

    await eventually(left)
    events = "SELECT count(*) FROM objects WHERE kind = 'event' AND deleted_at IS NULL"
    assert await ruche.value(events) == 0


async def test_a_name_never_comes_back(lilas: Server) -> None:
    """Other servers take nothing from an id that was deleted."""
    await end(lilas)
    with pytest.raises(UsageError, match="was deleted"):
        await add_speaker(lilas.node, "lilas", "member", "Lilas")


async def test_the_nodes_own_actors_stay(ruche: Server) -> None:
    """Without them nothing would work."""
    with pytest.raises(RefusedError, match="own actor"):
        await end(ruche)


async def test_private_keys_go_when_all_is_said(
    lilas: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the news may still be on its way they are needed; then nobody should have them."""
    folder = lilas.settings.dir / "keys"
    await end(lilas)
    await prune.forget_keys(lilas.node)
    assert len(list(folder.glob("lilas.*.pem"))) == 2
    monkeypatch.setattr(prune, "KEEP_DELIVERED", -1)
    await prune.forget_keys(lilas.node)
    assert not list(folder.glob("lilas.*.pem"))
    assert list(folder.glob("instance.*.pem"))
