"""An attestation: what the hub's reviewers found of one exact statement, principle by principle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pecfed.domain.about import About
from pecfed.domain.credential import FINDINGS, Finding
from pecfed.domain.log import person
from pecfed.domain.statement import Statement
from pecfed.domain.text import Texts
from pecfed.errors import RefusedError, UsageError

MOST_COMMENT = 2000  # characters of what the reviewers say of it in public


@dataclass(frozen=True, slots=True)
class Attestation:
    """The review of `about`: a finding for each principle of its charter.

    `reviewers` is by how many people; `given` and `valid_until` are ISO dates. `credential`
    is the document that is signed, without its proof where it is ours. `revoked` is the ISO
    date on which it was taken back, `reason` the code why, "" while it stands.
    """

    about: About
    principles: Mapping[str, Finding]
    given: str
    valid_until: str
    credential: Mapping[str, Any]
    reviewers: int = 1
    comment: Texts = field(default_factory=dict)
    revoked: str = ""
    reason: str = ""

    @property
    def uid(self) -> str:
        """The credential's id: each one is given once."""
        return str(self.credential["id"])

    def of(self, finding: Finding) -> list[str]:
        """The principles with that finding."""
        return [each for each, found in self.principles.items() if found == finding]

    def words(self) -> list[str]:
        """What a search for it looks at."""
        return list(self.comment.values())

    def to_data(self) -> dict[str, Any]:
        """The attestation as JSON values, for the database."""
        return {
            "about": self.about.to_data(),
            "principles": dict(self.principles),
            "given": self.given,
            "valid_until": self.valid_until,
            "credential": dict(self.credential),
            "reviewers": self.reviewers,
            "comment": dict(self.comment),
            "revoked": self.revoked,
            "reason": self.reason,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attestation:
        """The inverse of `to_data`."""
        return cls(**{**data, "about": About.from_data(data["about"])})


def findings(
    statement: Statement, principles: Mapping[str, Sequence[str]], given: Mapping[str, str]
) -> dict[str, Finding]:
    """A finding for each principle, in the charter's order.

    `principles` are the charter's, each with its commitments; `given` what the reviewers
    found. Nothing is left open, and nothing confirmed on which nothing was declared.

    Raises:
        UsageError: a principle is missing or unknown, a finding is none.
        RefusedError: the statement says nothing on a principle that is called confirmed.
    """
    for each, finding in given.items():
        if each not in principles:
            raise UsageError(f"there is no principle {each!r}, only {', '.join(principles)}")
        if finding not in FINDINGS:
            raise UsageError(f"{each}: {finding!r} is neither {' nor '.join(FINDINGS)}")
    if missing := [each for each in principles if each not in given]:
        raise UsageError(f"a finding is missing on {', '.join(missing)}")
    answered = {each.commitment for each in statement.commitments}
    for each, commitments in principles.items():
        if given[each] == "confirmed" and not answered.intersection(commitments):
            raise RefusedError(
                f"nothing is declared on {each}, so there is nothing to confirm",
                status=409,
                code="not_declared",
            )
    return {each: cast(Finding, given[each]) for each in principles}


def people(by: Iterable[str], wanted: int) -> tuple[str, ...]:
    """Those who decide, each once; a person's roles (`operator:ANNE`, `reviewer:ANNE`) are one.

    Raises:
        UsageError: nobody does.
        RefusedError: there must be more of them (the setting `reviewers`).
    """
    named = {person(each): each for each in reversed(list(by)) if each}
    found = tuple(reversed(named.values()))
    if not found:
        raise UsageError("say who decides")
    if len(found) < wanted:
        raise RefusedError(
            f"{wanted} reviewers must agree on it, and this is by {len(found)}",
            status=409,
            code="reviewers",
        )
    return found
