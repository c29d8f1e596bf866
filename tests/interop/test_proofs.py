"""Our proofs are verified by code that isn't ours, and ours verifies what that code signs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from active_boxes import data_integrity
from active_boxes.key import Ed25519Key

from pecfed import clock
from pecfed.federation import proofs
from pecfed.federation.multikey import base58
from tests.cast import AS2, PUBLIC
from tests.interop.story import Document, Story
from tests.interop.test_linked_data import parts


def author_of(document: Document) -> str:
    """Who a document speaks for."""
    return str(document.get("actor") if "object" in document else document["attributedTo"])


def multikey(story: Story, document: Document) -> Document:
    """The key that a document's proof names, as its author's document lists it."""
    (found,) = (
        key
        for key in story.fetch(author_of(document))["assertionMethod"]
        if key["id"] == document["proof"]["verificationMethod"]
    )
    return dict(found)


def has_a_whole_float(document: Document) -> bool:
    """Whether there is a 48.0 in it, which active_boxes doesn't write as RFC 8785 has it (48)."""
    return any(
        isinstance(value, float) and value.is_integer()
        for part in parts(document)
        for value in part.values()
    )


def proven(story: Story) -> list[Document]:
    """Every document with a proof: letters, what they embed, what is served, and items of pages."""
    return [
        part for _, document in story.documents() for part in parts(document) if "proof" in part
    ]


def test_all_that_is_public_has_a_proof(story: Story) -> None:
    """Letters to everybody, items of outboxes, objects at their ids; what is for one has none."""
    kinds = set()
    for letter in story.delivered():
        assert ("proof" in letter) == (PUBLIC in letter["to"]), letter["type"]
    for each in story.served:
        document = each.document
        if document["type"] == "OrderedCollectionPage":
            items = [item for item in document["orderedItems"] if isinstance(item, dict)]
            assert all("proof" in item for item in items)
            kinds |= {item["type"] for item in items}
        elif "/objects/" in each.url or "/activities/" in each.url:
            assert ("proof" in document) == (each.status == 200), each.url
            kinds.add(document["type"])
    assert kinds >= {"Create", "Update", "Delete", "Announce", "Add", "Remove", "Note", "Event"}


def test_what_others_rely_on_keeps_its_own_proof(story: Story) -> None:
    """A statement, and what tells of a credential: in a letter as at its id, with its context."""
    found = 0
    for letter in story.delivered():
        inner = letter["object"]
        if isinstance(inner, dict):
            alone = "charterStatement" in inner or "credential" in inner
            assert ("proof" in inner) == alone == ("@context" in inner)
            found += "proof" in inner
    assert found


def test_active_boxes_verifies_a_credential_by_itself(story: Story) -> None:
    """Out of its Note, with a key that the hub's actor lists: an attestation and a label."""
    found = {
        part["credential"]["id"]: part["credential"]
        for _, document in story.documents()
        for part in parts(document)
        if "credential" in part
    }
    assert {"principles" in each["credentialSubject"] for each in found.values()} == {True, False}
    listed = story.fetch(story.hub_actor)["assertionMethod"]
    keys = {each["id"]: each for each in listed}
    for credential in found.values():
        key = Ed25519Key.from_multikey(keys[credential["proof"]["verificationMethod"]])
        assert data_integrity.verify_integrity_proof(credential, key)
        for other in ({"validUntil": "2199-01-01T00:00:00Z"}, {"id": f"{credential['id']}x"}):
            assert not data_integrity.verify_integrity_proof(credential | other, key)


def test_active_boxes_verifies_each(story: Story) -> None:
    """With the key in the author's document; a word changed, and it no longer does."""
    documents = [each for each in proven(story) if not has_a_whole_float(each)]
    assert len(documents) > 20
    for document in documents:
        key = Ed25519Key.from_multikey(multikey(story, document))
        assert data_integrity.verify_integrity_proof(document, key), document["id"]
        assert not data_integrity.verify_integrity_proof(document | {"type": "Like"}, key)


def test_we_verify_each(story: Story) -> None:
    """Those with whole degrees, too; each names its author's key and is dated in the past."""
    for document in proven(story):
        keys = proofs.read_keys(story.fetch(author_of(document)))
        assert proofs.verify(document, keys, clock.now()) in keys
        # in whole seconds, which every verifier writes alike
        said = document.get("updated") or document["published"]
        assert document["proof"]["created"] == f"{said[:19]}Z"


def test_the_same_document_has_the_same_bytes(story: Story) -> None:
    """A statement in a letter is what stands at its id, while that is the version that stands."""
    at_its_id = {each.url: each.document for each in story.served if each.status == 200}
    compared = 0
    for letter in story.delivered():
        inner = letter["object"]
        if not isinstance(inner, dict) or "proof" not in inner:
            continue
        served = at_its_id.get(inner["id"], {})
        if served.get("updated") == inner.get("updated"):
            assert json.dumps(inner) == json.dumps(served)
            compared += 1
    assert compared


def test_we_verify_what_active_boxes_signs() -> None:
    """With and without an end; its proofs have no context of their own."""
    velo = "https://velo.example/actors/velo"
    key = Ed25519Key(velo)
    key.new()
    keys = proofs.read_keys({"id": velo, "assertionMethod": [key.to_multikey()]})
    for more in ({}, {"expires": clock.stamp(clock.now() + timedelta(days=1))}):
        document: dict[str, Any] = {
            "@context": [AS2], "id": f"{velo}/1", "type": "Note", "attributedTo": velo,
            "content": "Bonjour à tous 🐝", "location": {"latitude": 48.1173, "longitude": -1.6778},
        }  # fmt: skip
        created = clock.stamp(clock.now())  # of itself it writes `+00:00Z`, which is no time
        data_integrity.generate_integrity_proof(document, key, created=created, **more)
        assert proofs.verify(document, keys, clock.now()) == key.key_id()


def test_the_digits_are_the_same() -> None:
    """Both write a signature's base58 alike."""
    assert data_integrity.base58btc_encode(b"\0\1\xff" * 21) == base58(b"\0\1\xff" * 21)
