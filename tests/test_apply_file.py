"""The apply file: what it leaves out, and how it is refused."""

from pathlib import Path
from typing import Any

import pytest

from pecfed import clock
from pecfed.connectors import apply_file
from pecfed.domain.event import Event
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.wanted import Wanted, difference
from pecfed.errors import RefusedError
from pecfed.exports import apply_file as exported
from pecfed.language.schema import read_schema
from tests.docs import ROOT

ACTOR = "https://velo.example/actors/velo"
EVENT = '[[event]]\nuid = "ag"\nname = "AG"\nstart = 2027-05-12\n'


def read(folder: Path, text: str) -> Wanted:
    path = folder / "velo.toml"
    path.write_text(text, encoding="utf-8")
    return apply_file.read(path, actor_uri=ACTOR, username="velo", language="fr", name="Vélo")


def test_a_file_without_an_actor_leaves_the_profile_alone(tmp_path: Path) -> None:
    """One that holds a few events doesn't empty who the platform is."""
    profile = Profile("Vélo", {"fr": "Coursiers"}, url="https://velo.example")
    found = difference(read(tmp_path, EVENT), profile, [])
    assert found.profile is None
    assert [change.uid for change in found.changes] == ["ag"]


def test_a_file_with_an_actor_says_all_of_the_profile(tmp_path: Path) -> None:
    """What its table leaves out is taken out."""
    profile = Profile("Vélo", {"fr": "Coursiers"}, url="https://velo.example")
    found = difference(read(tmp_path, '[actor]\nurl = "https://velo.example"\n'), profile, [])
    assert found.profile == Profile("Vélo", url="https://velo.example")


def test_a_new_actor_gets_a_profile_even_so(tmp_path: Path) -> None:
    """Where there is no actor yet, its name is at least known."""
    assert difference(read(tmp_path, EVENT), None, []).profile == Profile("Vélo")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (EVENT.replace("uid", "uld"), "/event/0: the key 'uid' is missing"),
        (EVENT + EVENT, "/event/1/uid: 'ag' is already the uid of event 0; each needs its own"),
        (
            EVENT + 'timezone = "Europe/Pariss"\n',
            "/event/0/timezone: 'Europe/Pariss' is no time zone; write one as Europe/Paris",
        ),
    ],
)
def test_a_refusal_names_the_place_once(tmp_path: Path, text: str, told: str) -> None:
    """File, place, what is wrong, a line for each problem."""
    with pytest.raises(RefusedError) as caught:
        read(tmp_path, text)
    assert f"{tmp_path / 'velo.toml'}: {told}" in caught.value.message.splitlines()


@pytest.mark.parametrize("kind", ["actor", "event", "resource"])
def test_what_a_file_can_say_is_exported(kind: str) -> None:
    """Each key has its field of the same name, which the export copies."""
    schema = read_schema("apply")["$defs"][kind]["properties"]
    example: Any = {
        "actor": Profile("Vélo"),
        "event": Event("e", {"fr": "E"}, clock.from_ms(0)),
        "resource": Resource("r", {"fr": "R"}, "statutes"),
    }[kind]
    fields = {"username", "location", *example.to_data()} - {"place"}
    assert set(schema) <= fields, "exports/apply_file.py must know how these are written"


@pytest.mark.parametrize("path", sorted((ROOT / "actors" / "community").glob("*.toml")))
def test_an_export_reads_the_same(path: Path, tmp_path: Path) -> None:
    """Written and read again, every file of the community says the same."""
    if path.stem == "invited":
        return  # not an apply file
    given = {"actor_uri": "https://x.example/a", "username": "x", "language": "fr", "name": "X"}
    first = apply_file.read(path, **given)
    copy = tmp_path / "copy.toml"
    copy.write_text(exported.write(first.username, first.profile, first.contents), encoding="utf-8")
    again = apply_file.read(copy, **given)
    assert (again.profile, again.contents) == (first.profile, first.contents)
