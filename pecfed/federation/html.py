"""Between plain text and the little HTML that posts are made of."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

from pecfed.domain.text import clean

_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)


def paragraphs(plain: str) -> str:
    """Plain text as HTML paragraphs; single line breaks are kept."""
    parts = [part.strip() for part in plain.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part)


def link(url: str) -> str:
    """An address as a link that shows itself."""
    safe = escape(url)
    return f'<a href="{safe}" rel="nofollow noopener">{safe}</a>'


def plain(html: str, limit: int) -> str:
    """Remote HTML as plain text of at most `limit` characters, paragraphs kept apart."""
    broken = _BREAKS.sub("\n\n", html[: limit * 10])
    text = unescape(nh3.clean(broken, tags=set()))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return clean(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), limit)
