"""Whose key signed a request: known, fetched from its owner, or read anew once when it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pecfed.domain.uris import origin, without_fragment
from pecfed.errors import FetchError, RefusedError
from pecfed.federation import signatures
from pecfed.federation.node import Node
from pecfed.federation.public_keys import PublicKey


@dataclass(frozen=True, slots=True)
class Request:
    """A request that came in; header names are lower case, with every value on the wire."""

    path_and_query: str
    headers: Mapping[str, Sequence[str]]
    body: bytes
    method: str = "POST"


class Signer(NamedTuple):
    """Whose key it was, and whether the request has been counted as a stranger's."""

    owner: str
    counted: bool


def check_host(node: Node, request: Request) -> None:
    """Check that a request means this node by the header that is signed.

    Raises:
        RefusedError: 401, it was meant for another.
    """
    if request.headers["host"][0].lower() != node.settings.host:
        raise RefusedError("signed for another host", status=401, code="host")


def count_stranger(node: Node, uri: str) -> None:
    """Count a request of somebody unknown, by the origin of that address.

    Raises:
        RefusedError: 429, there were too many this minute.
    """
    if not node.limits.strangers.take(origin(uri)):
        raise RefusedError("too many requests at once", status=429, code="too_many", retry=True)


async def find_signer(
    node: Node, signature: signatures.Signature, request: Request, speaks_for: str = ""
) -> Signer:
    """Whose key signed the request.

    `speaks_for` is the actor whose document must list a key that we don't know; "" asks
    the key itself whose it is. A key that fails is read anew once: its owner may have
    changed it.

    Raises:
        RefusedError: 401, the signature doesn't hold; 429, too many strangers at once;
            503, the key's origin doesn't answer.
    """
    known, counted = await node.remotes.key(signature.key_uri), False
    speaks_for = speaks_for or without_fragment(signature.key_uri)
    if known is None:
        count_stranger(node, speaks_for)
        counted = True
        known = await _fetch_key(node, signature.key_uri, speaks_for)
        node.limits.refreshed.add(known[0] if known else speaks_for)
    elif known[0] != speaks_for == without_fragment(signature.key_uri):
        # a neighbour on that server lists a key of that name: the actor's own document decides
        count_stranger(node, speaks_for)
        counted = True
        known = await _fetch_key(node, signature.key_uri, speaks_for, known[1])
    if known is not None and _holds(node, known[1], signature, request):
        return Signer(known[0], counted)
    if known is not None and (
        node.remotes.is_being_read(known[0]) or not node.limits.refreshed.holds(known[0])
    ):
        node.limits.refreshed.add(known[0])
        known = await _fetch_key(node, signature.key_uri, known[0], known[1])
        if known is not None and _holds(node, known[1], signature, request):
            return Signer(known[0], counted)
    raise RefusedError("the signature doesn't hold", status=401, code="signature")


async def _fetch_key(
    node: Node, key_uri: str, owner: str, failed: PublicKey | None = None
) -> tuple[str, PublicKey] | None:
    try:
        return await node.remotes.fetch_key(key_uri, owner, failed)
    except FetchError as error:
        safe = "the key of the signature can't be read"
        if error.retry and error.code != "no_such_host":
            raise RefusedError(
                error.message, safe=safe, status=503, code="key_unreachable", retry=True
            ) from error
        # also where the address is none that we ask: nobody learns what stands in our network
        raise RefusedError(error.message, safe=safe, status=401, code="key") from error


def _holds(node: Node, key: PublicKey, signature: signatures.Signature, request: Request) -> bool:
    base = node.settings.url
    return (
        signatures.verify(
            key, signature, request.headers, request.method, request.path_and_query, base
        )
        is True
    )
