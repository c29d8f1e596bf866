"""`pecfed blocks`: what an operator types, and what comes back."""

from __future__ import annotations

import pytest

from tests.together.nodes import Node


def test_add_list_remove(velo: Node) -> None:
    """In any spelling; a second block corrects reason and note."""
    added = velo.run(
        "blocks", "add", "https://Bücher.example/", "--reason", "spam", "--note", "Une\npub",
        "--json",
    )  # fmt: skip
    assert added.json == {
        "target": "xn--bcher-kva.example",
        "scope": "server",
        "new": True,
        "followers_removed": 0,
        "messages_hidden": 0,
    }
    again = velo.run("blocks", "add", "xn--bcher-kva.example.", "--reason", "abuse", "--json")
    assert again.json["new"] is False
    (item,) = velo.run("blocks", "list", "--json").json["items"]
    assert (item["target"], item["reason"], item["note"]) == ("xn--bcher-kva.example", "abuse", "")
    assert item["since"].endswith("Z")
    assert "xn--bcher-kva.example" in velo.run("blocks", "list").out
    removed = velo.run("blocks", "remove", "BÜCHER.example", "--json")
    assert removed.json == {"target": "xn--bcher-kva.example", "shown_again": 0}
    assert velo.run("blocks", "list").out == "Nobody is blocked.\n"
    assert velo.run("blocks", "remove", "bücher.example").code == 1


def test_an_actor_that_can_not_be_asked(velo: Node) -> None:
    """By its address it is blocked all the same, and only it."""
    added = velo.run("blocks", "add", "http://127.0.0.1:9/users/x", "--json").json
    assert (added["target"], added["scope"]) == ("http://127.0.0.1:9/users/x", "actor")
    assert velo.run("blocks", "remove", "http://127.0.0.1:9/users/x").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("remove",),
        ("add", "a b"),
        ("add", "@x@127.0.0.1:9"),
        ("add", "x.example", "--reason", "whim"),
        ("add", "http://127.0.0.1:9/us ers/x"),
    ],
)
def test_asked_in_the_wrong_way(velo: Node, arguments: tuple[str, ...]) -> None:
    """Words, and exit code 2."""
    ran = velo.run("blocks", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("pecfed: ")
