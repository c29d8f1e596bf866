"""Conformance cases that belong to no other file: who is believed, who is counted, who is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed import clock
from pecfed.federation import proofs
from pecfed.federation.multikey import multikey
from pecfed.store import follows, remotes
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor
from tests.cast import AS2, Peer, peer
from tests.foreign import an_event
from tests.servers import Server, eventually

FOLLOWERS = 300


@pytest.mark.case("S12")
async def test_s12_a_proof_makes_no_delivery_believed(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """Somebody forwards what a member really signed: 202, not kept; the member's own is asked."""
    key, name = ed25519.Ed25519PrivateKey.generate(), f"{member.uri}#ed25519-key"
    member.serve(member.actor(assertionMethod=[{
        "id": name, "type": "Multikey", "controller": member.uri,
        "publicKeyMultibase": multikey(key.public_key()),
    }]))  # fmt: skip
    obj = an_event(member)
    create = member.activity("Create", obj) | {"@context": [AS2]}
    proven = proofs.attach(create, name, key, clock.stamp(clock.now()))
    assert proofs.verify(proven, proofs.read_keys(member_document(member)), clock.now()) == name
    assert (await pie.send(f"{ruche.url}/inbox", proven)).status == 202
    await ruche.quiet()
    assert await ruche.object(obj["id"]) is None
    member.publish([member.activity("Create", obj | {"name": "Comme à l'origine"})])
    with clock.running_ahead(timedelta(minutes=2)):
        ruche.node.database.bell("reading").ring()

        async def read() -> Any:
            return await ruche.object(obj["id"])

        found = await eventually(read)
    assert found.content.name == {"und": "Comme à l'origine"}


def member_document(member: Peer) -> Any:
    """The actor as it is served."""
    return json.loads(member.pages["/actors/corbeau"][2])


@pytest.fixture
async def three(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[list[Peer]]:
    """Three servers."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(peer(f"p{n}", some_keys[0])) for n in range(3)]


@pytest.mark.case("R1")
async def test_r1_three_hundred_followers_on_three_servers(
    lilas: Server, three: list[Peer]
) -> None:
    """Three POSTs, each to the inbox that a hundred of them share."""
    me = await lilas.me()

    async def follow(session: Session) -> None:
        for number in range(FOLLOWERS):
            host = three[number % 3]
            uri = f"{host.url}/actors/f{number}"
            await remotes.keep(session, RemoteActor(
                uri, "Person", f"f{number}@x.example", "F", f"{uri}/inbox", f"{host.url}/inbox",
                "{}", clock.now_ms(), None,
            ), [])  # fmt: skip
            await follows.add_follower(session, me.id, uri, f"{uri}/follow", clock.now_ms())

    await lilas.write(follow)
    await lilas.apply(
        '[[resource]]\nuid = "a"\nname = "A"\nkind = "software"\nopenness = "public"\n'
    )
    await lilas.quiet()
    for host in three:
        assert [(got.path, got.json["type"]) for got in host.got] == [("/inbox", "Create")]
