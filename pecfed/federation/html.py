"""Between plain text and the little HTML that posts are made of."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

from pecfed.domain.text import clean
from pecfed.domain.uris import origin

_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}[^\s<>\".,;:!?)\]]")
SHOWN = 40
"""Characters of an address that a reader sees (Mastodon's own links show 30)."""
_ATTRIBUTE = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_ANCHOR = re.compile(r"<a\s([^<>]{1,4000})>", re.IGNORECASE)
_HREF = re.compile(r"""(?:^|\s)href\s*=\s*(["'])([^"'<>\s]{1,2048})\1""", re.IGNORECASE)
_NO_LINK = re.compile(r"""class\s*=\s*["'][^"']*\b(mention|hashtag)\b""", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)


def paragraphs(plain: str, *, links: bool = False) -> str:
    """Plain text as HTML paragraphs; single line breaks are kept, `links` makes addresses links."""
    parts = [part.strip() for part in plain.replace("\r\n", "\n").split("\n\n")]
    inner = linked if links else escape
    return "".join(f"<p>{inner(part).replace(chr(10), '<br>')}</p>" for part in parts if part)


def linked(plain: str) -> str:
    """Plain text as HTML in which web addresses are links."""
    made, at = [], 0
    for found in _ADDRESS.finditer(plain):
        made += [escape(plain[at : found.start()]), link(found[0])]
        at = found.end()
    return "".join([*made, escape(plain[at:])])


def link(url: str, text: str = "") -> str:
    """An address as a link that shows `text`, else itself: whole, or shortened where a reader can.

    Mastodon hides what is `invisible` and ends `ellipsis` with three dots, as it does
    with its own links; elsewhere the whole address is read.
    """
    if text:
        return f'<a href="{escape(url)}" rel="nofollow noopener">{escape(text)}</a>'
    scheme, mark, rest = url.partition("://")
    scheme, rest = (scheme + mark, rest) if mark else ("", url)
    shown = f"<span>{escape(rest)}</span>"
    if len(rest) > SHOWN:
        shown = (
            f'<span class="ellipsis">{escape(rest[:SHOWN])}</span>'
            f'<span class="invisible">{escape(rest[SHOWN:])}</span>'
        )
    hidden = f'<span class="invisible">{scheme}</span>' if scheme else ""
    return f'<a href="{escape(url)}" rel="nofollow noopener">{hidden}{shown}</a>'


def mention(uri: str, handle: str) -> str:
    """Somebody by its handle (name@host), marked as Mastodon marks its own."""
    name = escape(handle.partition("@")[0])
    return (
        f'<span class="h-card"><a href="{escape(uri)}" class="u-url mention">'
        f"@<span>{name}</span></a></span>"
    )


def clipped(text: str, most: int) -> str:
    """A text of at most `most` characters, cut between words and marked where it was cut."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(None, 1)[0].rstrip(" ,;:.") + "…"


def attributes(tag: str) -> dict[str, str]:
    """What stands in a tag after its name, by lower-case name."""
    return {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(tag)}


def links(html: str, limit: int) -> list[str]:
    """The web addresses that remote HTML links to, but for mentions and hashtags."""
    found: dict[str, None] = {}
    for tag in _ANCHOR.finditer(html[:100_000]):
        href = _HREF.search(tag[1])
        if href is None or _NO_LINK.search(tag[1]):
            continue
        address = unescape(href[2])
        if origin(address):
            found[address] = None
        if len(found) >= limit:
            break
    return list(found)


def plain(html: str, limit: int) -> str:
    """Remote HTML as plain text of at most `limit` characters, paragraphs kept apart."""
    broken = _BREAKS.sub("\n\n", html[: limit * 10])
    text = unescape(nh3.clean(broken, tags=set()))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return clean(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), limit)
