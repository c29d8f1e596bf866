"""Which language a page is in, and the interface's words in it (`pecfed/locale/`).

The first step of the path pins it (`/fr/members`); elsewhere the reader's
`Accept-Language` decides, and then the node's own setting.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from aiohttp import web

from pecfed.http.negotiate import weights

LANGUAGES = ("fr", "en")


class UnknownWordError(KeyError):
    """The interface has no word of that name."""


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


@cache
def table(language: str) -> Mapping[str, Any]:
    """The locale file of a language, as it is written."""
    text = (resources.files("pecfed") / "locale" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(language: str) -> Mapping[str, str]:
    """Every word of the interface by its dotted key: `members.title`."""
    return dict(_flat("", table(language)))


def _flat(prefix: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, str):
            found.append((prefix + name, value))
        elif isinstance(value, Mapping):
            found += _flat(f"{prefix}{name}.", value)
    return found


def word(language: str, key: str, /, **values: object) -> str:
    """One word or sentence of the interface, with `values` in its places.

    Raises:
        UnknownWordError: there is no such key.
    """
    try:
        text = words(language)[key]
    except KeyError:
        raise UnknownWordError(key) from None
    return text.format_map(values) if values else text


def counted(language: str, key: str, n: int, /, **values: object) -> str:
    """`key.one` or `key.other` with the number `n` in it; French counts none as one."""
    form = "one" if n == 1 or (n == 0 and language == "fr") else "other"
    return word(language, f"{key}.{form}", n=number(language, n), **values)


def number(language: str, n: int) -> str:
    """A whole number with its thousands apart, as the language writes it."""
    return f"{n:,}".replace(",", "\u202f") if language == "fr" else f"{n:,}"


def named(language: str, family: str, id_: str) -> str:
    """A name from a family of words (languages, countries), or the id itself when it has none."""
    return words(language).get(f"{family}.{id_}", id_)
