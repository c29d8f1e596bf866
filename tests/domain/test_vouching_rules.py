"""Vouching: what may be vouched for, by whom, and until when."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.about import About, last_day
from pecfed.domain.attestation import Attestation, findings, people
from pecfed.domain.content import CLASSES, from_data, kind_of
from pecfed.domain.endorsement import Endorsement, check_who, chosen
from pecfed.domain.label import Label
from pecfed.domain.statement import Declared, Statement
from pecfed.errors import RefusedError, UsageError

TODAY = date(2026, 11, 23)
LILAS = "https://lilas.example/actors/lilas"
STATEMENT = Statement(
    LILAS,
    "2018",
    "2026-11-01",
    "2027-06-30",
    (Declared("governance-1", "planned"), Declared("data-3", "planned")),
)
ABOUT = About.of(
    STATEMENT, "https://lilas.example/objects/1", name="Lilas", handle="lilas@lilas.example"
)
PRINCIPLES = {"governance": ["governance-1", "governance-2"], "data": ["data-3"]}


def test_nobody_vouches_for_longer_than_was_declared() -> None:
    """A year, but no longer than the statement, and than who says so wishes."""
    assert last_day(TODAY, 365) == "2027-11-23"
    assert last_day(TODAY, 365, "2027-06-30") == "2027-06-30"
    assert last_day(TODAY, 365, "2028-06-30", wanted="2026-12-31") == "2026-12-31"
    assert last_day(TODAY, 365, "2026-11-23") == "2026-11-23"


def test_what_is_over_is_not_vouched_for() -> None:
    """Neither an old statement, nor until yesterday."""
    with pytest.raises(RefusedError, match="until 2026-11-22") as refused:
        last_day(TODAY, 365, "2026-11-22")
    assert refused.value.code == "lapsed"
    with pytest.raises(UsageError, match="2026-11-22 is over"):
        last_day(TODAY, 365, wanted="2026-11-22")
    with pytest.raises(UsageError, match="as 2027-11-23"):
        last_day(TODAY, 365, wanted="tomorrow")


@given(st.lists(st.sampled_from(["governance-1", "data-3"]), max_size=5))
def test_commitments_are_chosen_once_in_the_order_of_the_statement(wanted: list[str]) -> None:
    """All of them is the whole statement."""
    picked = chosen(STATEMENT, wanted)
    assert picked == (("governance-1",) if set(wanted) == {"governance-1"} else
                      ("data-3",) if set(wanted) == {"data-3"} else ())  # fmt: skip


def test_what_was_not_declared_is_not_endorsed() -> None:
    """The refusal names what there is."""
    with pytest.raises(UsageError, match="nothing on 'value-1'; it answers governance-1, data-3"):
        chosen(STATEMENT, ["value-1"])


def test_nobody_vouches_for_itself() -> None:
    """Nor may it look as if somebody did."""
    check_who("https://orme.example/actors/orme", LILAS)
    with pytest.raises(RefusedError, match="itself"):
        check_who(LILAS, LILAS)


def test_each_principle_has_its_verdict() -> None:
    """In the charter's order; nothing is left open, nothing else named."""
    found = findings(STATEMENT, PRINCIPLES, {"data": "questioned", "governance": "confirmed"})
    assert list(found.items()) == [("governance", "confirmed"), ("data", "questioned")]
    with pytest.raises(UsageError, match="missing on data"):
        findings(STATEMENT, PRINCIPLES, {"governance": "confirmed"})
    with pytest.raises(UsageError, match="no principle 'money'"):
        findings(STATEMENT, PRINCIPLES, {"money": "confirmed"})
    with pytest.raises(UsageError, match="'fine' is neither"):
        findings(STATEMENT, PRINCIPLES, {"governance": "fine", "data": "confirmed"})


def test_nothing_is_confirmed_on_which_nothing_was_declared() -> None:
    """It can be questioned, though."""
    principles = PRINCIPLES | {"value": ["value-1"]}
    given = dict.fromkeys(principles, "confirmed")
    with pytest.raises(RefusedError, match="nothing is declared on value") as refused:
        findings(STATEMENT, principles, given)
    assert refused.value.code == "not_declared"
    assert findings(STATEMENT, principles, given | {"value": "questioned"})["value"] == "questioned"


def test_two_reviewers_are_two_people() -> None:
    """One name twice is one, in whatever role."""
    assert people(["operator:ANNE"], 1) == ("operator:ANNE",)
    assert people(["operator:ANNE", "reviewer:BOB"], 2) == ("operator:ANNE", "reviewer:BOB")
    assert people(["operator", "reviewer:BOB"], 2) == ("operator", "reviewer:BOB")
    actors = ("https://lilas.example", "http://lilas.example")
    assert people(actors, 2) == actors
    for alone in (["operator:ANNE", "operator:ANNE", ""], ["operator:ANNE", "reviewer:ANNE"]):
        with pytest.raises(RefusedError, match="2 reviewers must agree"):
            people(alone, 2)
    with pytest.raises(UsageError, match="who decides"):
        people([""], 1)


@pytest.mark.parametrize(
    "content",
    [
        Endorsement(LILAS, ABOUT, "2026-11-23", "2027-06-30", {"id": "urn:1"}, ("data-3",),
                    {"fr": "Bien."}),
        Attestation(ABOUT, {"data": "questioned"}, "2026-11-23", "2027-06-30", {"id": "urn:2"},
                    2, {}, "2026-12-01", "abuse"),
        Label(ABOUT, "urn:2", "https://hub.example/label/x", "2026-11-23", "2027-06-30",
              {"id": "urn:3"}),
    ],
    ids=kind_of,
)  # fmt: skip
def test_it_comes_back_from_the_database_as_it_went(
    content: Endorsement | Attestation | Label,
) -> None:
    """Each kind, with everything in it."""
    assert from_data(kind_of(content), content.to_data()) == content
    assert content.uid == content.credential["id"]
    assert kind_of(content) in CLASSES
