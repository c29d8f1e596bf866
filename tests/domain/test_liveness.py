"""Liveness and suspicion: what follows from the facts, and from nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.liveness import (
    ANSWER_WITHIN,
    DAY,
    LIVENESS,
    Signs,
    is_silent,
    liveness,
    probe_at,
)
from pecfed.domain.suspicion import is_moved_unproven, is_taken_over

NOW = 1_795_424_400_000
LILAS = "https://lilas.example/actors/lilas"
moments = st.none() | st.integers(0, 2 * NOW)


@pytest.mark.parametrize(
    ("signs", "seen"),
    [
        (Signs(NOW), "active"),
        (Signs(NOW - 5000 * DAY), "active"),
        (Signs(NOW, failing_since=NOW - 7 * DAY), "silent"),
        (Signs(NOW, failing_since=NOW - 7 * DAY + 1), "active"),
        (Signs(NOW, asked_at=NOW - ANSWER_WITHIN), "unconfirmed"),
        (Signs(NOW, asked_at=NOW - ANSWER_WITHIN + 1), "active"),
        (Signs(NOW, failing_since=0, asked_at=0), "silent"),
    ],
)
def test_what_the_facts_say(signs: Signs, seen: str) -> None:
    """A week without an answer to our probes, sixty days without one to our question."""
    assert liveness(signs, NOW, 7) == seen


def test_a_hub_that_was_away_calls_nobody_silent() -> None:
    """Not the last answer counts, but the first probe in vain."""
    assert liveness(Signs(0, seen_at=NOW - 400 * DAY), NOW, 7) == "active"
    assert liveness(Signs(0, NOW - 400 * DAY, failing_since=NOW), NOW, 7) == "active"


@given(moments, moments, moments, st.integers(1, 400), st.integers(0, 400))
def test_time_alone_never_makes_anybody_livelier(
    seen: int | None, failing: int | None, asked: int | None, days: int, later: int
) -> None:
    """Only a sign of life does."""
    signs = Signs(0, seen, failing, asked)
    order = (liveness(signs, NOW, days), liveness(signs, NOW + later * DAY, days))
    assert LIVENESS.index(order[0]) <= LIVENESS.index(order[1])
    assert is_silent(signs, NOW, days) == (order[0] == "silent")


def test_nobody_is_probed_more_than_daily_who_answers() -> None:
    """And who doesn't, four times a day at most."""
    assert probe_at(NOW, answered=True) - NOW == DAY
    assert probe_at(NOW, answered=False) - NOW == DAY // 4


@pytest.mark.parametrize(
    ("before", "keys", "certificate_before", "certificate", "is_it"),
    [
        ({"a"}, {"b"}, "1", "2", True),
        ({"a", "c"}, {"b"}, "1", "2", True),
        ({"a"}, {"b"}, "1", "1", False),  # a rotation
        ({"a"}, {"a"}, "1", "2", False),  # a renewal
        ({"a"}, {"a", "b"}, "1", "2", False),  # both, but one key stayed
        (set(), {"b"}, "1", "2", False),  # the first look
        ({"a"}, set(), "1", "2", False),  # nothing is listed
        ({"a"}, {"b"}, "", "2", False),  # nothing was known, as over plain http
        ({"a"}, {"b"}, "1", "", False),  # it couldn't be read
    ],
)
def test_keys_and_certificate_at_once(
    before: set[str], keys: set[str], certificate_before: str, certificate: str, is_it: bool
) -> None:
    """Each alone is daily life."""
    assert is_taken_over(before, keys, certificate_before, certificate) is is_it


def test_a_move_needs_both_sides() -> None:
    """Nothing is said of a target that is away."""
    to = "https://thief.example/actors/x"
    assert is_moved_unproven(to, [], LILAS)
    assert is_moved_unproven(to, [to], LILAS)
    assert not is_moved_unproven(to, [LILAS], LILAS)
    assert not is_moved_unproven(to, None, LILAS)
    assert not is_moved_unproven("", [], LILAS)
