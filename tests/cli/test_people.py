"""`pecfed people`: what an operator types, and what comes back."""

from __future__ import annotations

from tests.together.nodes import Node


def test_nobody_is_known(velo: Node) -> None:
    """Said in words, and nobody elsewhere is asked."""
    assert velo.run("people", "export", "@marie@mastodon.example").code == 1
    assert velo.run("people", "export", "https://mastodon.example/users/marie").code == 1
    assert velo.run("people", "erase", "https://mastodon.example/users/marie", "--yes").code == 1
    assert velo.run("people", "export", "marie").code == 2
    asked = velo.run("people", "erase", "https://mastodon.example/users/marie")
    assert asked.code == 1 and "--yes" in asked.err
