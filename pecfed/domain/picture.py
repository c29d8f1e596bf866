"""A picture: where it is, what it is, and what it shows in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecfed.domain.text import Texts


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture at a web address; `alt` tells those who can't see it what it shows.

    `width` and `height` are pixels, 0 where they aren't known.
    """

    url: str
    media_type: str
    alt: Texts
    width: int = 0
    height: int = 0

    def to_data(self) -> dict[str, Any]:
        """The picture as JSON values, for the database."""
        return {
            "url": self.url,
            "media_type": self.media_type,
            "alt": dict(self.alt),
            "width": self.width,
            "height": self.height,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> Picture | None:
        """The inverse of `to_data`; None stays None."""
        return cls(**data) if data else None
