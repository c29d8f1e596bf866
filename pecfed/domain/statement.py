"""A statement: where a member says it stands on each commitment of the charter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from pecfed.domain.text import Texts

UID = "statement"
"""An actor has one statement; this is its uid among the actor's objects."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One commitment and the level declared for it, with explanation and evidence (urls)."""

    commitment: str
    level: str
    explanation: Texts = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


def _answer(item: Declared) -> dict[str, Any]:
    """One entry of `commitments`; the schema refuses an explanation that is there and empty."""
    answer: dict[str, Any] = {"commitment": item.commitment, "level": item.level}
    if item.explanation:
        answer["explanation"] = dict(item.explanation)
    if item.evidence:
        answer["evidence"] = list(item.evidence)
    return answer


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's statement on one version of the charter; dates are ISO dates."""

    member: str
    charter: str
    declared: str
    valid_until: str
    commitments: tuple[Declared, ...]

    @property
    def uid(self) -> str:
        """The uid every statement has among its actor's objects."""
        return UID

    def to_value(self) -> dict[str, Any]:
        """The value of `charterStatement`, commitments in the order they were declared in."""
        return {
            "member": self.member,
            "charter": self.charter,
            "declared": self.declared,
            "validUntil": self.valid_until,
            "commitments": [_answer(item) for item in self.commitments],
        }

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> Statement:
        """The inverse of `to_value`, of a value the schema has accepted."""
        return cls(
            member=value["member"],
            charter=value["charter"],
            declared=value["declared"],
            valid_until=value["validUntil"],
            commitments=tuple(
                Declared(
                    commitment=item["commitment"],
                    level=item["level"],
                    explanation=dict(item.get("explanation") or {}),
                    evidence=tuple(item.get("evidence") or ()),
                )
                for item in value["commitments"]
            ),
        )

    def words(self) -> list[str]:
        """What a search for this statement looks at."""
        return [text for item in self.commitments for text in item.explanation.values()]

    to_data = to_value

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Statement:
        """The inverse of `to_data`; the database keeps the wire's own value."""
        return cls.from_value(data)


def digest(value: Mapping[str, Any]) -> str:
    """Lower-case hex SHA-256 over the RFC 8785 form of a `charterStatement` value.

    Raises:
        ValueError: the value holds what has no canonical form (a NaN, a huge integer).
    """
    return hashlib.sha256(rfc8785.dumps(dict(value))).hexdigest()
