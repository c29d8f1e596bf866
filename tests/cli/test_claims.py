"""`pecfed claims`: what an operator types, and what comes back."""

from __future__ import annotations

from pathlib import Path

from tests.together.nodes import Node

FILE = """
gathered = 2026-11-23
[[invited]]
id = "les-remorques"
name = "Les Remorques"
summary.fr = "Association qui prête des remorques."
url = "https://remorques.example"
source = ["https://journal.example/remorques"]
"""


def test_taken_off_and_kept_off(hub: Node, tmp_path: Path) -> None:
    """Only with a yes; the file leaves it out from then on, until it is allowed."""
    path = tmp_path / "invited.toml"
    path.write_text(FILE, encoding="utf-8")
    assert hub.json("members", "invite", str(path))["invited"] == 1
    asked = hub.run("claims", "take-off", "les-remorques")
    assert asked.code == 1 and "forgotten" in asked.err
    assert hub.json("members", "show", "les-remorques")["membership"] == "invited"
    assert hub.json("claims", "take-off", "les-remorques", "--yes")["taken_off"] is True
    assert hub.run("claims", "take-off", "les-remorques", "--yes").code == 1
    again = hub.json("members", "invite", str(path))
    assert again == {"invited": 0, "unchanged": 0, "kept_off": ["les-remorques"]}
    assert "asked not to be listed: les-remorques" in hub.run("members", "invite", str(path)).out
    shown = hub.json("members", "show", "les-remorques")
    assert (shown["membership"], shown["name"], shown["url"]) == ("left", "les-remorques", None)
    assert hub.json("claims", "allow", "les-remorques")["taken_off"] is False
    assert hub.run("claims", "allow", "les-remorques").code == 1
    assert hub.json("members", "invite", str(path))["kept_off"] == []


def test_a_wrong_question(hub: Node, velo: Node) -> None:
    """Refused with what would be right; nothing at all is a list too."""
    assert hub.run("claims", "list").out == "Nothing.\n"
    assert hub.json("claims", "list") == {"items": [], "total": 0, "next": None}
    assert hub.run("claims", "close").code == 2
    assert hub.run("claims", "close", "first").code == 2
    assert hub.run("claims", "close", "7").code == 1
    assert velo.run("claims", "list").code == 2
