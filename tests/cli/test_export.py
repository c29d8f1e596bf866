"""`export`: what comes out is whole, readable, and goes in again elsewhere."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

from tests.together.files import event, resource, statement
from tests.together.nodes import Node
from tests.together.world import World

POLL = """
[[poll]]
uid = "jour"
question.fr = "Quel jour ?"
options = [{fr = "Mardi"}, {fr = "Jeudi"}]
ends = 2027-01-12T20:00:00+01:00
multiple = true
tags = ["Nantes"]
"""


def test_what_comes_out_goes_in_again(world: World, velo: Node, tmp_path: Path) -> None:
    """A second node that applies the file publishes the same; everything is in the archive."""
    text = velo.write(
        '[actor]\nname = "Vélo"\nsummary.fr = "À Nantes."\nurl = "https://velo.example"\n'
        + statement()
        + event("ag", "Assemblée")
        + resource("statuts")
        + POLL
    ).read_text(encoding="utf-8")
    velo.apply(text)
    path = tmp_path / "velo.zip"
    made = velo.run("export", path, "--json").json
    assert (made["objects"], made["followers"], made["activities"]) == (4, 0, 5)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        content = archive.read("content.toml").decode()
        actor, outbox = (json.loads(archive.read(f"{n}.json")) for n in ("actor", "outbox"))
    assert actor["id"] == velo.actor
    assert [each["type"] for each in outbox].count("Create") == 4
    assert velo.apply(content) == {"created": 0, "updated": 0, "deleted": 0, "unchanged": 5}
    other = world.new("ailleurs")
    assert other.init().code == 0
    assert other.apply(content.replace('"velo"', '"ailleurs"'))["created"] == 4


def test_an_export_never_overwrites(velo: Node, tmp_path: Path) -> None:
    """The file must be new; a refusal leaves nothing behind."""
    velo.apply('[actor]\nname = "Vélo"\n')
    path = tmp_path / "velo.zip"
    path.write_text("precious", encoding="utf-8")
    refused = velo.run("export", path)
    assert refused.code == 2 and "exists already" in refused.err
    assert path.read_text(encoding="utf-8") == "precious"
    assert velo.run("export", tmp_path / "no" / "x.zip").code == 2
    assert [each.name for each in tmp_path.glob("*.zip*")] == ["velo.zip"]
