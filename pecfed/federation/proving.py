"""What we say in public, with its proof: the one way from our rows to what others read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from pecfed import clock
from pecfed.federation import envelope, proofs
from pecfed.federation.activities import build
from pecfed.federation.gathering import main_language
from pecfed.federation.keys import Ed25519Signer
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS
from pecfed.language.wire import Document
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.objects import Stored


async def activity(node: Node, of: Activity, actor: LocalActor) -> Document:
    """An activity of ours as it is sent and served; a public one has a proof.

    A charter statement in it keeps a proof of its own, so that it can be verified
    apart from the activity. What is for few has none: a proof would let them show it
    around as ours.

    Raises:
        StoreError: the actor's key can't be read.
    """
    document = build(of, actor, node.uris, node.settings)
    if not of.is_public:
        return document
    signer = await node.keyring.ed25519(actor.username)
    inner = document["object"]
    if isinstance(inner, dict) and "charterStatement" in inner and _is_by(inner, actor):
        document["object"] = _proved(inner, signer)
    return _proved(document, signer)


async def obj(node: Node, stored: Stored, actor: LocalActor, groups: Sequence[str]) -> Document:
    """An object of ours as it is served at its id, addressed to those working groups, too.

    Raises:
        StoreError: the actor's key can't be read.
    """
    document = KINDS[stored.kind].to_wire(
        stored.content,
        stored.uri,
        actor.uri,
        stored.published_at,
        stored.updated_at,
        main_language(actor, node.settings),
    )
    envelope.address(document, groups)
    return _proved(document, await node.keyring.ed25519(actor.username))


def _is_by(document: Document, actor: LocalActor) -> bool:
    return bool(document.get("attributedTo") == actor.uri)


def _proved(document: Document, signer: Ed25519Signer) -> Document:
    """With a proof made, as it says, when the document was published or last corrected.

    In whole seconds: some verifiers write the time anew, without zeros at its end.
    """
    said = clock.from_iso(document.get("updated") or document["published"])
    created = said.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return proofs.attach(document, signer.uri, signer.key, created)
