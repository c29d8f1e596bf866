"""An endorsement: one member vouches for another's statement, or for some commitments of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pecfed.domain.about import About
from pecfed.domain.statement import Statement
from pecfed.domain.text import Texts
from pecfed.errors import RefusedError, UsageError

MOST_COMMENT = 1000  # characters of what an endorser says in its own words
MOST_IN_A_DAY = 50
"""Endorsements given or taken back, of one member in a day, that a hub writes into its log."""


@dataclass(frozen=True, slots=True)
class Endorsement:
    """`endorser` (an actor's id) vouches for what `about` names.

    `commitments` are ids of the charter, none of them for the whole statement. `given` and
    `valid_until` are ISO dates. `credential` is the document that is signed: as it came,
    where it is somebody else's; without its proof, where it is ours.
    """

    endorser: str
    about: About
    given: str
    valid_until: str
    credential: Mapping[str, Any]
    commitments: tuple[str, ...] = ()
    comment: Texts = field(default_factory=dict)

    @property
    def uid(self) -> str:
        """The credential's id: each one is given once."""
        return str(self.credential["id"])

    def words(self) -> list[str]:
        """What a search for it looks at."""
        return list(self.comment.values())

    def to_data(self) -> dict[str, Any]:
        """The endorsement as JSON values, for the database."""
        return {
            "endorser": self.endorser,
            "about": self.about.to_data(),
            "given": self.given,
            "valid_until": self.valid_until,
            "credential": dict(self.credential),
            "commitments": list(self.commitments),
            "comment": dict(self.comment),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Endorsement:
        """The inverse of `to_data`."""
        about, commitments = About.from_data(data["about"]), tuple(data["commitments"])
        return cls(**{**data, "about": about, "commitments": commitments})


def chosen(statement: Statement, wanted: Sequence[str]) -> tuple[str, ...]:
    """The commitments to vouch for, each once, in the statement's order; () for all of it.

    Raises:
        UsageError: the statement has no such commitment.
    """
    answered = [each.commitment for each in statement.commitments]
    for each in wanted:
        if each not in answered:
            raise UsageError(
                f"the statement says nothing on {each!r}; it answers {', '.join(answered)}"
            )
    picked = tuple(each for each in answered if each in set(wanted))
    return () if len(picked) == len(answered) else picked


def check_who(endorser: str, member: str) -> None:
    """Refuse that somebody vouches for itself.

    Raises:
        RefusedError: endorser and member are one.
    """
    if endorser == member:
        raise RefusedError("nobody vouches for itself", code="itself")
