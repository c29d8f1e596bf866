"""A label that goes down in public: hidden while its bearer is in doubt, ended with its entry."""

from __future__ import annotations

from functools import partial

import aiohttp
import pytest

from pecfed import clock
from pecfed.domain.membership import Deed
from pecfed.errors import RefusedError
from pecfed.federation import verify
from pecfed.services import archiving, membership, suspicion
from tests.federation.test_vouching import attested, becomes, declared, hub_does, labelled, standing
from tests.servers import Server
from tests.vouched import document

__all__ = ["declared"]
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def shown(hub: Server, of: Server) -> str:
    """The kind of credential that the hub's address of a member's label gives; "" for none."""
    url = f"{hub.url}/label/{of.handle}.json"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        if answer.status != 200:
            return ""
        return str((await answer.json(content_type=None))["type"][-1])


async def test_a_doubt_hides_a_label(ruche: Server, declared: Server) -> None:
    """The standing says so at once, and again when the doubt is over; what was attested stands."""
    await attested(ruche, declared)
    await labelled(ruche, declared)
    await becomes(ruche, declared, "labelled")
    label = await shown(ruche, declared)
    name = declared.actor_uri
    await ruche.write(lambda s: suspicion.hide_by_hand(s, name, by="operator", reason="security"))
    assert await standing(ruche, declared.handle) == "attested"
    assert await shown(ruche, declared) != label
    await ruche.write(lambda s: suspicion.unhide(s, name, by="operator"))
    assert await standing(ruche, declared.handle) == "labelled"
    assert await shown(ruche, declared) == label


async def test_an_archived_entry_bears_no_label(ruche: Server, declared: Server) -> None:
    """It is revoked with the attestation, and doesn't come back by itself with the entry."""
    await attested(ruche, declared)
    await labelled(ruche, declared)
    await becomes(ruche, declared, "labelled")
    name = declared.actor_uri
    await hub_does(ruche, archiving.archive, name=name, by="operator", reason="closed")
    assert await standing(ruche, declared.handle) == "declared"
    assert await shown(ruche, declared) == ""
    revoked = "SELECT count(*) FROM credentials WHERE revoked_at IS NOT NULL"
    assert await ruche.value(revoked) == 2
    await hub_does(ruche, archiving.reopen, name=name, by="operator")
    assert await standing(ruche, declared.handle) == "declared"


async def held_back(hub: Server) -> set[str]:
    """The kinds of what the hub has issued that verify nowhere now, copies included."""
    actor, found = await document(hub, hub.actor_uri), set()
    for kind, uri in await hub.rows("SELECT kind, uri FROM credentials"):
        claimed = verify.credential(await document(hub, uri), actor, clock.now())
        try:
            verify.status(claimed, await document(hub, claimed.status), actor, clock.now())
        except RefusedError as error:
            assert "revoked" in error.message
            found.add(kind)
    return found


async def test_a_copy_of_what_is_in_doubt_verifies_nowhere(ruche: Server, declared: Server) -> None:
    """The status list says so while a label is hidden, or its bearer suspended; then no more."""
    await attested(ruche, declared)
    await labelled(ruche, declared)
    await becomes(ruche, declared, "labelled")
    name = declared.actor_uri
    assert await held_back(ruche) == set()
    await ruche.write(lambda s: suspicion.hide_by_hand(s, name, by="operator", reason="security"))
    assert await held_back(ruche) == {"label"}
    await ruche.write(lambda s: suspicion.unhide(s, name, by="operator"))
    assert await held_back(ruche) == set()
    steps: list[tuple[Deed, str, set[str]]] = [
        ("suspend", "security", {"label", "attestation"}),
        ("restore", "resolved", set()),
    ]
    for deed, reason, kinds in steps:
        await hub_does(ruche, partial(membership.decide, deed=deed, reason=reason), name=name)
        assert await held_back(ruche) == kinds
    assert await ruche.value("SELECT count(*) FROM credentials WHERE revoked_at IS NULL") == 2
