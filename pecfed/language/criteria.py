"""The published criteria and reason codes, as they are shipped in `vocab/v1/criteria.toml`.

Texts are by language ("fr", "en"); ids never change their meaning, since logs and answers
quote them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pecfed.shipped import shipped

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is looked at for a decision."""

    id: str
    decision: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided, with its criteria in order."""

    id: str
    title: Text
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that says why, and the acts it is given for."""

    id: str
    acts: tuple[str, ...]
    label: Text


@dataclass(frozen=True, slots=True)
class Term:
    """How many days something may take."""

    id: str
    days: int
    title: Text


@dataclass(frozen=True, slots=True)
class Criteria:
    """One version of the criteria."""

    version: str
    decisions: tuple[Decision, ...]
    reasons: tuple[Reason, ...]
    terms: tuple[Term, ...]

    def days(self, term: str) -> int:
        """How many days the term with that id is."""
        return next(each.days for each in self.terms if each.id == term)


@cache
def criteria_data() -> Mapping[str, Any]:
    """The file as it is written: what the API hands on."""
    return tomllib.loads((shipped("vocab") / "v1" / "criteria.toml").read_text(encoding="utf-8"))


@cache
def criteria() -> Criteria:
    """The criteria as they stand."""
    data = criteria_data()
    every = [Criterion(**each) for each in data["criterion"]]
    return Criteria(
        version=data["version"],
        decisions=tuple(
            Decision(
                each["id"],
                each["title"],
                tuple(one for one in every if one.decision == each["id"]),
            )
            for each in data["decision"]
        ),
        reasons=tuple(
            Reason(each["id"], tuple(each["acts"]), each["label"]) for each in data["reason"]
        ),
        terms=tuple(Term(each["id"], each["days"], each["title"]) for each in data["term"]),
    )


@cache
def reasons(act: str = "") -> Mapping[str, Text]:
    """The reason codes with their words by language: those given for that act, or all."""
    return {each.id: each.label for each in criteria().reasons if not act or act in each.acts}
