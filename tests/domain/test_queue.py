"""The queue's table: every item can end, nothing that ended comes back, undo leads back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain import queue
from pecfed.domain.queue import STATES, STEPS, TRANSITIONS, Decision, Step, after, possible


def test_every_state_is_reached_from_open() -> None:
    """Whatever waits began as open."""
    reached: set[queue.State] = {"open"}
    while True:
        more = {to for (state, _), to in TRANSITIONS.items() if state in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)


@given(st.lists(st.sampled_from(STEPS), max_size=30))
def test_what_is_done_stays_done(steps: list[Step]) -> None:
    """In any order: once done, nothing leads on; before, it can always be closed."""
    state: queue.State = "open"
    for step in steps:
        if state == "done":
            assert possible(state) == []
        else:
            assert after(state, "close") == "done"
        state = after(state, step) or state


@given(st.lists(st.sampled_from(STEPS), max_size=30))
def test_nothing_takes_effect_undecided(steps: list[Step]) -> None:
    """An effect or a question follows a decision, and nothing that changed it, directly."""
    state: queue.State = "open"
    for step in steps:
        if step in {"effect", "send"} and after(state, step):
            assert state == "decided"
        state = after(state, step) or state


@pytest.mark.parametrize("state", ["decided", "proposed", "later", "asked"])
def test_what_was_decided_can_be_undone(state: queue.State) -> None:
    """And what changes meanwhile is looked at anew."""
    assert after(state, "undo") == "open"
    assert after(state, "change") == "open"


@pytest.mark.parametrize("state", STATES)
def test_words_of_a_member_undo_no_decision(state: queue.State) -> None:
    """They open again only what waits for them, or was put off."""
    assert after(state, "answer") == ("open" if state in {"asked", "later"} else None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({("open", "fly"): "done"}, "unknown word"),
        ({("done", "undo"): "open"}, "stays done"),
        ({("decided", "close"): "open"}, "can't be closed"),
    ],
)
def test_a_wrong_table_is_refused(
    wrong: dict[Any, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be when the program starts."""
    monkeypatch.setattr(queue, "TRANSITIONS", {**TRANSITIONS, **wrong})
    with pytest.raises(ValueError, match=words):
        queue._check()


def test_a_decision_comes_back_from_the_database() -> None:
    """As it was put."""
    made = Decision("ask", "incomplete", "Où ?", "fr", "2026-12-24", ("governance-1",), (), True)
    assert Decision.from_data(made.to_data()) == made
    assert made.same_as(Decision("ask", "other", until="2026-12-24", label=True))
    assert not made.same_as(Decision("ask", "incomplete", until="2026-12-25", label=True))
    assert not made.same_as(Decision("refuse", "incomplete", label=True))
