"""The label: what a member may show as long as its attestation stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecfed.domain.about import About


@dataclass(frozen=True, slots=True)
class Label:
    """The label of the member in `about`; `attestation` is the id of the credential it rests on.

    `page` is where anybody can check it. `given` and `valid_until` are ISO dates,
    `credential` is the document that is signed, without its proof where it is ours.
    `revoked` is the ISO date on which it was taken back, `reason` the code why.
    """

    about: About
    attestation: str
    page: str
    given: str
    valid_until: str
    credential: Mapping[str, Any]
    revoked: str = ""
    reason: str = ""

    @property
    def uid(self) -> str:
        """The credential's id: each one is given once."""
        return str(self.credential["id"])

    def words(self) -> list[str]:
        """What a search for it looks at: it says nothing of its own."""
        return []

    def to_data(self) -> dict[str, Any]:
        """The label as JSON values, for the database."""
        return {
            "about": self.about.to_data(),
            "attestation": self.attestation,
            "page": self.page,
            "given": self.given,
            "valid_until": self.valid_until,
            "credential": dict(self.credential),
            "revoked": self.revoked,
            "reason": self.reason,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Label:
        """The inverse of `to_data`."""
        return cls(**{**data, "about": About.from_data(data["about"])})
