"""Several actors on one node, and what a hub tells its followers."""

from __future__ import annotations

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import eventually
from tests.together.peer import Peer
from tests.together.world import World, join, settled


def test_two_actors_on_one_node(world: World) -> None:
    """A node that speaks for two: each is chosen by name, has an outbox, joins and leaves alone."""
    hub, velo = world.joined("communs", "velo")
    added = velo.run("actors", "add", "panier", "--name", "Le Panier", "--json").json
    assert [each["username"] for each in added["items"]] == ["velo", "panier"]
    again = velo.run("actors", "add", "panier")
    assert again.code == 2 and "already speaks for 'panier'" in again.err

    file = velo.write(actor("Le Panier") + statement() + event("marche"))
    unsaid = velo.run("apply", file, "--yes")
    assert unsaid.code == 2 and "velo, panier" in unsaid.err and "--actor NAME" in unsaid.err
    counts = velo.json("apply", file, "--yes", "--actor", "panier")
    assert counts == {"created": 2, "updated": 1, "deleted": 0, "unchanged": 0}
    named = 'username = "velo"\n'
    wrong = velo.run(
        "apply", velo.write(actor().replace("[actor]\n", f"[actor]\n{named}")), "--yes",
        "--actor", "panier",
    )  # fmt: skip
    assert wrong.code == 2 and "velo" in wrong.err and "panier" in wrong.err

    # the file's own username chooses too, and what one publishes is never another's
    velo.apply(actor().replace("[actor]\n", f"[actor]\n{named}") + resource("statuts"))
    assert [a["type"] for a in velo.outbox("panier")] == ["Create", "Create", "Update"]
    assert [a["type"] for a in velo.outbox("velo")] == ["Create", "Update"]
    assert {a["actor"] for a in velo.outbox("panier")} == {f"{velo.url}/actors/panier"}
    status = velo.run("status", "--json", "--actor", "panier").json
    assert status["actor"] == f"{velo.url}/actors/panier"
    assert (status["hubs"], status["followers"]) == ([], 0)

    # only who joined is listed
    eventually(lambda: hub.uids("resources") == {"statuts"})
    assert hub.uids("events") == set()
    velo.json("join", hub.url, "--actor", "panier")
    panier = f"panier@127.0.0.1:{velo.port}"
    eventually(lambda: hub.value("SELECT count(*) AS n FROM members") == 2)
    hub.json("members", "accept", panier)
    eventually(lambda: hub.uids("events", f"&member={panier}") == {"marche"})
    velo.json("leave", hub.url, "--actor", "velo")
    eventually(lambda: [m["handle"] for m in hub.api("members")] == [panier])
    assert hub.uids("resources") == set()


def test_a_hub_announces_to_its_followers(world: World) -> None:
    """Somebody who follows the hub hears of a new member, and once, by id, of what it publishes."""
    with Peer() as nina:
        hub, velo = world.served("communs", "velo")
        nina.follow(hub)
        assert hub.json("status")["followers"] == 1
        join(hub, velo)
        eventually(lambda: nina.of("Add") and nina.of("Create"))
        assert nina.of("Add")[0]["object"] == velo.actor
        assert nina.of("Add")[0]["target"] == f"{hub.url}/directory"
        assert velo.handle in nina.of("Create")[0]["object"]["content"]

        velo.apply(event("ag") + resource("statuts"))
        eventually(lambda: len(nina.of("Announce")) == 2)
        velo.apply(event("ag", "Reportée") + resource("statuts"))
        eventually(lambda: [e["name"] for e in hub.api("events")] == ["Reportée"])
        settled(velo, hub)
        announced = nina.of("Announce")
        assert {a["object"] for a in announced} == {
            item["uri"] for what in ("events", "resources") for item in hub.api(what)
        }
        assert len(announced) == 2
        assert {a["actor"] for a in announced} == {hub.actor}
        ids = [a["id"] for a in nina.heard]
        assert len(ids) == len(set(ids))
        hub.json("members", "suspend", velo.handle, "--reason", "abuse")
        eventually(lambda: [a["object"] for a in nina.of("Remove")] == [velo.actor])
