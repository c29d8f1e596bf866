"""A proof where it is the product, a statement's; and where it is worth nothing, a delivery's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from pecfed import clock
from pecfed.federation import proofs
from pecfed.federation.keyfiles import public_half
from pecfed.store import remotes
from tests.cast import AS2, Peer
from tests.federation.conftest import let_in_node
from tests.federation.sending import send
from tests.foreign import a_statement, an_event
from tests.servers import Server, eventually

CREATED = "2026-11-01T09:00:00Z"
STATEMENT = """
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2027-11-01
[charter.commitments.governance-1]
level = "practised"
evidence = ["https://lilas.example/statuts.pdf"]
"""


@pytest.fixture
def key() -> ed25519.Ed25519PrivateKey:
    """Corbeau's Ed25519 key."""
    return ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
async def proving(member: Peer, ruche: Server, key: ed25519.Ed25519PrivateKey) -> Peer:
    """Corbeau, a member whose document lists that key."""
    multikey = {
        "id": f"{member.uri}#ed25519", "type": "Multikey", "controller": member.uri,
        "publicKeyMultibase": public_half(key),
    }  # fmt: skip
    member.serve(member.actor(assertionMethod=[multikey]))
    await ruche.node.remotes.refresh(member.uri)
    return member


def proved(who: Peer, document: dict[str, Any], key: Any, name: str = "ed25519") -> dict[str, Any]:
    """A document with a proof by one of that actor's keys."""
    whole = {"@context": [AS2]} | document
    return proofs.attach(whole, f"{who.uri}#{name}", key, CREATED)


async def kept(hub: Server) -> list[tuple[Any, ...]]:
    """Each version of a statement: the document as it was signed, and whose key proves it."""
    return await hub.rows("SELECT document, proven_by FROM statement_versions")


async def test_a_statement_with_a_proof(ruche: Server, proving: Peer, key: Any) -> None:
    """Kept as it was signed, so that anybody can verify it again; the key beside it."""
    statement = proved(proving, a_statement(proving), key)
    assert await send(proving, ruche, proving.activity("Create", statement)) == "kept"
    ((document, proven_by),) = await kept(ruche)
    assert proven_by == f"{proving.uri}#ed25519"
    assert json.loads(document) == statement


async def test_a_statement_without_a_proof(ruche: Server, proving: Peer, key: Any) -> None:
    """It is taken, and not called proven; a proof that comes later counts, one less doesn't."""
    statement = a_statement(proving)
    assert await send(proving, ruche, proving.activity("Create", statement)) == "kept"
    ((_, proven_by),) = await kept(ruche)
    assert proven_by == ""
    with_proof = proved(proving, statement, key)
    assert await send(proving, ruche, proving.activity("Update", with_proof)) == "known"
    assert await kept(ruche) == [
        (json.dumps(with_proof, ensure_ascii=False), f"{proving.uri}#ed25519")
    ]
    assert await send(proving, ruche, proving.activity("Update", statement)) == "known"
    assert await kept(ruche) == [
        (json.dumps(with_proof, ensure_ascii=False), f"{proving.uri}#ed25519")
    ]


async def test_a_statement_whose_proof_fails(ruche: Server, proving: Peer, key: Any) -> None:
    """It is refused, and the letter's note says why; another suite's proof is passed over."""
    whole = proved(proving, a_statement(proving), key)
    for wrong, why in (
        (whole | {"summary": "x"}, "the proof doesn't hold"),
        (proved(proving, a_statement(proving), key, "old"), "doesn't list"),
        (proved(proving, a_statement(proving), ed25519.Ed25519PrivateKey.generate()), "hold"),
    ):
        note = await send(proving, ruche, proving.activity("Create", wrong))
        assert note.startswith("its proof is refused") and why in note
        assert await ruche.object(wrong["id"]) is None
    assert await kept(ruche) == []
    other = a_statement(proving, proof={"type": "DataIntegrityProof", "cryptosuite": "x"})
    assert await send(proving, ruche, proving.activity("Create", other)) == "kept"
    assert [proven_by for _, proven_by in await kept(ruche)] == [""]


async def test_a_nodes_statement_is_proven(ruche: Server, lilas: Server) -> None:
    """Between nodes of ours, by the key that the node publishes; what is kept verifies offline."""
    await let_in_node(ruche, lilas)
    await lilas.apply(STATEMENT)
    await lilas.quiet()
    await ruche.quiet()

    async def proven() -> list[tuple[Any, ...]]:
        return [row for row in await kept(ruche) if row[1]]

    ((document, proven_by),) = await eventually(proven)
    assert proven_by == f"{lilas.actor_uri}#ed25519-key"
    assert json.loads(document)["attributedTo"] == lilas.actor_uri
    told = await ruche.read(lambda session: remotes.get(session, lilas.actor_uri))
    assert told is not None
    keys = proofs.read_keys(json.loads(told.document))
    assert proofs.verify(json.loads(document), keys, clock.now()) == proven_by


@pytest.mark.case("S12")
async def test_s12_another_server_sends_what_a_member_proves(
    ruche: Server, proving: Peer, pie: Peer, key: Any
) -> None:
    """A valid proof or not: the body is not believed, its origin is asked, and that counts."""
    event = an_event(proving, name="Ce que Pie montre")
    shown = proved(proving, proving.activity("Create", event), key)
    keys = proofs.read_keys(json.loads(proving.pages["/actors/corbeau"][2]))
    assert keys, "the proof itself is good"
    assert (await pie.send(f"{ruche.url}/inbox", shown)).status == 202
    await ruche.quiet()
    assert await ruche.object(event["id"]) is None
    true = event | {"name": "Ce que Corbeau publie"}
    proving.publish([shown | {"object": true}])
    await ruche.write(lambda session: session.run("UPDATE members SET read_due_at = 1"))
    await ruche.write(lambda session: session.wake("reading"))

    async def read() -> Any:
        return await ruche.object(event["id"])

    assert "Ce que Corbeau publie" in (await eventually(read)).content.name.values()
