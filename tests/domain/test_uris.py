"""Addresses: what has an origin, and which two are of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.uris import Uris, host_of, origin, same_origin, without_fragment


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/x", "https://a.example:443"),
        ("https://A.Example:443/x", "https://a.example:443"),
        ("HTTPS://a.example", "https://a.example:443"),
        ("http://a.example/", "http://a.example:80"),
        ("https://a.example:8443/x#y", "https://a.example:8443"),
        ("https://a.example./x", "https://a.example:443"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]:443"),
        ("", ""),
        ("acct:a@a.example", ""),
        ("ftp://a.example/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("//a.example/x", ""),
        ("/x", ""),
        ("https:///x", ""),
        ("https://user@a.example/", ""),
        ("https://user:pw@a.example/", ""),
        ("https://a.example\\@b.example/", ""),
        ("https://a.example/\r\nHost: b", ""),
        ("https://a.example/a b", ""),
        ("https://a.example/\x00", ""),
        ("https://a.example/\x7f", ""),
        ("https://a.example/\x9b31m", ""),
        ("https://a.example/\u2028x", ""),
        ("https://a.example/\u202egro.live", ""),
        ("https://a.example/\u200bx", ""),
        ("https://a.example/é", "https://a.example:443"),
        ("https://a.example:99999/", ""),
        ("https://a.example:port/", ""),
        ("https://[fe80::1%25eth0]/", ""),
        ("https://[fe80::1/", ""),
        ("https://127\u30020\u30020\u30021/", ""),
        ("https://ex\u00e4mple.example/", ""),
        ("https://a.example/" + "x" * 2048, ""),
    ],
)
def test_origin(uri: str, expected: str) -> None:
    """Only plain web addresses have one, however they are spelled."""
    assert origin(uri) == expected


def test_nothing_is_of_the_same_origin_as_no_address() -> None:
    """Two things without an origin have none in common."""
    assert not same_origin("", "")
    assert not same_origin("acct:a@b", "acct:a@b")
    assert same_origin("https://a.example/1", "https://a.example:443/2")
    assert not same_origin("https://a.example/1", "http://a.example/1")
    assert not same_origin("https://a.example/1", "https://a.example.evil.example/1")


@given(st.text(max_size=80))
def test_origin_never_raises(text: str) -> None:
    """Whatever a stranger calls an address."""
    for uri in (text, f"https://{text}", f"https://a.example/{text}"):
        found = origin(uri)
        assert found == "" or origin(found) == found


def test_the_handle_host_keeps_its_port() -> None:
    """A node in development has its port in its handle."""
    assert host_of("http://127.0.0.1:8701/actors/a") == "127.0.0.1:8701"
    assert host_of("acct:a@b") == ""
    assert without_fragment("https://a.example/a#main-key") == "https://a.example/a"


def test_our_addresses() -> None:
    """The addresses of the design, and fresh ones that never repeat."""
    uris = Uris("https://n.example")
    assert uris.actor("velo") == "https://n.example/actors/velo"
    assert uris.actor("instance") == uris.page("instance") == "https://n.example/actor"
    assert uris.page("velo") == "https://n.example/@velo"
    assert uris.directory == "https://n.example/directory"
    assert len({uris.new_object() for _ in range(100)}) == 100
    assert all(uris.is_ours(made) for made in (uris.new_object(), uris.new_activity()))
    assert not uris.is_ours("https://n.example.evil.example/objects/1")
