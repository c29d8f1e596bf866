"""Between plain text and HTML: nothing that acts gets in, nothing that is said gets lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.federation import html


@pytest.mark.parametrize(
    ("remote", "plain"),
    [
        ("<p>Un</p><p>Deux</p>", "Un\n\nDeux"),
        ("Un<br>Deux", "Un\n\nDeux"),
        ("<p>Voir <a href='https://a.example'>ici</a>.</p>", "Voir ici."),
        ("<script>alert(1)</script>Bonjour", "Bonjour"),
        ("<style>p{}</style>Bonjour", "Bonjour"),
        ("&lt;b&gt; &amp; &eacute;", "<b> & é"),
        ("<ul><li>un</li><li>deux</li></ul>", "un\n\ndeux"),
        ("<img src=x onerror=alert(1)>", ""),
        ("a \u202e b", "a  b"),
        ("", ""),
    ],
)
def test_remote_html_becomes_plain_text(remote: str, plain: str) -> None:
    """Paragraphs stay apart, markup goes, entities are letters."""
    assert html.plain(remote, 1000) == plain


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("Un\n\nDeux", "<p>Un</p><p>Deux</p>"),
        ("Un\nDeux", "<p>Un<br>Deux</p>"),
        ("<script>", "<p>&lt;script&gt;</p>"),
        ("\"&'", "<p>&quot;&amp;&#x27;</p>"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        (" \n\n ", ""),
    ],
)
def test_plain_text_becomes_paragraphs(plain: str, written: str) -> None:
    """Text is text: no character of it is markup."""
    assert html.paragraphs(plain) == written


def test_an_address_becomes_a_link_that_shows_itself() -> None:
    """Also one with quotes in it."""
    made = html.link('https://a.example/?a="><script>&b=1')
    assert "<script>" not in made and made.count("&amp;b=1") == 2


@given(st.text(max_size=300))
def test_there_and_back(text: str) -> None:
    """What cannot be read back is at least never markup, and reading it never fails."""
    shown = html.plain(html.paragraphs(text), 10_000)
    assert html.plain(html.paragraphs(shown), 10_000) == shown
    assert "\x00" not in shown


@pytest.mark.parametrize(
    "hostile",
    ["<" * 500_000, "<br" * 200_000, "<p>" * 200_000, "&" * 500_000, "<a href='" * 80_000,
     "\n" * 900_000, "</p " + "x" * 900_000],
    ids=range(7),
)  # fmt: skip
def test_hostile_html_takes_no_longer_than_honest_html(hostile: str) -> None:
    """Half a megabyte of whatever is read, or cut, in a moment."""
    began = time.perf_counter()
    html.plain(hostile, 10_000)
    assert time.perf_counter() - began < 0.5
