"""A review: what reviewers and members say to each other in private about an entry or statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pecfed.domain.text import Texts

ACTS = (
    "ask", "publish", "refuse", "later", "answer", "endorse-please", "still-true", "appeal",
    "right-of-reply",
)  # fmt: skip
"""What a review does; the first four and still-true are of a hub, the others of members."""
MAX_ACT = 40
MAX_COMMITMENTS = 40
MAX_LANGUAGES = 4
MAX_MESSAGE = 4000
"""Characters of a message in one language."""


@dataclass(frozen=True, slots=True)
class Review:
    """What is said, of what, to whom.

    `about` is the id of the statement, or of the actor, that is spoken of; `digest` the
    one version of the statement that is meant (hex), else ""; `commitments` are ids of
    the charter; `reason` a code of the published criteria; `message` the words by
    language; `until` the day (ISO) by which an answer is awaited, on which the matter
    comes back, or until which something holds. `to` is the id of the actor that reads
    it, `handle` its name@host; `reply_to` the id of the review that this one answers.
    """

    act: str
    about: str
    digest: str = ""
    commitments: tuple[str, ...] = ()
    reason: str = ""
    message: Texts = field(default_factory=dict)
    until: str = ""
    to: str = ""
    handle: str = ""
    reply_to: str = ""

    @property
    def uid(self) -> str:
        """A review has no uid of its own: its id says which it is."""
        return ""

    def words(self) -> list[str]:
        """What a search for this review looks at."""
        return list(self.message.values())

    def to_value(self) -> dict[str, Any]:
        """The value of the property `review`; what is empty is left out."""
        value: dict[str, Any] = {"act": self.act, "about": self.about}
        rest = {
            "digest": self.digest,
            "commitments": list(self.commitments),
            "reason": self.reason,
            "message": dict(self.message),
            "until": self.until,
        }
        return value | {name: each for name, each in rest.items() if each}

    def to_data(self) -> dict[str, Any]:
        """The review as JSON values, for the database."""
        whom = {"to": self.to, "handle": self.handle, "reply_to": self.reply_to}
        return self.to_value() | {name: each for name, each in whom.items() if each}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Review:
        """The inverse of `to_data`."""
        return cls(**{**data, "commitments": tuple(data.get("commitments", ()))})
