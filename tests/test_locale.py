"""The interface's words: the same in both languages, all of them used, all of them there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import pecfed
from pecfed.http.language import LANGUAGES, UnknownWordError, counted, number, table, word, words

HTTP = Path(pecfed.__file__).parent / "http"
# A key, or the parts of one around what a page puts in: t("standing.name." ~ standing)
CALL = re.compile(
    r'\b(?P<how>t|n)\(\s*"(?P<key>[\w.-]+)"(?P<more>\s*~\s*\w+(?:\s*~\s*"(?P<end>[\w.-]+)")?)?'
)
PYTHON = re.compile(
    r'\b(?P<how>word|counted)\(\s*language,\s*"(?P<key>[\w.-]+)"'
    r'(?:\s*if [^"]+ else "(?P<other>[\w.-]+)")?'
)
FAMILIES = re.compile(r'(?:named, language, |startswith\()"(\w+)\.?"')


def sources() -> str:
    """Every template and every file of the room that writes words."""
    files = [*HTTP.rglob("*.html"), *HTTP.rglob("*.py"), *(HTTP.parent / "work").glob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in sorted(files))


def patterns() -> Iterator[tuple[str, str]]:
    """What the code asks for: how it was written, and a pattern of the keys that it means."""
    text = sources()
    for call in CALL.finditer(text):
        key = re.escape(call["key"])
        if call["more"]:
            key += r"[\w-]+" + re.escape(call["end"] or "")
        yield call[0], key + (r"\.(one|other)" if call["how"] == "n" else "")
    for key in re.findall(r'"(home\.\w+)"\)[,\]]', text):
        yield key, re.escape(key) + r"\.(one|other)"  # the figures of the front page
    for call in PYTHON.finditer(text):
        for key in (call["key"], call["other"]):
            if key:
                yield (
                    call[0],
                    re.escape(key) + (r"\.(one|other)" if call["how"] == "counted" else ""),
                )
    for family in FAMILIES.findall(text):
        yield family, rf"{family}\.[\w-]+"


def places(text: str) -> set[str]:
    """The names of the places in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_words() -> None:
    """The same keys, and the same places to fill in each."""
    french, english = (words(language) for language in LANGUAGES)
    assert sorted(french) == sorted(english)
    for key, text in french.items():
        assert places(text) == places(english[key]), key
    for language in LANGUAGES:
        calendar = table(language)["calendar"]
        assert (len(calendar["months"]), len(calendar["weekdays"])) == (12, 7)


def test_every_word_that_is_asked_for_is_there() -> None:
    """No page asks for a word that doesn't exist."""
    known = words("fr")
    asked = list(patterns())
    assert len(asked) > 100
    missing = [call for call, key in asked if not any(re.fullmatch(key, each) for each in known)]
    assert missing == []


def test_every_word_is_used() -> None:
    """No word is left over."""
    asked = [re.compile(key) for _, key in patterns()]
    unused = [
        key
        for key in words("fr")
        if not any(pattern.fullmatch(key) for pattern in asked) and not key.startswith("calendar.")
    ]
    assert unused == []


def test_french_keeps_its_spaces_and_apostrophes() -> None:
    """No line break can fall before a sign that belongs to its word."""
    for key, text in words("fr").items():
        assert not re.search(r" [:;!?»]|« |'", text), key
        assert "..." not in text, key
    for language in LANGUAGES:
        for key, text in words(language).items():
            assert text == text.strip(), key
            assert text, key


def test_counting_follows_the_language() -> None:
    """In French nothing is singular, in English it isn't; thousands stand apart."""
    assert counted("fr", "events.found", 0) == "0 événement"
    assert counted("en", "events.found", 0) == "0 events"
    assert counted("en", "events.found", 1) == "1 event"
    assert counted("fr", "events.found", 2) == "2 événements"
    assert number("fr", 12345) == "12\u202f345"
    assert number("en", 12345) == "12,345"


def test_an_unknown_word_is_an_error() -> None:
    """A forgotten word is found by the tests, not by a reader."""
    with pytest.raises(UnknownWordError):
        word("fr", "no.such.word")
