"""Links with rel="me": whether a profile, or a page of its own, links back to us.

The microformat (https://microformats.org/wiki/rel-me) is what Mastodon shows a tick for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urljoin

from pecfed.domain.uris import Uris, same_origin
from pecfed.errors import FetchError
from pecfed.federation import html
from pecfed.federation.node import Node
from pecfed.language.wire import as_link, one_or_many, parse, text_by_language
from pecfed.store.actors import LocalActor
from pecfed.store.remotes import RemoteActor

MAX_PAGE = 1_000_000  # characters of a page that are searched for links
MAX_FIELDS = 50
MAX_SITES = 4
_LINK = re.compile(r"<(?:a|link)\s([^<>]{1,2000})>", re.IGNORECASE)


def addresses(uris: Uris, hub: LocalActor, *slugs: str) -> set[str]:
    """The addresses a link back may have: the hub's actor, its pages, the entry's page."""
    pages = ["", "/directory", f"/@{hub.username}"]
    for slug in slugs:
        pages += [f"/members/{quote(slug, safe='@:')}", f"/members/{quote(slug, safe='')}"]
    bare = {f"{uris.base}{language}{page}" for page in pages for language in ("", "/fr", "/en")}
    return {_plain(each) for each in {*bare, hub.uri}}


def _plain(url: str) -> str:
    return url.partition("#")[0].rstrip("/").casefold()


async def links_to(node: Node, actor: RemoteActor, wanted: set[str]) -> str:
    """Where the actor links to one of those addresses with rel="me": its id, its page, or "".

    Its document counts, and its page on its own origin. Another site counts when the actor
    calls it its own with rel="me", and it calls the actor its own likewise: else anybody could
    name somebody's site as their own, and whomever an actor only mentions could agree for it.
    """
    document = parse(actor.document.encode())
    told = list(text_by_language(document, "summary").values())
    fields = [each for each in one_or_many(document.get("attachment"))[:MAX_FIELDS]
              if isinstance(each, Mapping)]  # fmt: skip
    told += [each["value"] for each in fields if isinstance(each.get("value"), str)]
    sites = [link for text in told for link in links_of(text, actor.uri)]
    if any(_plain(link) in wanted for link in sites):
        return actor.uri
    page = as_link(document.get("url"))
    own = {_plain(page or actor.uri), _plain(actor.uri)}
    for number, address in enumerate(dict.fromkeys([page or actor.uri, *sites[:MAX_SITES]])):
        found = {_plain(link) for link in await _links_on(node, address)}
        proven = (number == 0 and same_origin(address, actor.uri)) or own & found
        if proven and found & wanted:
            return address
    return ""


async def _links_on(node: Node, address: str) -> set[str]:
    """The rel="me" links of a page; none where it can't be read."""
    try:
        answer = await node.client.get(address, {"Accept": "text/html"}, within_origin=False)
    except FetchError:
        return set()
    if answer.status != 200 or answer.media_type not in {"text/html", "application/xhtml+xml"}:
        return set()
    return set(links_of(answer.body.decode("utf-8", "replace"), answer.url))


def links_of(text: str, base: str) -> Iterator[str]:
    """The addresses that a piece of HTML links to with rel="me"."""
    for tag in _LINK.finditer(text[:MAX_PAGE]):
        given = html.attributes(tag[1])
        if "me" in given.get("rel", "").lower().split():
            address = given.get("href", "")
            try:
                yield urljoin(base, address) if address else ""
            except ValueError:
                continue
