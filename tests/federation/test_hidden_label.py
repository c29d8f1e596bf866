"""A label that goes down in public: hidden while its bearer is in doubt, ended with its entry."""

from __future__ import annotations

import aiohttp
import pytest

from pecfed.services import archiving, suspicion
from tests.federation.test_vouching import attested, becomes, declared, hub_does, labelled, standing
from tests.servers import Server

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
