"""A note: a plain sentence from an actor to its followers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecfed.domain.text import Texts


@dataclass(frozen=True, slots=True)
class Note:
    """`content` is text by language, without markup; `link` an address it ends with.

    `tags` are hashtags without their `#`. An answer names what it answers (`reply_to`)
    and to whom (`mention`, an actor's id, and `handle`); a `private` one is for them alone.
    """

    uid: str
    content: Texts
    link: str = ""
    tags: tuple[str, ...] = ()
    reply_to: str = ""
    mention: str = ""
    handle: str = ""
    private: bool = False

    def words(self) -> list[str]:
        """What a search for this note looks at."""
        return list(self.content.values())

    def to_data(self) -> dict[str, Any]:
        """The note as JSON values, for the database."""
        data: dict[str, Any] = {
            "uid": self.uid,
            "content": dict(self.content),
            "link": self.link,
            "tags": list(self.tags),
        }
        if self.reply_to:
            data |= {"reply_to": self.reply_to, "mention": self.mention, "handle": self.handle}
            data["private"] = self.private
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Note:
        """The inverse of `to_data`."""
        return cls(**{**data, "tags": tuple(data.get("tags", ()))})
