"""`pecfed status`, `join` and `leave`: what a platform's staff ask and see."""

from __future__ import annotations

import pytest

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import Node, eventually, free_port
from tests.together.world import World, settled


def test_a_new_node(velo: Node) -> None:
    """Its status as one line of JSON, with the agreed fields; and in words."""
    status = velo.json("status")
    assert status["actor"] == velo.actor
    assert status["handle"] == velo.handle
    assert (status["followers"], status["hubs"]) == (0, [])
    assert status["queue"] == {"waiting": 0, "retrying": 0, "parked": 0}
    assert status["published"] == {"statement": 0, "event": 0, "resource": 0, "poll": 0}
    velo.apply(actor() + statement() + event("ag") + resource("statuts") + resource("guide"))
    assert velo.json("status")["published"] == {
        "statement": 1,
        "event": 1,
        "resource": 2,
        "poll": 0,
    }
    words = velo.run("status")
    assert words.code == 0
    assert words.out.startswith(f"Vélo Commun  @{velo.handle}  {velo.url}/@velo\n")


def test_join_and_leave(world: World) -> None:
    """Each prints hub and membership; asked twice sends nothing more; left twice neither."""
    hub, velo = world.served("communs", "velo")
    asked = {"hub": hub.actor, "membership": "asked"}
    assert velo.json("join", hub.url) == asked
    settled(velo, hub)
    assert velo.json("join", f"{hub.url}/members") == asked  # any page of its site will do
    assert velo.json("join", hub.actor) == asked
    (at_hub,) = velo.json("status")["hubs"]
    assert (at_hub["uri"], at_hub["membership"]) == (hub.actor, "asked")
    assert f"hub {hub.actor}: asked" in velo.run("status").out
    left = {"hub": hub.actor, "membership": "left"}
    assert velo.json("leave", hub.url) == left
    assert velo.json("leave", hub.url) == left
    settled(velo, hub)
    said = [row["type"] for row in velo.rows("SELECT type FROM activities ORDER BY id")]
    assert said == ["Join", "Leave"]
    eventually(lambda: hub.value("SELECT state FROM members") == "left")
    # in words
    assert "has been asked" in velo.run("join", hub.url).out
    assert velo.run("leave", hub.url).out == "velo leaves communs.\n"


def test_leave_a_hub_that_is_down(world: World) -> None:
    """Leaving needs no answer: it is kept, and told when the hub is back."""
    hub, velo = world.joined("communs", "velo")
    hub.kill()
    assert velo.json("leave", hub.url)["membership"] == "left"
    assert velo.json("status")["hubs"][0]["membership"] == "left"
    assert sum(velo.json("status")["queue"].values()) == 1


def test_no_hub_there(world: World) -> None:
    """Nobody there, no hub, no address, a hub that was never asked: one sentence, nothing sent."""
    _, velo, other = world.served("communs", "velo", "other")
    for address, code, words in (
        (f"http://127.0.0.1:{free_port()}", 1, "no hub answers there"),
        (other.url, 1, "no hub answers there"),
        ("annuaire.example", 2, "write it as https://annuaire.example"),
        ("", 2, "write it as https://annuaire.example"),
    ):
        ran = velo.run("join", address)
        assert (ran.code, ran.out) == (code, "")
        assert words in ran.err
        assert ran.err.count("\n") == 1
    ran = velo.run("leave", "https://annuaire.example")
    assert (ran.code, ran.out) == (1, "")
    assert "velo has no membership at https://annuaire.example" in ran.err
    assert velo.rows("SELECT * FROM activities") == []


def test_retry(velo: Node) -> None:
    """`retry` counts what it makes due again, and takes a host only as an address."""
    assert velo.json("retry") == {"deliveries": 0, "letters": 0}
    assert velo.json("retry", "--host", "https://annuaire.example") == {
        "deliveries": 0, "letters": 0,
    }  # fmt: skip
    assert velo.run("retry", "--host", "annuaire").code == 2


@pytest.mark.parametrize("what", ["status", "join", "leave", "apply"])
def test_which_actor(velo: Node, what: str) -> None:
    """Where a node speaks for two, `--actor` is asked for, and an unknown one is named."""
    assert velo.run("actors", "add", "panier").code == 0
    more = {"status": (), "apply": (velo.write(event("ag")),)}.get(what, ("https://hub.example",))
    ran = velo.run(what, *more)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "pecfed: this node speaks for velo, panier: choose one with --actor NAME\n"
    ran = velo.run(what, *more, "--actor", "toits")
    assert (ran.code, ran.out) == (2, "")
    assert "it speaks for velo, panier" in ran.err
