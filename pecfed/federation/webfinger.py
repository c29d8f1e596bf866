"""Whose handle is this? The other side of WebFinger (RFC 7033), asked as Mastodon asks.

The rules are those of `lib/webfinger.rb` and `process_account_service.rb` of Mastodon:
the `self` link counts by its exact media type; an answer about somebody else than was
asked is checked by asking for that one, which must then name itself; 404 alone leads
to host-meta (RFC 6415), 410 says that the account is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pecfed.domain.handle import Handle
from pecfed.domain.uris import origin
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.client import Answer, Client
from pecfed.language.wire import Document, one_or_many, parse

SELF_TYPES = frozenset(
    {
        "application/activity+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    }
)
MAX_LINKS = 50
MAX_TEMPLATE = 2048
MAX_HOST_META = 65_536  # bytes
_JRD = {"Accept": "application/jrd+json, application/json"}
_XRD = {"Accept": "application/xrd+xml, application/xml, text/xml"}
_LINK = "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of an answer; `href` or `template` is "" where it gives none."""

    rel: str
    type: str
    href: str
    template: str


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a handle means: the handle its own host confirms, the actor's id, every link."""

    handle: Handle
    uri: str
    links: tuple[Link, ...]

    def template(self, rel: str) -> str:
        """The first template for that relation, or ""."""
        found = (link.template for link in self.links if link.rel == rel and link.template)
        return next(found, "")


async def look_up(client: Client, handle: Handle) -> Account:
    """Ask a handle's host who it is; at most two questions, each bounded as every fetch.

    The actor's id is what that host says: it counts once the actor's own origin agrees
    (`Remotes`, `resolve`).

    Raises:
        FetchError: `no_account` (nobody has that handle; `gone` tells of 404 and 410), `webfinger`
            (the answer can't be used), or why the host can't be read.
    """
    answer = await _ask(client, handle)
    said = _subject(answer, handle)
    if said != handle:
        answer = await _ask(client, said)
        if _subject(answer, said) != said:
            raise FetchError(
                f"{handle}: its WebFinger leads from one handle to another",
                code="webfinger",
                retry=False,
            )
    links = _links(answer)
    for link in links:
        if link.rel == "self" and link.type in SELF_TYPES and origin(link.href):
            return Account(said, link.href, links)
    raise FetchError(f"{handle}: is no ActivityPub account", code="webfinger", retry=False)


def _subject(answer: Document, asked: Handle) -> Handle:
    """Whom an answer is about."""
    said = answer.get("subject")
    found = Handle.read(said) if isinstance(said, str) and said[:5].lower() == "acct:" else None
    if found is None:
        raise FetchError(f"{asked}: WebFinger names no subject", code="webfinger", retry=False)
    return found


def _links(answer: Document) -> tuple[Link, ...]:
    return tuple(
        Link(
            *(
                value if isinstance(value := link.get(name), str) and len(value) < 2049 else ""
                for name in ("rel", "type", "href", "template")
            )
        )
        for link in one_or_many(answer.get("links"))[:MAX_LINKS]
        if isinstance(link, Mapping)
    )


async def _ask(client: Client, handle: Handle) -> Document:
    """The host's answer about a handle; where it says 404, its host-meta may know better."""
    site = client.site(handle.host)
    # the ":" and "@" stay as Mastodon writes them: some servers compare texts
    resource = quote(handle.subject, safe=":@")
    where = f"{site}/.well-known/webfinger?resource={resource}"
    answer = await client.get(where, _JRD, within_origin=False)
    if answer.status == 404:
        template = await _template(client, site)
        other = template.replace("{uri}", resource)
        if template and other != where:
            answer = await client.get(other, _JRD, within_origin=False)
    if answer.status != 200:
        missing = answer.status in {404, 410}
        raise FetchError(
            f"{handle}: WebFinger answered {answer.status}",
            code="no_account" if missing else "status",
            retry=answer.status >= 500 or answer.status in {408, 429},
            peer_status=answer.status,
        )
    try:
        return parse(answer.body)
    except RefusedError as error:
        raise FetchError(
            f"{handle}: WebFinger: {error.message}", code="webfinger", retry=False
        ) from None


async def _template(client: Client, site: str) -> str:
    """Where host-meta says that WebFinger is, or ""."""
    try:
        answer = await client.get(f"{site}/.well-known/host-meta", _XRD, within_origin=False)
    except FetchError:
        return ""
    return read_host_meta(answer) if answer.status == 200 else ""


def read_host_meta(answer: Answer) -> str:
    """The `lrdd` template of an XRD, or ""; a document type is refused, so nothing is expanded."""
    if len(answer.body) > MAX_HOST_META:
        return ""
    try:
        text = answer.body.decode("utf-8")
        if "<!" in text.replace("<!--", ""):
            return ""
        root = ET.fromstring(text)  # noqa: S314 - bounded, and without a document type
    except (UnicodeDecodeError, ET.ParseError, ValueError):
        return ""
    for link in root.iter(_LINK):
        template = link.get("template", "")
        if link.get("rel") == "lrdd" and "{uri}" in template and len(template) <= MAX_TEMPLATE:
            return template
    return ""
