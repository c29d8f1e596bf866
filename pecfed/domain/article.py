"""An article: what a member publishes with software of its own, and a directory points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pecfed.domain.text import Texts

FORMS = ("article", "video", "note")
"""What it is where it was published: a text with a title, a film, or a short message."""


@dataclass(frozen=True, slots=True)
class Article:
    """A title, the beginning of its text, and where the whole of it is.

    `form` is one of `FORMS`, `text` plain text that is cut, `url` the page of the
    original, `media_type` that of the page or film. `author` is the id of who wrote
    it where that isn't the member itself (somebody in a group), else "".
    """

    uid: str
    form: str
    name: Texts = field(default_factory=dict)
    text: Texts = field(default_factory=dict)
    url: str = ""
    language: str = ""
    media_type: str = ""
    author: str = ""

    def words(self) -> list[str]:
        """What a search for this article looks at."""
        return [*self.name.values(), *self.text.values()]

    def to_data(self) -> dict[str, Any]:
        """The article as JSON values, for the database."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"name": dict(self.name), "text": dict(self.text)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Article:
        """The inverse of `to_data`."""
        return cls(**data)
