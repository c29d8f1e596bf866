"""`pecfed apply`: what a file says is published, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from tests.together.files import actor, event, resource, statement
from tests.together.nodes import Node, read_json
from tests.together.world import World

TEXT = actor() + statement() + event("ag") + event("fete") + resource("statuts")


def counts(created: int = 0, updated: int = 0, deleted: int = 0, unchanged: int = 0) -> Any:
    """What `apply --json` prints."""
    return {"created": created, "updated": updated, "deleted": deleted, "unchanged": unchanged}


def activities(node: Node) -> list[dict[str, Any]]:
    """Everything the platform has said, in its order; the instance actor relays its events."""
    return node.rows(
        "SELECT uri, type, object_uri, intent FROM activities WHERE actor_id = "
        f"(SELECT id FROM actors WHERE username = '{node.username}') ORDER BY id"
    )


def test_a_poll_is_shown_by_its_question(velo: Node) -> None:
    """Under the word that the file has for it; `status` counts it."""
    file = velo.write(
        actor() + '[[poll]]\nuid = "jour"\nquestion = "Quel jour ?"\n'
        'options = ["Samedi", "Dimanche"]\nends = 2099-01-31\n'
    )
    assert "+ poll       jour: Quel jour ?\n" in velo.run("apply", file, "--yes").out
    assert velo.json("status")["published"]["poll"] == 1


def test_counts_and_nothing_twice(velo: Node) -> None:
    """Applied twice, the second time publishes nothing at all; the counts say so, in one line."""
    file = velo.write(TEXT)
    ran = velo.run("apply", file, "--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == '{"created": 4, "updated": 1, "deleted": 0, "unchanged": 0}\n'
    said = activities(velo)
    assert [each["type"] for each in said] == ["Update", "Create", "Create", "Create", "Create"]
    assert velo.json("apply", file, "--yes") == counts(unchanged=5)
    # where nothing changes nobody needs to be asked
    assert velo.run("apply", file) == (
        0,
        "Nothing to publish: everything is as the file says.\n",
        "",
    )
    assert activities(velo) == said


def test_only_what_changed(velo: Node) -> None:
    """A correction is one Update with a later `updated`; a new day in the statement is another."""
    velo.apply(TEXT)
    before = len(activities(velo))
    assert velo.apply(TEXT.replace("Nos statuts", "Statuts")) == counts(updated=1, unchanged=4)
    (update,) = activities(velo)[before:]
    assert update["type"] == "Update"
    said = json.loads(update["intent"])
    assert said["data"]["name"] == {"fr": "Statuts"}
    assert said["updated"] > said["published"]
    changed = TEXT.replace("Nos statuts", "Statuts").replace(statement(), statement("planned"))
    assert velo.apply(changed) == counts(updated=1, unchanged=4)
    versions = velo.rows("SELECT digest FROM statement_versions")
    assert len({row["digest"] for row in versions}) == 2


def test_prune(velo: Node) -> None:
    """What the file leaves out is kept and named; `--prune` withdraws it, and its id with it."""
    velo.apply(TEXT)
    file = velo.write(actor() + event("ag"))
    kept = velo.run("apply", file)
    assert kept.code == 0
    assert "--prune withdraws it" in kept.out
    assert "event fete, resource statuts, statement statement" in kept.out
    assert velo.json("apply", file, "--yes") == counts(unchanged=5)
    assert velo.json("apply", file, "--yes", "--prune") == counts(deleted=3, unchanged=2)
    gone = [each["object_uri"] for each in activities(velo) if each["type"] == "Delete"]
    assert len(gone) == 3
    assert velo.json("apply", file, "--yes", "--prune") == counts(unchanged=2)
    # what comes back is something new
    assert velo.apply(TEXT) == counts(created=3, unchanged=2)
    again = [each["object_uri"] for each in activities(velo) if each["type"] == "Create"][4:]
    assert not set(again) & set(gone)


def test_nobody_can_answer(velo: Node) -> None:
    """Without `--yes` and without a terminal: the difference is shown, nothing changes, exit 1."""
    velo.apply(actor() + event("ag") + event("fete"))
    said, published = activities(velo), velo.rows("SELECT * FROM objects ORDER BY id")
    velo.real = True
    file = velo.write(actor("Vélo") + event("ag", "Reportée") + resource("statuts"))
    ran = velo.run("apply", file, "--prune")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert "~ actor      velo" in lines
    assert '      name: "Vélo Commun" → "Vélo"' in lines
    assert "~ event      ag: Reportée" in lines
    assert '      name.fr: "Assemblée" → "Reportée"' in lines
    assert "+ resource   statuts: Nos statuts" in lines
    assert "- event      fete: Assemblée" in lines
    assert ran.err == "pecfed: nothing was published; to publish without asking, add --yes\n"
    assert velo.run("apply", file, "--json")[:2] == (1, "")
    assert (activities(velo), velo.rows("SELECT * FROM objects ORDER BY id")) == (said, published)


def test_while_it_serves(velo: Node) -> None:
    """While the node serves and while it doesn't: the outbox shows what was applied."""
    velo.apply(actor() + event("ag"))
    velo.serve()
    assert [each["type"] for each in velo.outbox()] == ["Create", "Update"]
    velo.apply(actor("Vélo") + event("ag") + resource("statuts"))
    assert [each["type"] for each in velo.outbox()] == ["Create", "Update", "Create", "Update"]
    assert read_json(velo.actor, "application/activity+json")["name"] == "Vélo"


def test_the_file_names_the_actor(world: World) -> None:
    """A node that was made without a name takes the file's, with keys of its own."""
    node = world.new("", folder="node")
    assert node.init().code == 0
    unnamed = node.run("apply", node.write(TEXT), "--yes")
    assert unnamed.code == 2
    assert "[actor] username" in unnamed.err
    text = TEXT.replace("[actor]\n", '[actor]\nusername = "velo"\n')
    asked = node.run("apply", node.write(text))
    assert asked.code == 1
    assert asked.out.startswith("+ actor      velo\n")
    assert node.rows("SELECT username FROM actors") == [{"username": "instance"}]
    assert node.apply(text) == counts(created=5)
    node.username = "velo"
    assert node.json("status")["actor"] == node.actor
    assert (node.dir / "keys" / "velo.rsa.pem").stat().st_mode & 0o777 == 0o600
    assert node.apply(text) == counts(unchanged=5)
    assert node.apply(TEXT) == counts(unchanged=5)


def test_whose_file_it_is(velo: Node) -> None:
    """A file for another actor is refused, with what to do; so is `--actor` that disagrees."""
    other = velo.write(TEXT.replace("[actor]\n", '[actor]\nusername = "panier"\n'))
    refused = velo.run("apply", other, "--yes")
    assert (refused.code, refused.out) == (1, "")
    assert "username = 'panier'" in refused.err
    assert "this node speaks for velo" in refused.err
    assert f"pecfed actors --dir {velo.dir} add panier" in refused.err
    disagreed = velo.run("apply", other, "--yes", "--actor", "velo")
    assert (disagreed.code, disagreed.out) == (2, "")
    unknown = velo.run("apply", velo.write(TEXT), "--yes", "--actor", "panier")
    assert (unknown.code, unknown.out) == (2, "")
    assert "speaks for velo" in unknown.err
    assert activities(velo) == []


def test_a_file_without_an_actor(velo: Node) -> None:
    """A file that says nothing of the actor leaves its profile as it is."""
    velo.apply(actor())
    assert velo.apply(event("ag")) == counts(created=1, unchanged=1)
    assert velo.json("status")["name"] == "Vélo Commun"


def test_texts_without_a_language(velo: Node) -> None:
    """A text that names no language is in the node's own."""
    velo.apply(event("ag").replace("name.fr", "name"))
    (create,) = activities(velo)
    assert json.loads(create["intent"])["data"]["name"] == {"fr": "Assemblée"}


def test_more_than_two_thousand(velo: Node) -> None:
    """A file as long as it may be, with 2000 events and more resources, is still applied once."""
    text = "".join(
        f'[[event]]\nuid = "e{number}"\nname = "E"\nstart = 2099-05-12\n' for number in range(2000)
    ) + "".join(resource(f"r{number}") for number in range(5))
    assert velo.apply(text) == counts(created=2005, unchanged=1)
    assert velo.apply(text) == counts(unchanged=2006)
    assert velo.apply(event("one"), "--prune") == counts(created=1, deleted=2005, unchanged=1)
