"""The keys in an actor's document: the one RSA key that old servers read, and Multikeys."""

from __future__ import annotations

from typing import Any

from pecfed import clock
from pecfed.federation.multikey import rsa_multikey
from pecfed.language.wire import Document
from pecfed.store.actors import LocalActor
from pecfed.store.keys import OwnKey

MAX_LISTED = 10  # Mastodon reads no more


def key_properties(actor: LocalActor) -> Document:
    """`publicKey` and `assertionMethod`.

    `publicKey` is always one object, the current RSA key: old servers can't read a
    list. `assertionMethod` (FEP-521a) has the current Ed25519 key first, then a hub's
    attestation key, then those that were retired, the newest first, with the end of
    their time in `expires`: an Ed25519 key for good, so that what it signed in its time
    can still be proved, an RSA key until that end.
    """
    now = clock.now_ms()
    current = {key.kind: key for key in actor.keys if key.state == "current"}
    retired = sorted(
        (
            key
            for key in actor.keys
            if key.state == "retired" and (key.kind != "rsa" or (key.expires_at or 0) > now)
        ),
        key=lambda key: key.retired_at or 0,
        reverse=True,
    )
    first = [current[kind] for kind in ("ed25519", "attestation") if kind in current]
    listed = [*first, *retired][:MAX_LISTED]
    return {
        "publicKey": {
            "id": current["rsa"].uri,
            "owner": actor.uri,
            "publicKeyPem": current["rsa"].public,
        },
        "assertionMethod": [_multikey(actor.uri, key) for key in listed],
    }


def _multikey(actor_uri: str, key: OwnKey) -> dict[str, Any]:
    made = {
        "id": key.uri,
        "type": "Multikey",
        "controller": actor_uri,
        "publicKeyMultibase": rsa_multikey(key.public) if key.kind == "rsa" else key.public,
    }
    if key.expires_at is not None:
        made["expires"] = clock.stamp(clock.from_ms(key.expires_at))
    return made
