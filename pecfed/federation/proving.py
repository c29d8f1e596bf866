"""What we say in public, with its proof: the one way from our rows to what others read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pecfed import clock
from pecfed.domain import status_list as bits
from pecfed.federation import envelope, proofs
from pecfed.federation.activities import build
from pecfed.federation.gathering import main_language
from pecfed.federation.keys import Ed25519Signer
from pecfed.federation.node import Node
from pecfed.federation.objects import KINDS
from pecfed.language.wire import Document
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.credentials import StatusList
from pecfed.store.objects import Stored

STATUS_HOLDS = timedelta(days=30)


async def activity(node: Node, of: Activity, actor: LocalActor) -> Document:
    """An activity of ours as it is sent and served; a public one has a proof.

    A charter statement in it, or an object that carries a credential, keeps a proof of
    its own, so that it can be verified apart from the activity. What is for few has none:
    a proof would let them show it around as ours.

    Raises:
        StoreError: the actor's key can't be read.
    """
    document = build(of, actor, node.uris, node.settings)
    if not of.is_public:
        return document
    signer = await node.keyring.ed25519(actor.username)
    inner = document["object"]
    if isinstance(inner, dict) and _is_by(inner, actor):
        inner = document["object"] = await _with_credential(node, inner, actor)
        if "charterStatement" in inner or "credential" in inner:
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
    document = await _with_credential(node, document, actor)
    return _proved(document, await node.keyring.ed25519(actor.username))


async def credential(node: Node, document: Document, username: str) -> Document:
    """A credential that an actor of ours issued, as it is served.

    Its proof is made, as it says, when the credential was issued, or when the key that
    signs now was made, where the one before it was replaced: the same bytes each time.

    Raises:
        StoreError: the actor's key can't be read.
    """
    signer = await node.keyring.attesting(username)
    created = max(clock.from_iso(document["validFrom"]), clock.from_ms(signer.since))
    return proofs.sign(document, signer.uri, signer.key, clock.seconds(created))


async def status_list(
    node: Node, of: StatusList, revoked: Iterable[int], actor: LocalActor
) -> Document:
    """A status list of an actor of ours, as it is served.

    It says the day it was asked for and holds for a month from then, so that an old
    copy can't hide a revocation for ever.

    Raises:
        StoreError: the actor's key can't be read.
    """
    signer = await node.keyring.attesting(actor.username)
    now = clock.now()
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = max(day, clock.from_ms(of.changed_at), clock.from_ms(signer.since))
    document = bits.document(
        node.uris.status_list(of.id),
        actor.uri,
        revoked,
        clock.seconds(since),
        clock.seconds(since + STATUS_HOLDS),
    )
    return proofs.sign(document, signer.uri, signer.key, clock.seconds(since))


async def _with_credential(node: Node, document: Document, actor: LocalActor) -> Document:
    """An object that carries a credential of its author's: that has its own proof in it."""
    inner = document.get("credential")
    if not isinstance(inner, dict) or "proof" in inner or inner["issuer"]["id"] != actor.uri:
        return document
    return document | {"credential": await credential(node, inner, actor.username)}


def _is_by(document: Document, actor: LocalActor) -> bool:
    return bool(document.get("attributedTo") == actor.uri)


def _proved(document: Document, signer: Ed25519Signer) -> Document:
    """With a proof made, as it says, when the document was published or last corrected.

    In whole seconds: some verifiers write the time anew, without zeros at its end.
    """
    said = clock.from_iso(document.get("updated") or document["published"])
    return proofs.attach(document, signer.uri, signer.key, clock.seconds(said))
