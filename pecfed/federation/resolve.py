"""Finding somebody by what people know of them: a handle, or the address of their page."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from pecfed.domain.handle import Handle
from pecfed.domain.uris import origin
from pecfed.errors import FetchError, UsageError
from pecfed.federation import html
from pecfed.federation.fetch import ACCEPT
from pecfed.federation.node import Node
from pecfed.federation.webfinger import SELF_TYPES, look_up
from pecfed.store.remotes import RemoteActor

MAX_HEAD = 262_144  # characters of a page that are searched for the link
_HEADER_LINK = re.compile(
    r'<([^<>]{1,2048})>((?:\s*;\s*[\w*]+\s*=\s*(?:"[^"]{0,300}"|[^",;\s]+))+)'
)
_TAG = re.compile(r"<link\s([^<>]{1,2000})>", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([\w*]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))')


async def resolve(node: Node, text: str) -> RemoteActor:
    """The actor that `@name@host`, `acct:name@host`, its id or a page of its site means.

    Whatever the text says, the actor is read at its own origin; of a handle, that
    actor's id must be the one its host names, and the handle comes back with it.

    Raises:
        UsageError: the text is neither a handle nor an address, or it means this node.
        FetchError: nobody is found, or what is found is no actor.
    """
    text = text.strip()
    handle = Handle.read(text)
    if handle is None and not origin(text):
        raise UsageError(f"{text[:200]!r}: write a handle as @name@host, or an https address")
    if node.uris.is_ours(text) or (handle and handle.host == node.settings.handles_host):
        raise UsageError(f"{text}: is on this node itself")
    if handle is None:
        return await _at(node, text)
    found = await look_up(node.client, handle)
    if node.uris.is_ours(found.uri):
        raise UsageError(f"{text}: is on this node itself")
    actor = await node.remotes.refresh(found.uri, str(found.handle))
    if actor.uri != found.uri:
        raise FetchError(
            f"{handle}: its host names {found.uri}, which calls itself {actor.uri}",
            code="id_mismatch",
            retry=False,
        )
    return actor


async def _at(node: Node, address: str) -> RemoteActor:
    """The actor at an address: its document, else the one that the page there links to."""
    try:
        return await node.remotes.refresh(address)
    except FetchError as error:
        if error.code not in {"content_type", "redirect_away"}:
            raise
    there = await alternate(node, address)
    if not there or node.uris.is_ours(there):
        raise FetchError(f"{address}: leads to no actor", code="no_actor", retry=False)
    return await node.remotes.refresh(there)


async def alternate(node: Node, address: str) -> str:
    """The ActivityPub address that a page names: by its `Link` header, else in its head; or "".

    Raises:
        FetchError: the page can't be read.
    """
    accept = f"{ACCEPT}, text/html;q=0.1"
    answer = await node.client.get(address, {"Accept": accept}, within_origin=False)
    if answer.status != 200:
        raise FetchError(
            f"{address}: answered {answer.status}",
            code="status",
            retry=answer.status >= 500,
            peer_status=answer.status,
        )
    if answer.media_type in {"application/activity+json", "application/ld+json"}:
        return answer.url  # a redirect led to the document itself
    found = _in_header(answer.headers.get("Link", ""))
    if not found and answer.media_type in {"text/html", "application/xhtml+xml"}:
        found = _in_head(answer.body.decode("utf-8", "replace"))
    there = urljoin(answer.url, found) if found else ""
    return there if origin(there) else ""


def _in_header(header: str) -> str:
    """The first alternate in a `Link` header (RFC 8288), or ""."""
    for match in _HEADER_LINK.finditer(header[:16_384]):
        given = {name.lower(): a or b for name, a, b in _PARAMETER.findall(match[2])}
        if "alternate" in given.get("rel", "").lower().split() and _is_activity(given.get("type")):
            return match[1]
    return ""


def _is_activity(media: str | None) -> bool:
    return media in SELF_TYPES


def _in_head(page: str) -> str:
    """The first `<link rel="alternate" type="application/activity+json" href="…">`, or "".

    Not by a parser of the whole page: what strangers write costs no more than its length.
    """
    for tag in _TAG.finditer(page[:MAX_HEAD]):
        given = html.attributes(tag[1])
        if "alternate" in given.get("rel", "").lower().split() and _is_activity(given.get("type")):
            return given.get("href", "")
    return ""
