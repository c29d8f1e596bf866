"""One spelling for whoever is blocked, and everything that it covers."""

from __future__ import annotations

import pytest

from pecfed.domain import blocking
from pecfed.errors import UsageError


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("example.org", "example.org"),
        (" Example.ORG. ", "example.org"),
        ("https://example.org", "example.org"),
        ("https://EXAMPLE.org:443/", "example.org"),
        ("http://example.org:80", "example.org"),
        ("*.example.org", "example.org"),
        ("example.org:8443", "example.org:8443"),
        ("https://example.org:8443/", "example.org:8443"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("XN--Bcher-KVA.example", "xn--bcher-kva.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("2001:db8::1", "[2001:db8::1]"),
    ],
)  # fmt: skip
def test_a_server_has_one_spelling(written: str, target: str) -> None:
    """Case, dots, ports, scripts."""
    assert blocking.server(written) == target
    assert blocking.scope_of(target) == "server"


@pytest.mark.parametrize(
    "written",
    ["", ".", "a b", "a/b", "exa_mple .org", "-a.example", "a..example", "a:0", "a:99999",
     "straße.example", "user@example.org", "x" * 70 + ".example", "a\x00.example"],
)  # fmt: skip
def test_no_server(written: str) -> None:
    """Refused with words, and never another server than was meant."""
    with pytest.raises(UsageError):
        blocking.server(written)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://example.org/users/x", "example.org"),
        ("https://Example.org./users/x", "example.org"),
        ("https://a.b.example.org/users/x", "example.org"),
        ("https://a.b.example.org/users/x", "b.example.org"),
        ("https://example.org:8443/users/x", "example.org"),
        ("https://example.org:8443/users/x", "example.org:8443"),
        ("http://example.org/users/x", "example.org:80"),
        ("https://xn--bcher-kva.example/x", "xn--bcher-kva.example"),
        ("https://127.0.0.1:9/x", "127.0.0.1"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]"),
        ("HTTPS://EXAMPLE.org:443/users/x#main-key", "https://example.org:443/users/x"),
    ],
)
def test_covered(uri: str, target: str) -> None:
    """However the address is written."""
    assert target in blocking.keys_of(uri)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://notexample.org/users/x", "example.org"),
        ("https://example.org.evil.example/users/x", "example.org"),
        ("https://example.org:8443/users/x", "example.org:443"),
        ("https://example.org/users/xy", "https://example.org:443/users/x"),
        ("http://example.org/users/x", "https://example.org:443/users/x"),
        ("https://127.0.0.1/x", "0.0.1"),
        ("https://example.org/", "org.example"),
    ],
)
def test_not_covered(uri: str, target: str) -> None:
    """Neighbours are left alone."""
    assert target not in blocking.keys_of(uri)


def test_what_is_no_address_is_nobody() -> None:
    """Nothing to block."""
    assert blocking.keys_of("mailto:x@example.org") == ()
    assert blocking.keys_of("") == ()
