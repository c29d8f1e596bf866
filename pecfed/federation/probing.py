"""Asking a member's node whether it is there: its actor, and what its host shows of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509

from pecfed.domain.suspicion import is_moved_unproven
from pecfed.domain.text import clean
from pecfed.domain.uris import site_of
from pecfed.errors import FetchError, PecfedError
from pecfed.federation.actor_document import aliases, read_keys
from pecfed.federation.node import Node
from pecfed.language.wire import as_uri, parse
from pecfed.services.liveness import Found

MAX_ALIASES = 16
MAX_ISSUER = 200  # characters


async def probe(node: Node, uri: str) -> Found:
    """What the node of that actor shows now: the actor's document, and its host's certificate.

    Two requests, three where the actor says that it moved; nobody else is asked.
    """
    try:
        actor = await node.remotes.refresh(uri)
    except PecfedError as error:
        return Found(failure=_why(error))
    document = parse(actor.document.encode())
    certificate, issuer = await _shown(node, uri)
    return Found(
        keys=frozenset(key for _, key in read_keys(document, actor.uri)),
        certificate=certificate,
        issuer=issuer,
        moved_to=await _moved_to(node, document, actor.uri),
        aliases=tuple(aliases(document)[:MAX_ALIASES]),
    )


def _why(error: PecfedError) -> str:
    """Why nobody answered, in a word or two."""
    status = error.peer_status if isinstance(error, FetchError) else None
    return f"HTTP {status}" if status else (error.code or "no answer")


async def _shown(node: Node, uri: str) -> tuple[str, str]:
    """SHA-256 and issuer of the certificate that a host shows where NodeInfo is asked for.

    Nothing over plain http, or where nobody answers: an actor that was read counts as alive.
    """
    if not uri.startswith("https://"):
        return "", ""
    try:
        answer = await node.client.get(
            f"{site_of(uri)}/.well-known/nodeinfo", {"Accept": "application/json"}
        )
    except FetchError:
        return "", ""
    return read_certificate(answer.certificate)


def read_certificate(der: bytes) -> tuple[str, str]:
    """SHA-256 (hex) and issuer of a certificate in DER; nothing where there is none."""
    if not der:
        return "", ""
    try:
        issuer = x509.load_der_x509_certificate(der).issuer.rfc4514_string()
    except ValueError:
        issuer = ""
    return hashlib.sha256(der).hexdigest(), clean(issuer, MAX_ISSUER)


async def _moved_to(node: Node, document: Mapping[str, Any], uri: str) -> str:
    """The id that an actor says it moved to, where that one doesn't say so too; else ""."""
    target = as_uri(document.get("movedTo"))
    if not target or target == uri or node.uris.is_ours(target) or await node.is_blocked(target):
        return ""
    try:
        theirs = aliases(await node.fetcher.document(target))
    except FetchError as error:
        if error.retry:
            return ""  # it may be away at the moment
        theirs = []
    return target if is_moved_unproven(target, theirs, uri) else ""
