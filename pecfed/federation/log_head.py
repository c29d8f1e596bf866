"""How far the log goes, signed by the hub: what a copy of it is proved against."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.log import BEGINNING
from pecfed.federation import proofs
from pecfed.federation.node import Node
from pecfed.language.context import context
from pecfed.language.wire import Document
from pecfed.store.actors import LocalActor
from pecfed.store.database import Row


async def signed(node: Node, hub: LocalActor, last: Row | None) -> Document:
    """The head of the log after its line `last` (`store/log.py: head`), as it is served.

    Its proof is made, as it says, with the line, or when the key that signs now was made,
    where the one before it was replaced: so the same log has the same head, byte for byte.

    Raises:
        StoreError: the hub's key can't be read.
    """
    signer = await node.keyring.attesting(hub.username)
    at = clock.from_ms(last["at"] if last else hub.created_at)
    document = {
        "@context": context("log"),
        "id": node.uris.log_head,
        "type": "Document",
        "attributedTo": hub.uri,
        "published": clock.stamp(at),
        "mediaType": "application/jsonl",
        "url": node.uris.log_copy,
        "logHead": {
            "lines": last["n"] if last else 0,
            "hash": last["hash"] if last else BEGINNING,
        },
    }
    created = clock.seconds(max(at, clock.from_ms(signer.since)))
    return proofs.attach(document, signer.uri, signer.key, created)
