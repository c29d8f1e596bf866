"""`actors rename`, `alias`, `move` and `delete`, as an operator types them."""

from __future__ import annotations

from tests.together.files import actor
from tests.together.nodes import Node, eventually, read_json
from tests.together.world import World

ACTIVITY = "application/activity+json"


def test_a_platform_moves_between_nodes(world: World) -> None:
    """Alias on the new side, move on the old one, undone with --undo."""
    old, new = world.new("velo"), world.new("panier")
    for node in (old, new):
        assert node.init().code == 0
        node.serve()
    target, source = f"@{new.handle}", f"@{old.handle}"
    refused = old.run("actors", "move", "velo", target, "--yes")
    assert refused.code == 1 and "alsoKnownAs" in refused.err
    assert old.run("actors", "move", "velo", "--yes").code == 2
    assert new.run("actors", "alias", "panier", source, "--json").json["also_known_as"] == [
        old.actor
    ]
    eventually(lambda: read_json(new.actor, ACTIVITY).get("alsoKnownAs") == [old.actor])
    asked = old.run("actors", "move", "velo", target)
    assert asked.code == 1 and "add --yes" in asked.err and "follower" in asked.err
    moved = old.run("actors", "move", "velo", target, "--yes", "--json").json
    assert moved["moved_to"] == new.actor
    assert old.json("status")["moved_to"] == new.actor
    assert f"has moved to {new.actor}" in old.run("status").out
    eventually(lambda: read_json(old.actor, ACTIVITY).get("movedTo") == new.actor)
    assert read_json(new.actor, ACTIVITY)["alsoKnownAs"] == [old.actor]
    assert old.run("actors", "move", "velo", "--undo").code == 0
    eventually(lambda: "movedTo" not in read_json(old.actor, ACTIVITY))
    gone = new.run("actors", "alias", "panier", source, "--remove", "--json").json
    assert gone["also_known_as"] == []


def test_deleting_asks_first_and_is_for_good(velo: Node) -> None:
    """Nothing happens without a yes; the name never comes back."""
    asked = velo.run("actors", "delete", "velo")
    assert asked.code == 1 and "for good" in asked.err and "export" in asked.err
    assert velo.run("actors", "list", "--json").json["total"] == 1
    assert velo.run("actors", "delete", "velo", "--yes", "--json").json["deleted"] is True
    assert velo.run("actors", "list", "--json").json["total"] == 0
    again = velo.run("actors", "add", "velo")
    assert again.code == 2 and "was deleted" in again.err
    left = velo.run("status")
    assert left.code == 0 and "keep it serving until nothing waits" in left.out
    assert "deliveries: " in left.out
    assert {"actor", "hubs"}.isdisjoint(velo.json("status"))
    assert velo.json("status")["queue"]["parked"] == 0


def test_another_name(velo: Node) -> None:
    """The id stays, the handle changes while the node serves; a second look says why not."""
    velo.serve()
    renamed = velo.run("actors", "rename", "velo", "cycles", "--json").json
    host = velo.handle.partition("@")[2]
    assert renamed == {"actor": velo.actor, "username": "cycles", "handle": f"@cycles@{host}"}
    eventually(lambda: read_json(velo.actor, ACTIVITY)["preferredUsername"] == "cycles")
    for words, code, said in (
        (["cycles", "cycles"], 2, "its name already"), (["velo", "other"], 2, "doesn't speak for"),
        (["cycles"], 2, "the one it takes"), (["cycles", "Vélo!"], 2, "use 1 to 30"),
    ):  # fmt: skip
        refused = velo.run("actors", "rename", *words)
        assert (refused.code, said in refused.err) == (code, True), refused.err
    taken = velo.run("actors", "add", "velo")
    assert taken.code == 2 and "was the name of cycles" in taken.err
    old_file = velo.run("apply", velo.write(actor(username="velo")), "--yes")
    assert old_file.code == 1 and "'velo' is called cycles now" in old_file.err
    assert 'username = "cycles"' in old_file.err
    back = velo.run("actors", "rename", "cycles", "velo")
    assert back.code == 0 and f"cycles is @velo@{host} now" in back.out
