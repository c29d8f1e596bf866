"""docs/conformance.md: what a run found out about each case.

`./run conformance` runs the marked tests on both engines and writes the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance.cases import CASES, GROUPS, Case

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "conformance.md"
HEAD = """\
# Conformance

What other servers may do and ask, and what must come of it.
Written by `./run conformance` from a run of the tests on both database engines. The cases stand in
`tests/conformance/cases.py`, and a test says in its mark which of them it proves.
"""
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Results:
    """Collects what became of the marked tests, and writes the page at the end."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[str]] = {}
        self._engine: dict[str, str] = {}
        self._failed: set[str] = set()
        self._passed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember whose test is which."""
        for item in items:
            numbers = [str(mark.args[0]) for mark in item.iter_markers("case")]
            if numbers:
                self._numbers[item.nodeid] = numbers
                callspec = getattr(item, "callspec", None)
                given = callspec.params.get("engine", "") if callspec else ""
                self._engine[item.nodeid] = str(given)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when its body has, and nothing failed; a skipped one didn't run."""
        if report.failed:
            self._failed.add(report.nodeid)
        elif report.skipped:
            self._numbers.pop(report.nodeid, None)
        elif report.when == "call":
            self._passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was found out."""
        outcomes: dict[str, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
        for node, numbers in self._numbers.items():
            held = node in self._passed and node not in self._failed
            test, engine = node.partition("[")[0], self._engine[node]
            for number in numbers:
                engines = outcomes[number][test]
                engines[engine] = held and engines.get(engine, True)
        PAGE.write_text(written(outcomes), encoding="utf-8")


def written(outcomes: Mapping[str, Mapping[str, Mapping[str, bool]]]) -> str:
    """The page: for each case its tests, for each test whether it held on each engine."""
    parts = [HEAD]
    for letter, title in GROUPS.items():
        parts.append(f"\n## {title}\n\n| case | given | expected | result | tests |\n")
        parts.append("| --- | --- | --- | --- | --- |\n")
        parts += [_row(case, outcomes.get(case.number, {})) for case in CASES_OF[letter]]
    return "".join(parts)


CASES_OF = {letter: [case for case in CASES if case.number.startswith(letter)] for letter in GROUPS}


def _row(case: Case, tests: Mapping[str, Mapping[str, bool]]) -> str:
    names = "<br>".join(_link(test) for test in sorted(tests))
    cells = (case.number, case.given, case.expected, result(case, tests), names)
    assert "|" not in "".join(cells), "a bar would end the cell"
    return f"| {' | '.join(cells)} |\n"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name}](../{path})"


def result(case: Case, tests: Mapping[str, Mapping[str, bool]]) -> str:
    """In words: does it hold, and where?"""
    if not tests:
        return f"not tested here: {case.untested}" if case.untested else "no test yet"
    failed = [test for test, engines in tests.items() if not all(engines.values())]
    if failed:
        return "**fails**"
    engines = {engine for each in tests.values() for engine in each}
    if engines >= set(ENGINES):
        return "holds on both engines"
    (name,) = engines - {""} or {""}
    return f"holds on {ENGINES[name]}" if name else "holds"
