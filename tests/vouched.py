"""A member with a statement, and credentials of it: what the tests of verifying begin with."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from pecfed import clock
from pecfed.domain.about import About
from pecfed.domain.credential import Attestation, Claim, Endorsement, Label
from pecfed.domain.statement import Statement
from pecfed.language.charter import charter
from pecfed.services import credentials
from pecfed.store import objects
from pecfed.store.credentials import Credential
from tests.servers import Server

LAST_DAY = (clock.now() + timedelta(days=365)).date().isoformat()
CONFIRMED = {principle.id: "confirmed" for principle in charter().principles}


def declared(level: str = "practised") -> str:
    """A file with a statement."""
    return f"""
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2028-11-01
[charter.commitments.governance-1]
level = "{level}"
explanation.fr = "Une personne, une voix : l’AG décide."
evidence = ["https://lilas.example/statuts.pdf"]
"""


async def statement_of(of: Server, level: str = "practised") -> About:
    """Let a node's speaker declare where it stands."""
    await of.apply(declared(level))
    me = await of.me()
    found = await of.read(lambda session: objects.of_actor(session, me.uri))
    for each in found:
        if isinstance(each.content, Statement):
            return About.of(each.content, each.uri, name=me.profile.name, handle=of.handle)
    raise AssertionError("there is no statement")


async def issued(by: Server, claim: Claim, until: str = LAST_DAY) -> Credential:
    """What the speaker of a node says."""
    me = await by.me()
    return await by.write(
        lambda session: credentials.issue(
            session, by.node.uris, me, claim, valid_until=until, language="fr"
        )
    )


async def labelled(hub: Server, about: About) -> tuple[Credential, Credential]:
    """An attestation of everything, and the label that rests on it."""
    attestation = await issued(hub, Attestation(about, dict.fromkeys(CONFIRMED, "confirmed")))
    return attestation, await issued(hub, Label(about, attestation.uri))


async def endorsed(by: Server, about: About) -> Credential:
    """A member vouches for one commitment."""
    return await issued(by, Endorsement(about, ("governance-1",), "Nous travaillons ensemble."))


async def document(of: Server, uri: str) -> dict[str, Any]:
    """What stands at an address of a node, for whoever asks."""
    answer = await of.node.client.get(uri, {"Accept": "application/activity+json"})
    assert answer.status == 200, answer.body
    return dict(json.loads(answer.body))
