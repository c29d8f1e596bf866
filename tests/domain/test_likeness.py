"""What looks like something else: sites, names and handles, as people would take them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.confusables import mixed, scripts, skeleton, unicode_handle, unicode_host
from pecfed.domain.duplicates import name_key, site_key


@pytest.mark.parametrize(
    "url",
    [
        "https://coop.example",
        "http://www.coop.example/",
        "https://COOP.example:443/fr/?utm=x#top",
        "https://coop.example./index.html",
        "https://coop.example/accueil",
    ],
)
def test_one_site_has_one_key(url: str) -> None:
    """However it is spelled."""
    assert site_key(url) == "coop.example"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://mobilizon.example/@coop", "mobilizon.example/@coop"),
        ("https://coop.example:8443/", "coop.example:8443"),
        ("https://vélo.example", "xn--vlo-bma.example"),
        ("https://xn--vlo-bma.example/en", "xn--vlo-bma.example"),
        ("ftp://coop.example", ""),
        ("coop.example", ""),
        ("", ""),
        ("https://[", ""),
        ("https://coop.example:99999", ""),
        ("https://" + "é" * 300 + ".example", ""),
        ("https://coop.example/" + "x" * 3000, ""),
    ],
)
def test_what_differs_is_kept(url: str, key: str) -> None:
    """Path, port, a name beyond a-z in one form; what is no site has none."""
    assert site_key(url) == key


def test_one_name_has_one_key() -> None:
    """Case, accents, punctuation and legal form don't count."""
    assert name_key("SCIC Vélo-Partage") == name_key("velo partage") == "velo partage"
    assert name_key("La Coop") == "la coop"
    assert name_key("…") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("реc.org", "pec.org"),  # Cyrillic р and е
        ("соор.example", "coop.example"),  # all of it Cyrillic
        ("Μοbicoop", "Mobicoop"),  # Greek capital mu and omicron
        ("mobic0op", "mobicoop"),
        ("rnobicoop", "mobicoop"),
        ("Ɩilas".replace("Ɩ", "1"), "lilas"),
        ("vélo", "velo"),
        ("ＣＯＯＰ", "coop"),
    ],
)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    """Letters of other alphabets, digits, pairs that are drawn as one."""
    assert skeleton(one) == skeleton(other)


def test_what_looks_different_has_not() -> None:
    """No two common words are taken for each other."""
    words = ["coop", "corp", "velo", "vero", "lilas", "linas", "orme", "mobicoop", "pec", "pac"]
    assert len({skeleton(word) for word in words}) == len(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mobicоop", ("Mobicоop",)),
        ("Кооператив Coop", ()),
        ("日本語のcoop", ()),
        ("Coop nº1 — l’été", ()),
        ("Ἀθῆναι", ()),
        ("velo@cооp.example", ("cооp",)),
    ],
)
def test_a_word_in_two_alphabets_is_told(text: str, words: tuple[str, ...]) -> None:
    """But not two words, each in its own, nor what is written together."""
    assert mixed(text) == words


def test_a_host_is_seen_as_people_see_it() -> None:
    """What isn't Punycode stays as it is."""
    written = "pеc".encode("idna").decode() + ".example"
    assert unicode_host(written) == "pеc.example"
    assert unicode_handle(f"a@{written}") == "a@pеc.example"
    assert unicode_host("xn--\u00e9.example") == "xn--\u00e9.example"
    assert unicode_host("xn--a-0000000000.example").endswith(".example")
    assert skeleton(unicode_handle(f"a@{written}")) == "a@pec.example"


@given(st.text(max_size=200))
def test_nothing_breaks_it(text: str) -> None:
    """Any text has its skeleton, and the skeleton is its own."""
    assert skeleton(skeleton(text)) == skeleton(skeleton(skeleton(text)))
    mixed(text)
    scripts(text)
    site_key(f"https://{text}")
    name_key(text)
    unicode_host(f"xn--{text}")
