"""What our actors publish passes the schemas that we hold others to."""

from pathlib import Path

import pytest

from pecfed.connectors import apply_file
from pecfed.domain.content import kind_of
from pecfed.domain.statement import Statement, digest
from pecfed.federation.objects import KINDS
from pecfed.language.schema import Kind, problems

ROOT = Path(__file__).parent.parent
FILES = sorted(
    [*ROOT.glob("vocab/v1/examples/apply/*.toml"), *ROOT.glob("actors/community/*.toml")]
)
ACTOR = "https://velo.example/actors/velo"
SCHEMAS: dict[str, Kind] = {"statement": "statement", "event": "event", "resource": "resource"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_file_publishes_is_valid(path: Path) -> None:
    """Every object of every apply file we ship: a hub drops what breaks its schema."""
    if path.stem == "invited":
        return
    wanted = apply_file.read(path, actor_uri=ACTOR, username="velo", language="fr", name="Vélo")
    assert wanted.contents
    for content in wanted.contents:
        kind = kind_of(content)
        document = KINDS[kind].to_wire(content, f"{ACTOR}/1", ACTOR, 0, 1, "fr")
        if kind != "question":  # which no hub keeps, so that nobody has a schema for it
            assert problems(SCHEMAS[kind], document) == [], content.uid


def test_a_level_alone_is_written_alone() -> None:
    """What a member left out isn't put in as an empty table: the digest is over what it said."""
    value = {
        "member": ACTOR,
        "charter": "2018",
        "declared": "2026-11-23",
        "validUntil": "2027-11-23",
        "commitments": [{"commitment": "data-4", "level": "planned"}],
    }
    assert Statement.from_value(value).to_value() == value
    assert digest(Statement.from_value(value).to_value()) == digest(value)
