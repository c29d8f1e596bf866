"""Texts in several languages, and folding them for search."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

Texts = Mapping[str, str]
"""One text by language tag (BCP 47, lower case): `{"fr": "…", "en": "…"}`."""

NONE: Texts = {}
"""No text, in no language."""

_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT = {"\n", "\t", "\u200d"}


def texts(value: object, language: str) -> dict[str, str]:
    """A string, or a table by language, as texts; `language` names what has no name."""
    if isinstance(value, str):
        return {language: value} if value else {}
    if isinstance(value, Mapping):
        return {str(tag): text for tag, text in value.items() if isinstance(text, str) and text}
    return {}


def pick(value: Texts, language: str) -> tuple[str, str]:
    """The language a text exists in and the text: the wanted one, else fr, en, the first."""
    for tag in (language, "fr", "en", *value):
        if value.get(tag):
            return tag, value[tag]
    return language, ""


def first(value: Texts, language: str) -> dict[str, str]:
    """The same texts with the wanted language's key first.

    Mastodon takes the first key of `contentMap` for the language of a post.
    """
    tag, _ = pick(value, language)
    return {tag: value[tag]} | dict(value) if value else {}


def shared(*values: Texts) -> tuple[str, ...]:
    """The languages in which each of these texts is written; those that are empty don't count."""
    given = [value for value in values if value]
    return tuple(tag for tag in given[0] if all(tag in each for each in given)) if given else ()


def clean(value: str, limit: int) -> str:
    """A remote text made safe to show as text: NFC, no control or direction marks, cut.

    `limit` counts code points. A run of combining marks is cut at eight.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", value[: limit * 4]):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 8 and (char in _KEPT or unicodedata.category(char) not in _UNSHOWN):
            kept.append(char)
    return "".join(kept)[:limit].strip()


def fold(words: Iterable[str]) -> str:
    """Texts as one line for search: no case, no accents, words apart by single spaces.

    Folding here, and not in a database, gives the same hits on both engines.
    """
    joined = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    letters = "".join(c if c.isalnum() else " " for c in joined if not unicodedata.combining(c))
    return " ".join(letters.split())
