"""The conformance cases and the tests that prove them belong together."""

from __future__ import annotations

import pytest

from tests.conformance.cases import CASES, GROUPS, NUMBERS
from tests.conformance.marked import cases_of, marked
from tests.conformance.page import result


def test_every_case_has_a_number_of_its_own() -> None:
    """In the order of the groups, rising within each."""
    order = [(list(GROUPS).index(case.number[0]), int(case.number[1:])) for case in CASES]
    assert order == sorted(set(order))


def test_every_mark_names_a_case() -> None:
    """A test that proves nothing we list has a wrong number, or a case is missing."""
    unknown = {number: tests for number, tests in marked().items() if number not in NUMBERS}
    assert unknown == {}


def test_marks_are_found_wherever_they_stand() -> None:
    """Over a test, twice, and in its parameters."""
    source = """
@pytest.mark.case("S1")
@pytest.mark.case("S2")
async def test_s1_s2(): ...
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.case("A1")), 2])
def test_a1(): ...
def test_nothing(): ...
"""
    assert list(cases_of(source)) == [
        ("S1", "test_s1_s2"), ("S2", "test_s1_s2"), ("A1", "test_a1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ({}, "no test yet"),
        ({"a": {"sqlite": True, "postgresql": True}, "b": {"": True}}, "holds on both engines"),
        ({"a": {"sqlite": True}}, "holds on SQLite"),
        ({"a": {"": True}}, "holds"),
        ({"a": {"sqlite": True, "postgresql": False}}, "**fails**"),
    ],
)
def test_a_result_says_where_it_holds(tests: dict[str, dict[str, bool]], said: str) -> None:
    """And one failure is enough."""
    assert result(CASES[0], tests) == said
