"""Texts: made safe to show, folded for search, picked by language."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.text import clean, first, fold, pick, texts

ANY = st.text(max_size=200)


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("Vélo Commun", "Vélo Commun"),
        ("Ve\u0301lo", "Vélo"),
        ("abc\u202edef", "abcdef"),
        ("\u2066abc\u2069", "abc"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("zero\u200bwidth", "zerowidth"),
        ("line\nline\ttab", "line\nline\ttab"),
        ("\U0001f468\u200d\U0001f33e", "\U0001f468\u200d\U0001f33e"),
        ("  spaces  ", "spaces"),
        ("日本語 العربية", "日本語 العربية"),
        ("private\ue000use", "privateuse"),
    ],
)
def test_clean(given_: str, shown: str) -> None:
    """Letters, emoji and line breaks stay; controls and direction marks go."""
    assert clean(given_, 100) == shown


def test_clean_cuts_a_flood_of_combining_marks() -> None:
    """A letter keeps eight marks; the text after it stays."""
    flooded = "a" + "\u0300" * 10_000 + "b"
    shown = clean(flooded, 20_000)
    assert len(shown) < 12
    assert shown.endswith("b")


@given(ANY, st.integers(1, 100))
def test_clean_keeps_its_promises(value: str, limit: int) -> None:
    """Whatever comes: never longer than asked, nothing that isn't shown, twice is once."""
    shown = clean(value, limit)
    assert len(shown) <= limit
    for char in shown:
        assert unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"} or char in "\n\t"
    assert clean(shown, limit) == shown


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        (["Éléphant", "ÇA"], "elephant ca"),
        (["Straße", "ŒUVRE"], "strasse œuvre"),
        (["l’atelier, n°5"], "l atelier n 5"),
        (["ﬁn", "Ａ"], "fin a"),
        (["100 %", "a_b"], "100 a b"),
        ([], ""),
        (["İstanbul"], "istanbul"),
    ],
)
def test_fold(words: list[str], folded: str) -> None:
    """Case, accents and signs don't matter for a search."""
    assert fold(words) == folded


@given(ANY)
def test_fold_holds_nothing_that_means_something_to_a_database(value: str) -> None:
    """Letters and digits between single spaces, and folding again changes nothing."""
    folded = fold([value])
    assert not set(folded) & set("%_\\'\"\x00")
    assert "  " not in folded and folded == folded.strip()
    assert fold([folded]) == folded


def test_texts_by_language() -> None:
    """A plain text gets the node's language; a table keeps its own."""
    assert texts("Bonjour", "fr") == {"fr": "Bonjour"}
    assert texts({"fr": "Bonjour", "en": "", "de": 3}, "en") == {"fr": "Bonjour"}
    assert texts("", "fr") == texts(None, "fr") == texts(["x"], "fr") == {}


def test_pick_prefers_the_readers_language() -> None:
    """Else French, else English, else what there is; nothing is an empty text."""
    assert pick({"en": "Hi", "fr": "Salut"}, "en") == ("en", "Hi")
    assert pick({"en": "Hi", "fr": "Salut"}, "de") == ("fr", "Salut")
    assert pick({"br": "Demat"}, "fr") == ("br", "Demat")
    assert pick({}, "fr") == ("fr", "")


def test_first_puts_the_language_of_the_post_first() -> None:
    """Mastodon takes the first key for the language."""
    assert list(first({"fr": "Salut", "en": "Hi"}, "en")) == ["en", "fr"]
    assert first({}, "en") == {}
