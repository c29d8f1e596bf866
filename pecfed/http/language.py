"""Which language a page is in; the words themselves come from `language/words.py`.

The first step of the path pins it (`/fr/members`); elsewhere the reader's
`Accept-Language` decides, and then the node's own setting.
"""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from pecfed.http.negotiate import weights
from pecfed.language.words import (
    LANGUAGES,
    UnknownWordError,
    counted,
    named,
    number,
    table,
    word,
    words,
)

__all__ = [
    "LANGUAGES",
    "Choice",
    "UnknownWordError",
    "accepted",
    "choose",
    "counted",
    "named",
    "number",
    "table",
    "word",
    "words",
]


class Choice(NamedTuple):
    """The language of an answer; `path` is the raw path without the language that pinned it."""

    language: str
    pinned: bool
    path: str

    @property
    def prefix(self) -> str:
        """What stands before the path of a link within the site."""
        return f"/{self.language}" if self.pinned else ""


def choose(request: web.Request, default: str) -> Choice:
    """The language that a request's answer is written in."""
    path = request.rel_url.raw_path
    first, _, rest = path.removeprefix("/").partition("/")
    if first in LANGUAGES:
        return Choice(first, True, f"/{rest}")
    return Choice(accepted(request.headers.get("Accept-Language", ""), default), False, path)


def accepted(header: str, default: str) -> str:
    """The best language for an `Accept-Language` header (RFC 9110 section 12.5.4)."""
    best, best_weight = default, 0.0
    for tag, weight in weights(header).items():
        language = tag.partition("-")[0]
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
