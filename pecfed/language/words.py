"""The interface's words in each language, as `pecfed/locale/` has them: for pages and mails."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("fr", "en")


class UnknownWordError(KeyError):
    """The interface has no word of that name."""


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
