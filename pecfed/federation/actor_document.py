"""What another server's actor says of itself: who it is, where its inbox is, which keys are its."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain import text
from pecfed.domain.handle import Handle, is_username
from pecfed.domain.uris import host_of, is_plain, same_origin
from pecfed.errors import FetchError
from pecfed.federation.multikey import has_ended
from pecfed.federation.public_keys import MAX_KEY
from pecfed.language.wire import as_uri, one_or_many, type_of
from pecfed.store.remotes import RemoteActor

ACTOR_TYPES = frozenset({"Application", "Group", "Organization", "Person", "Service"})
MAX_KEYS = 10
MAX_DOCUMENT = 262_144  # characters


def read_actor(
    document: Mapping[str, Any], handle: str = ""
) -> tuple[RemoteActor, list[tuple[str, str]]]:
    """An actor and its keys (uri, PEM or Multikey) out of its document.

    `handle` is one that WebFinger has confirmed; without it, the handle is the
    user name at the actor's own host.

    Raises:
        FetchError: the document is no actor we can talk to.
    """
    uri = as_uri(document.get("id"))
    if type_of(document, ACTOR_TYPES) not in ACTOR_TYPES or not is_plain(uri):
        raise FetchError(f"{uri}: is no actor", code="no_actor", retry=False)
    inbox = as_uri(document.get("inbox"))
    endpoints = document.get("endpoints")
    shared = as_uri(endpoints.get("sharedInbox")) if isinstance(endpoints, Mapping) else ""
    username = document.get("preferredUsername")
    if not same_origin(inbox, uri) or not isinstance(username, str) or not is_username(username):
        raise FetchError(f"{uri}: lacks an inbox or a name", code="no_actor", retry=False)
    if not same_origin(shared, uri):
        shared = inbox
    name = document.get("name")
    written = json.dumps(document, ensure_ascii=False)
    if len(written) > MAX_DOCUMENT:
        raise FetchError(f"{uri}: more than an actor needs", code="too_large", retry=False)
    actor = RemoteActor(
        uri=uri,
        type=type_of(document, ACTOR_TYPES),
        handle=handle or f"{text.clean(username, 128)}@{host_of(uri)}",
        name=text.clean(name if isinstance(name, str) and name else username, 200),
        inbox=inbox,
        shared_inbox=shared,
        document=written,
        fetched_at=clock.now_ms(),
        gone_at=None,
    )
    return actor, read_keys(document, uri)


def read_keys(document: Mapping[str, Any], uri: str) -> list[tuple[str, str]]:
    """The keys (uri, PEM or Multikey) that an actor's document lists as its own.

    Both places count: `publicKey` and `assertionMethod` (FEP-521a), ten keys in all,
    whose ids are on the actor's origin and which name the actor as their owner. One
    that is revoked, or whose time is over, counts no more.
    """
    now = clock.now()
    found: dict[str, str] = {}
    for place, owner, value in (
        ("publicKey", "owner", "publicKeyPem"),
        ("assertionMethod", "controller", "publicKeyMultibase"),
    ):
        for key in one_or_many(document.get(place))[:MAX_KEYS]:
            if not isinstance(key, Mapping) or has_ended(key, now):
                continue
            key_uri, written = as_uri(key.get("id")), key.get(value)
            if key.get(owner) == uri and same_origin(key_uri, uri) and isinstance(written, str):
                found.setdefault(key_uri, written[: MAX_KEY + 1])
    only = document.get("publicKey")
    if isinstance(only, Mapping) and (written := found.get(as_uri(only.get("id")))):
        # PeerTube names the actor itself as `keyId`: its one key is meant
        found.setdefault(uri, written)
    return list(found.items())[:MAX_KEYS]


def owner_of(document: Mapping[str, Any]) -> str:
    """Whose a key says it is, where a document is one by itself; "" where it is none.

    It counts once that actor's own document lists the key.
    """
    if type_of(document, ACTOR_TYPES) in ACTOR_TYPES:
        return ""
    owner = as_uri(document.get("owner")) or as_uri(document.get("controller"))
    return owner if same_origin(owner, as_uri(document.get("id"))) else ""


def claimed_handle(document: Mapping[str, Any]) -> str:
    """The handle on another host that an actor says it has (FEP-2c59); "" for none.

    It counts once that host has confirmed it.
    """
    claim = document.get("webfinger")
    handle = Handle.read(claim) if isinstance(claim, str) else None
    if handle is None or handle.host == host_of(as_uri(document.get("id"))):
        return ""
    return str(handle)


def aliases(document: Mapping[str, Any]) -> list[str]:
    """The ids that an actor's document says are its own too (FEP-7628)."""
    return [as_uri(each) for each in one_or_many(document.get("alsoKnownAs"))[:256]]
