"""Collections of ours: pages out of the store, and the remote ones we read, bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from pecfed.domain.uris import same_origin
from pecfed.errors import FetchError
from pecfed.federation.node import Node
from pecfed.language.context import context
from pecfed.language.wire import Document, as_uri, one_or_many


def collection(uri: str, total: int, *, first: str | None = None) -> Document:
    """An OrderedCollection whose items are read page by page from `first`."""
    made: Document = {
        "@context": context("plain"),
        "id": uri,
        "type": "OrderedCollection",
        "totalItems": total,
    }
    if first:
        made["first"] = first
    return made


def whole(uri: str, items: Sequence[Any]) -> Document:
    """An OrderedCollection that holds all its items."""
    return collection(uri, len(items)) | {"orderedItems": list(items)}


def page(
    uri: str,
    part_of: str,
    items: Sequence[Any],
    *,
    after: str | None,
    contexts: list[Any] | None = None,
) -> Document:
    """One page; `after` is the address of the next one."""
    made: Document = {
        "@context": contexts or context("plain"),
        "id": uri,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": list(items),
    }
    if after:
        made["next"] = after
    return made


async def items(node: Node, uri: str) -> AsyncIterator[Any]:
    """The items of a remote collection: a bounded number of pages, one origin, no page twice.

    Raises:
        FetchError: a page can't be read.
    """
    seen: set[str] = set()
    given = 0
    here: Any = await node.fetcher.document(uri)
    for _ in range(node.settings.collection_pages):
        for item in one_or_many(here.get("orderedItems") or here.get("items")):
            yield item
            given += 1
            if given >= node.settings.collection_items:
                return
        link = here.get("next") or here.get("first")
        if isinstance(link, dict) and "id" not in link:
            here = link  # an anonymous first page, embedded
            continue
        address = as_uri(link)
        if not address or address in seen or not same_origin(address, uri):
            return
        seen.add(address)
        try:
            here = await node.fetcher.document(address)
        except FetchError as error:
            if error.code != "id_mismatch":
                raise
            return
