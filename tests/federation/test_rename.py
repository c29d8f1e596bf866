"""An actor takes another name: same id, keys and followers; the old handle leads to the new one."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from pecfed.errors import FetchError, UsageError
from pecfed.federation.resolve import resolve
from pecfed.federation.speakers import add_speaker, rename_speaker
from pecfed.store.actors import LocalActor
from tests.cast import Peer
from tests.federation.conftest import let_in_node
from tests.servers import Server, eventually

ACTIVITY = "application/activity+json"


async def get(url: str, accept: str = ACTIVITY) -> tuple[int, Any, Any]:
    """Status, body, headers; redirects are shown."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": accept}, allow_redirects=False) as response,
    ):
        text = await response.text()
        found = json.loads(text) if "json" in response.content_type else text
        return response.status, found, response.headers


async def renamed(server: Server, to: str = "syringa") -> LocalActor:
    return await rename_speaker(server.node, await server.me(), to)


async def subject(server: Server, resource: str) -> str:
    status, jrd, _ = await get(f"{server.url}/.well-known/webfinger?resource={resource}")
    assert status == 200, resource
    assert jrd["links"][1]["href"] == f"{server.url}/actors/lilas"
    return str(jrd["subject"])


async def test_the_id_stays(lilas: Server, corbeau: Peer) -> None:
    """The document is where it was, with the new name; followers are told; its key still signs."""
    uri, host = lilas.actor_uri, lilas.settings.host
    await corbeau.send(f"{uri}/inbox", corbeau.activity("Follow", uri))

    async def accepted() -> bool:
        return bool(corbeau.posted("Accept"))

    await eventually(accepted)
    await renamed(lilas)
    status, actor, _ = await get(uri)
    assert (status, actor["id"], actor["preferredUsername"]) == (200, uri, "syringa")
    assert actor["webfinger"] == f"syringa@{host}"
    assert actor["url"] == f"{lilas.url}/@syringa"
    assert actor["publicKey"]["id"] == f"{uri}#main-key"
    assert (await get(f"{uri}/followers"))[1]["totalItems"] == 1
    assert (await get(f"{lilas.url}/actors/syringa"))[0] == 404

    async def told() -> list[Any]:
        return corbeau.posted("Update")

    (update,) = await eventually(told)
    assert update["object"]["id"] == uri
    assert update["object"]["preferredUsername"] == "syringa"
    assert (await corbeau.send(f"{uri}/inbox", corbeau.activity("Like", uri))).status == 202


async def test_both_handles_lead_to_the_new_one(lilas: Server) -> None:
    """By either handle in any case, by the id, by either page; the old page leads to the new."""
    await renamed(lilas)
    host = lilas.settings.host
    for resource in (
        f"acct:syringa@{host}", f"acct:Lilas@{host}", lilas.actor_uri, f"{lilas.url}/@lilas",
        f"{lilas.url}/@Syringa",
    ):  # fmt: skip
        assert await subject(lilas, resource) == f"acct:syringa@{host}"
    status, _, headers = await get(f"{lilas.url}/@lilas", "text/html")
    assert (status, headers["Location"]) == (301, "/@syringa")
    status, _, headers = await get(f"{lilas.url}/fr/@lilas", "text/html")
    assert (status, headers["Location"]) == (301, "/fr/@syringa")
    assert (await get(f"{lilas.url}/@syringa", "text/html"))[0] == 200
    status, _, headers = await get(f"{lilas.url}/@syringa")
    assert (status, headers["Location"]) == (302, lilas.actor_uri)


async def test_names_are_not_used_twice(lilas: Server) -> None:
    """Neither the present one nor the former one, nor one whose address is somebody's id."""
    await renamed(lilas)
    for name in ("syringa", "lilas"):
        with pytest.raises(UsageError):
            await add_speaker(lilas.node, name, "member", "Another")
    await add_speaker(lilas.node, "orme", "member", "Orme")
    with pytest.raises(UsageError):
        await rename_speaker(lilas.node, await by_name(lilas, "syringa"), "orme")
    with pytest.raises(UsageError):
        await rename_speaker(lilas.node, await by_name(lilas, "orme"), "lilas")
    back = await rename_speaker(lilas.node, await by_name(lilas, "syringa"), "lilas")
    assert back.username == "lilas"
    assert await subject(lilas, f"acct:syringa@{lilas.settings.host}") == (
        f"acct:lilas@{lilas.settings.host}"
    )
    files = sorted(path.name for path in (lilas.settings.dir / "keys").glob("*.pem"))
    assert [name.split(".")[0] for name in files] == [
        "instance", "instance", "lilas", "lilas", "orme", "orme",
    ]  # fmt: skip


async def by_name(server: Server, name: str) -> LocalActor:
    server.username = name
    try:
        return await server.me()
    finally:
        server.username = "lilas"


async def test_the_hubs_entry_follows(ruche: Server, lilas: Server) -> None:
    """Same member, new handle; the page is under the new one."""
    await let_in_node(ruche, lilas)
    await renamed(lilas)
    host = lilas.settings.host

    async def moved() -> bool:
        entry = await ruche.entry(lilas.actor_uri)
        return entry is not None and entry.slug == f"syringa@{host}"

    await eventually(moved)
    assert (await get(f"{ruche.url}/members/syringa@{host}", "text/html"))[0] == 200
    actor = await resolve(ruche.node, f"@lilas@{host}")
    assert (actor.uri, actor.handle) == (lilas.actor_uri, f"syringa@{host}")


async def test_a_peer_that_renames_itself(ruche: Server, member: Peer) -> None:
    """The same id with another user name: one member, another slug."""
    host = member.url.removeprefix("http://")
    actor = member.actor(preferredUsername="corneille", name="Corneille")
    member.serve(actor)
    assert (await member.send(f"{ruche.url}/inbox", member.activity("Update", actor))).status == 202

    async def moved() -> bool:
        entry = await ruche.entry(member.uri)
        return entry is not None and entry.slug == f"corneille@{host}"

    await eventually(moved)
    count = "SELECT count(*) FROM members"
    assert await ruche.value(count) == 1


async def test_a_lookup_of_nobody_after_all(lilas: Server, ruche: Server) -> None:
    """A name that nobody has or had is still nobody's."""
    await renamed(lilas)
    with pytest.raises(FetchError) as caught:
        await resolve(ruche.node, f"@orme@{lilas.settings.host}")
    assert caught.value.gone
