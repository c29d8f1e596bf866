"""Membership: the table of who may do what when, and the standing that is derived."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pecfed.domain import membership
from pecfed.domain.membership import DEEDS, REASONS, STATES, TRANSITIONS, after, possible
from pecfed.domain.standing import of_statement

TODAY = date(2026, 11, 23)


def test_every_state_can_be_reached() -> None:
    """From an invitation, or from nothing, each state can come about."""
    reached: set[membership.State] = {"invited"}
    while True:
        more = {to for (state, _), to in TRANSITIONS.items() if state in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)


def test_asking_never_lets_in() -> None:
    """Only an operator's deed makes a member of somebody who wasn't one."""
    for (state, deed), to in TRANSITIONS.items():
        if to == "member" and state != "member":
            # `invited` is an operator's deed as well; only the one who was asked can consent
            known = deed in {"accept", "restore"} or (state, deed) == ("invited", "consent")
            assert known, (state, deed)


def test_who_asks_again_changes_nothing_that_was_decided() -> None:
    """A member and a suspended one stay what they are when they ask again."""
    for state in ("asked", "member", "suspended"):
        assert after(state, "ask") == state


def test_who_left_or_was_refused_may_ask_again() -> None:
    """Neither is for ever."""
    assert after("left", "ask") == after("refused", "ask") == "asked"


def test_anybody_with_something_to_leave_may_leave() -> None:
    """No state but those without a membership forbids leaving."""
    leaving = {state for state in STATES if after(state, "leave")}
    assert leaving == {"asked", "member", "suspended", "archived"}


@pytest.mark.parametrize("state", STATES)
def test_what_is_possible_is_what_the_table_says(state: membership.State) -> None:
    """`possible` and `after` agree about every deed."""
    assert possible(state) == [deed for deed in DEEDS if after(state, deed) is not None]


@pytest.mark.parametrize(
    "wrong",
    [
        {("invited", "ask"): "maybe"},
        {("invited", "dance"): "asked"},
        {("nowhere", "ask"): "asked"},
    ],
)
def test_a_wrong_table_stops_the_program(
    wrong: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that nobody knows is named when the table is loaded."""
    table: dict[Any, Any] = dict(TRANSITIONS)
    monkeypatch.setattr(membership, "TRANSITIONS", table | wrong)
    with pytest.raises(ValueError, match="unknown word"):
        membership._check()


def test_a_table_without_a_way_in_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that nothing leads to, and a deed that is never possible, are named."""
    fewer: dict[Any, str] = {key: to for key, to in TRANSITIONS.items() if to != "suspended"}
    monkeypatch.setattr(membership, "TRANSITIONS", fewer)
    with pytest.raises(ValueError, match="nothing leads to 'suspended'"):
        membership._check()
    fewer = {key: to for key, to in TRANSITIONS.items() if key[1] != "remove"}
    monkeypatch.setattr(membership, "TRANSITIONS", fewer)
    with pytest.raises(ValueError, match="'remove' is never possible"):
        membership._check()


def test_reasons_have_words_in_both_languages() -> None:
    """A decision can be told in French and in English."""
    for words in REASONS.values():
        assert set(words) == {"fr", "en"} and all(words.values())


@pytest.mark.parametrize(
    ("valid_until", "shown"),
    [("", "none"), ("2026-11-23", "declared"), ("2026-11-22", "lapsed"), ("never", "none")],
)
def test_standing_of_a_statement_alone(valid_until: str, shown: str) -> None:
    """It counts to the end of its last day."""
    assert of_statement(valid_until, TODAY) == shown
