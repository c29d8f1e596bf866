"""The life of a member, from asking to leaving, seen from outside."""

from __future__ import annotations

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import AS2, Node, eventually, get, read_json
from tests.together.world import World, settled

BEFORE = actor() + statement() + event("ag", "Assemblée") + resource("statuts") + resource("guide")
AFTER = (
    actor(name="Vélo Commun Nantes")
    + statement("planned")
    + event("ag", "Assemblée déplacée", "2099-06-01")
    + event("tour", "Tour des ateliers")
    + resource("statuts", "2")
)
PAGES = ("/members", "/events", "/resources")


def shown(hub: Node, member: Node) -> tuple[set[str], set[str], bool]:
    """Events and resources in the hub's API, and whether its directory names the member."""
    directory = read_json(f"{hub.url}/directory", AS2)
    mine = f"&member={member.handle}"
    return (
        hub.uids("events", mine),
        hub.uids("resources", mine),
        member.actor in directory["orderedItems"],
    )


def words(hub: Node) -> str:
    """Everything the hub's public pages say."""
    return "".join(get(f"{hub.url}/fr{page}", "text/html")[1] for page in PAGES)


def test_the_full_life_of_a_member(world: World, engine: str) -> None:
    """Join, accept, Create/Update/Delete, suspend, restore, leave, ask again: seen from outside."""
    hub, velo = world.served("communs", "velo")
    hub.real = velo.real = engine == "sqlite"
    assert velo.apply(BEFORE) == {"created": 4, "updated": 1, "deleted": 0, "unchanged": 0}

    # asked: the statement can be reviewed, nothing is public
    assert velo.json("join", hub.url)["membership"] == "asked"
    eventually(lambda: hub.value("SELECT count(*) AS n FROM objects WHERE kind = 'statement'"))
    assert shown(hub, velo) == (set(), set(), False)
    assert "Vélo" not in words(hub)
    entry = hub.json("members", "show", velo.handle)
    assert entry["membership"] == "asked"
    assert entry["statement"]["levels"] == {"governance-1": "practised"}

    # accepted: what was published before appears
    hub.json("members", "accept", velo.handle)
    eventually(lambda: shown(hub, velo) == ({"ag"}, {"statuts", "guide"}, True))
    eventually(lambda: velo.value("SELECT count(*) AS n FROM followers"))
    assert velo.json("status")["hubs"][0]["membership"] == "member"
    page = words(hub)
    assert all(word in page for word in ("Vélo Commun", "Assemblée", "Nos statuts"))

    # created, corrected, withdrawn
    counts = velo.apply(AFTER, "--prune")
    assert counts == {"created": 1, "updated": 4, "deleted": 1, "unchanged": 0}
    eventually(lambda: shown(hub, velo) == ({"ag", "tour"}, {"statuts"}, True))
    settled(velo, hub)
    (moved,) = (item for item in hub.api("events") if item["uid"] == "ag")
    assert (moved["name"], moved["startTime"]) == (
        "Assemblée déplacée", "2099-06-01T18:00:00+02:00",
    )  # fmt: skip
    assert [item["version"] for item in hub.api("resources")] == ["2"]
    (listed,) = hub.api("members")
    assert listed["name"] == "Vélo Commun Nantes"
    assert listed["statement"]["levels"] == {"governance-1": "planned"}
    page = words(hub)
    assert "Assemblée déplacée" in page and "Tour des ateliers" in page

    # suspended: gone from everything with the command itself
    hub.json("members", "suspend", velo.handle, "--reason", "not-verifiable")
    assert shown(hub, velo) == (set(), set(), False)
    assert hub.api("members") == hub.api("events") == hub.api("resources") == []
    assert "Vélo" not in words(hub) and "Tour" not in words(hub)
    assert get(f"{hub.url}/members/{velo.handle}", "text/html")[0] == 404
    eventually(lambda: velo.value("SELECT state FROM memberships") == "suspended")
    # ... and what it does meanwhile is caught up with later
    eventually(lambda: not velo.value("SELECT count(*) AS n FROM followers"))
    velo.apply(AFTER + event("fete", "Fête"))

    # restored: back, with what happened meanwhile
    hub.json("members", "restore", velo.handle)
    eventually(lambda: shown(hub, velo) == ({"ag", "tour", "fete"}, {"statuts"}, True))
    eventually(lambda: velo.value("SELECT state FROM memberships") == "member")

    # left: gone; asked again: nothing public until it is accepted again
    assert velo.json("leave", hub.url) == {"hub": hub.actor, "membership": "left"}
    eventually(lambda: shown(hub, velo) == (set(), set(), False))
    assert "Vélo" not in words(hub)
    settled(velo, hub)
    assert velo.json("join", hub.url)["membership"] == "asked"
    eventually(lambda: hub.value("SELECT state FROM members") == "asked")
    assert shown(hub, velo) == (set(), set(), False)
    hub.json("members", "accept", velo.handle)
    eventually(lambda: shown(hub, velo) == ({"ag", "tour", "fete"}, {"statuts"}, True))
    eventually(lambda: velo.value("SELECT state FROM memberships") == "member")
    lines = hub.json("members", "show", velo.handle)["log"]
    log = [line["deed"] for line in lines if line["to_state"]]  # the others say what it declared
    assert log == ["ask", "accept", "suspend", "restore", "leave", "ask", "accept"]


def test_a_refusal_gives_its_reason(world: World) -> None:
    """Refused with reason and message: the node's status shows both, and nothing is public."""
    hub, velo = world.served("communs", "velo")
    velo.apply(BEFORE)
    velo.json("join", hub.url)
    eventually(lambda: hub.value("SELECT count(*) AS n FROM members"))
    entry = hub.json(
        "members",
        "refuse",
        velo.handle,
        "--reason",
        "out-of-scope",
        "--message",
        "Pas une plateforme.",
    )
    assert entry["membership"] == "refused"
    eventually(lambda: velo.value("SELECT state FROM memberships") == "refused")
    (at_hub,) = velo.json("status")["hubs"]
    assert (at_hub["uri"], at_hub["membership"]) == (hub.actor, "refused")
    assert (at_hub["reason"], at_hub["message"]) == ("out-of-scope", "Pas une plateforme.")
    assert "Pas une plateforme." in velo.run("status").out
    assert shown(hub, velo) == (set(), set(), False)
    # it may ask again
    assert velo.json("join", hub.url)["membership"] == "asked"
    eventually(lambda: hub.value("SELECT state FROM members") == "asked")
