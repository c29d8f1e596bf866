"""The conformance cases and the tests that prove them belong together."""

from __future__ import annotations

import re

import pytest

from tests.conformance.cases import CASES, GROUPS, NUMBERS
from tests.conformance.marked import cases_of, marked
from tests.conformance.page import PAGE
from tests.conformance.page import result as words
from tests.docs import rows

LINK = re.compile(r"\[(\w+)\]\(\.\./([\w/.]+)\)")


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
    assert words(CASES[0], tests) == said


def test_every_case_is_tested() -> None:
    """Or says why it can't be here."""
    tests = marked()
    assert [case.number for case in CASES if case.number not in tests and not case.untested] == []


def test_the_page_is_what_the_tests_are() -> None:
    """Each case of the table once, with the tests that are marked with it now, and none fails."""
    stale = "docs/conformance.md is older than the tests: ./run conformance"
    told = {row[0]: row[1:] for row in rows(PAGE.read_text("utf-8"))}
    tests = marked()
    assert list(told) == [case.number for case in CASES], stale
    for case in CASES:
        given, expected, result, links = told[case.number]
        assert (given, expected) == (case.given, case.expected), stale
        named = [f"{path}::{name}" for name, path in LINK.findall(links)]
        assert named == sorted(tests.get(case.number, ())), f"{case.number}: {stale}"
        assert result.startswith(("holds", "not tested here")), f"{case.number} {result}"
