"""Finding a hub from any address of its site."""

from __future__ import annotations

from urllib.parse import urlsplit

from pecfed.domain.uris import origin, same_origin
from pecfed.errors import FetchError, RefusedError, UsageError
from pecfed.federation.node import Node
from pecfed.language.wire import as_uri
from pecfed.store.remotes import RemoteActor


async def find_hub(node: Node, address: str) -> RemoteActor:
    """The hub at an address: its actor, or any page of its site.

    Raises:
        RefusedError: there is no hub there, with what was found.
    """
    if not origin(address):
        raise UsageError(f"{address!r} is no web address; write it as https://annuaire.example")
    parts = urlsplit(address)
    directory = f"{parts.scheme}://{parts.netloc}/directory"
    try:
        found = await node.fetcher.document(directory)
        uri = as_uri(found.get("attributedTo"))
        if not same_origin(uri, directory):
            raise RefusedError(f"{address}: no hub answers there", code="no_hub")
        return await node.remotes.refresh(uri)
    except FetchError as error:
        raise RefusedError(
            f"{address}: no hub answers there ({error.message})", code="no_hub"
        ) from error
