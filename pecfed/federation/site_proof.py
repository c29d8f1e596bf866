"""Whether a word stands on somebody's own site, where only whoever keeps the site can put it.

In a file of its own under `/.well-known/` when the site is a whole host, or in a `meta` tag
of its front page. Text that stands anywhere else on a page counts for nothing: visitors
may have written it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pecfed.domain.claim import FILE, META
from pecfed.domain.uris import origin
from pecfed.errors import FetchError
from pecfed.federation import html
from pecfed.federation.node import Node

MAX_LINES = 50
MAX_HEAD = 262_144  # characters of a page that are searched
_META = re.compile(r"<meta\s([^<>]{1,1000})>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.{0,20000}?-->", re.DOTALL)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)


async def find(node: Node, site: str, word: str) -> str:
    """The address of the site's own where the word stands, or "".

    Two requests at most, through the node's one client with its bounds.

    Raises:
        FetchError: it stands nowhere, and one of the two can't be read.
    """
    failed: FetchError | None = None
    for address, is_file in _places(site):
        kind = "text/plain" if is_file else "text/html"
        try:
            answer = await node.client.get(address, {"Accept": kind}, within_origin=is_file)
        except FetchError as error:
            failed = failed or error
            continue
        if answer.status != 200 or answer.media_type != kind:
            continue
        text = answer.body.decode("utf-8", "replace")
        if is_file:
            stands = word in map(str.strip, text.splitlines()[:MAX_LINES])
        else:
            stands = word in _words_on(text)
        if stands:
            return address
    if failed is not None:
        raise failed
    return ""


def _places(site: str) -> Iterator[tuple[str, bool]]:
    """The front page; the file too (and that it is one) where nobody else shares the host."""
    if not origin(site):
        return
    yield site, False
    if urlsplit(site).path in {"", "/"}:
        yield f"{origin(site)}{FILE}", True


def _words_on(page: str) -> Iterator[str]:
    """What the proof's meta tags of a page's head say, but for those in comments."""
    head = _BODY.split(_COMMENT.sub("", page[:MAX_HEAD]), maxsplit=1)[0]
    for tag in _META.finditer(head):
        given = html.attributes(tag[1])
        if given.get("name", "").lower() == META:
            yield given.get("content", "").strip()
