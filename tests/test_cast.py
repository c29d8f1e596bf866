"""The cards and the demo's community: complete, bilingual, and careful with real organisations."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pecfed.language import cast
from pecfed.language.charter import charter

ROOT = Path(__file__).resolve().parent.parent
COMMUNITY = ROOT / "actors" / "community"
PLATFORMS = ("velo", "panier", "toits", "atelier", "coulisses")


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((COMMUNITY / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ["vocab", "actors"])
def test_rooms_of_data_hold_no_program(room: str) -> None:
    assert not list((ROOT / room).rglob("*.py*"))


# ------------------------------------------------------------------ cards


def test_each_kind_of_actor_has_its_card() -> None:
    assert cast.kinds() == ("group", "hub", "instance", "member")
    for kind in cast.kinds():
        card = cast.card(kind)
        assert card.kind == kind
        assert set(card.name) == set(card.summary) == {"fr", "en"}
    types = {kind: cast.card(kind).type for kind in cast.kinds()}
    assert types == {
        "group": "Group",
        "hub": "Organization",
        "instance": "Application",
        "member": "Organization",
    }


def test_what_one_says_the_other_hears() -> None:
    """A word that a hub says to a member, or a member to a hub, doesn't fall on deaf ears."""
    hub, member = cast.card("hub"), cast.card("member")
    unanswered = {"Ignore"}  # tells people elsewhere that nothing follows; nothing does
    assert hub.says - unanswered <= member.hears
    assert member.says - unanswered <= hub.hears
    assert "directory" in hub.collections


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"Join",', '"Joyn",', "'Joyn' is not one of"),
        ('kind = "hub"', 'kind = "member"', "kind 'member'"),
        ('type = "Organization"', 'type = ["Organization"]', "type: "),
        ("name.en =", "name.de =", "name: 'en'"),
        ("{username}@", "@", "handle: "),
        ("says =", "sings =", "'says'"),
        ("says = [", "says = ", "not TOML"),
    ],
)
def test_a_wrong_card_stops_the_program(before: str, after: str, told: str) -> None:
    text = (ROOT / "actors" / "hub.toml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(cast.WrongCardError, match=r"actors/hub\.toml") as caught:
        cast.read_card("hub", text.replace(before, after, 1))
    assert told in str(caught.value)


def test_there_is_no_card_of_that_kind() -> None:
    with pytest.raises(cast.WrongCardError, match="member"):
        cast.card("membre")


# ------------------------------------------------------------------ the invented platforms


@pytest.mark.parametrize("name", PLATFORMS)
def test_an_invented_platform_is_complete_and_says_it_is_invented(name: str) -> None:
    platform = read(name)
    actor, statement = platform["actor"], platform["charter"]
    assert actor["username"] == name
    assert actor["url"] == f"https://{name}.example"
    assert "inventée" in actor["summary"]["fr"]
    assert "invented" in actor["summary"]["en"]
    commitments = [commitment.id for commitment in charter().commitments]
    assert list(statement["commitments"]) == commitments
    for answer in statement["commitments"].values():
        assert set(answer["explanation"]) == {"fr", "en"}
    assert 2 <= len(platform["event"]) <= 4
    assert 2 <= len(platform["resource"]) <= 4
    for entry in [*platform["event"], *platform["resource"]]:
        assert set(entry["name"]) >= {"fr", "en"}
    for event in platform["event"]:
        assert event["start"].year == 2027
    for entries in (platform["event"], platform["resource"]):
        assert len({entry["uid"] for entry in entries}) == len(entries)


def test_together_they_show_every_case() -> None:
    them = [read(name) for name in PLATFORMS]
    answers = [a for one in them for a in one["charter"]["commitments"].values()]
    assert {a["level"] for a in answers} == {level.id for level in charter().levels}
    events = [event for one in them for event in one["event"]]
    statuses = {event.get("status", "scheduled") for event in events}
    assert statuses == {"scheduled", "tentative", "cancelled", "postponed"}
    assert any(event.get("kind") == "call" and "deadline" in event for event in events)
    assert any("online_url" in event for event in events)
    assert any(not isinstance(event["start"], datetime) for event in events), "an all-day event"
    resources = [resource for one in them for resource in one["resource"]]
    licences = {resource["license"] for resource in resources}
    assert {"CC-BY-SA-4.0", "AGPL-3.0-or-later", "LicenseRef-Coopyright-1.1"} <= licences
    assert {r["openness"] for r in resources} == {"public", "members", "on-request"}
    assert len({one["actor"]["legal_form"] for one in them}) == len(them)


def test_the_second_act_changes_three_things() -> None:
    before, after = read("velo"), read("changes/velo-after")
    assert before["actor"] == after["actor"]
    assert before["charter"] == after["charter"]
    events = {event["uid"]: event for event in before["event"]}
    later = {event["uid"]: event for event in after["event"]}
    assert later.keys() - events.keys() == {"tour-2027"}
    assert events.items() <= later.items()
    resources = {resource["uid"]: resource for resource in before["resource"]}
    kept = {resource["uid"]: resource for resource in after["resource"]}
    assert resources.keys() - kept.keys() == {"guide-accueil"}
    changed = [uid for uid in kept if kept[uid] != resources[uid]]
    assert changed == ["tournees"]
    differ = {
        key for key in kept["tournees"] if kept["tournees"][key] != resources["tournees"][key]
    }
    assert differ == {"description", "version", "released"}


# ------------------------------------------------------------------ the real organisations


def test_no_real_organisation_has_a_level() -> None:
    assert "charter" not in read("hub")
    for organisation in read("invited")["invited"]:
        assert not {"charter", "level", "commitments"} & set(organisation)
    for path in COMMUNITY.rglob("*.toml"):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if "charter" in data:
            assert data["actor"]["url"].endswith(".example"), path.name


def test_everything_real_has_its_source() -> None:
    hub, invited = read("hub"), read("invited")
    told = [*hub["event"], *hub["resource"], *hub["actor"]["history"], *invited["invited"]]
    told += [entry for one in invited["invited"] for entry in one.get("history", ())]
    for entry in told:
        assert entry["source"], entry
    assert len(invited["invited"]) == len({one["id"] for one in invited["invited"]}) == 12
    assert isinstance(invited["gathered"], date)


def test_the_past_is_past_and_only_as_exact_as_known() -> None:
    for event in read("hub")["event"]:
        start = event["start"]
        day = start.date() if isinstance(start, datetime) else start
        assert day < date(2026, 11, 23)
    # What is known by month or year only is told, it isn't put on a day.
    vague = [entry["date"] for entry in read("hub")["actor"]["history"]]
    assert vague == ["2018-05", "2019"]
