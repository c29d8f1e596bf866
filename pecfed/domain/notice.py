"""Notices: what waits for somebody, and who that somebody may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["operator", "reviewer"]

KINDS: tuple[str, ...] = (
    "join", "statement", "endorsement", "report", "question", "answer", "decision", "expiry",
    "silent", "stale", "duplicate", "suspicion", "reply", "appeal", "claim", "take-off",
    "still-true", "endorse-please", "data",
)  # fmt: skip
"""What a notice can be of."""

OPERATORS, REVIEWERS, ACCOUNT = "operators", "reviewers", "account:"
MAX_FACT = 300
"""Characters of a fact; what is longer is cut."""
MAX_FACTS = 12


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; `at` is milliseconds since 1970, `facts` are short texts by name.

    `subject` is an actor's id, or the slug of an entry that has none.
    """

    id: int
    kind: str
    subject: str
    ref: str
    to: str
    facts: Mapping[str, str]
    at: int

    @property
    def name(self) -> str:
        """What its subject is called, as far as that is known."""
        return self.facts.get("name") or self.subject


def is_somebody(to: str) -> bool:
    """Whether `to` names whom a notice may be for: operators, reviewers or account:NAME."""
    return to in {OPERATORS, REVIEWERS} or (to.startswith(ACCOUNT) and len(to) > len(ACCOUNT))


def audience(role: str, account: str) -> Sequence[str]:
    """What notices are for somebody with that role and account name.

    An operator sees what waits for reviewers, too; an observer only what is for it by name.
    """
    found = [f"{ACCOUNT}{account}"] if account else []
    if role in {"operator", "reviewer"}:
        found.append(REVIEWERS)
    if role == "operator":
        found.append(OPERATORS)
    return found


def roles(to: str) -> Sequence[Role]:
    """The roles that a notice is for; none for one to an account."""
    if to == REVIEWERS:
        return ("operator", "reviewer")
    return ("operator",) if to == OPERATORS else ()
