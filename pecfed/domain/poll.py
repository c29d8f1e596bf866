"""A poll: a question with a few answers, open until a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pecfed.domain.text import Texts, pick


@dataclass(frozen=True, slots=True)
class Poll:
    """What is asked, what can be answered, and what was answered so far.

    `ends` is an aware datetime. The tally (`counts` by option, `voters`, `closed` once
    the last count was told) is no part of what makes two polls the same.
    """

    uid: str
    question: Texts
    options: tuple[Texts, ...]
    ends: datetime
    multiple: bool = False
    tags: tuple[str, ...] = ()
    counts: tuple[int, ...] = field(default=(), compare=False)
    voters: int = field(default=0, compare=False)
    closed: bool = field(default=False, compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the question and every option are written in."""
        return tuple(tag for tag in self.question if all(tag in each for each in self.options))

    def names(self, language: str) -> tuple[str, ...]:
        """The options in one language; votes name them, so they differ from each other."""
        return tuple(pick(each, language)[1] for each in self.options)

    def chosen(self, name: str) -> int | None:
        """The number of the option that a vote names, in whichever language; None if none."""
        for number, option in enumerate(self.options):
            if name.strip() in option.values():
                return number
        return None

    def tally(self) -> tuple[int, ...]:
        """How often each option was chosen, also where nobody has voted yet."""
        return self.counts if len(self.counts) == len(self.options) else (0,) * len(self.options)

    def with_tally(self, counts: Sequence[int], voters: int, *, closed: bool) -> Poll:
        """The same poll as it stands now."""
        return replace(self, counts=tuple(counts), voters=voters, closed=closed)

    def same_answers(self, other: Poll) -> bool:
        """Whether votes on the one hold for the other; Mastodon begins anew where they don't."""
        return self.options == other.options and self.multiple == other.multiple

    def words(self) -> list[str]:
        """What a search for this poll looks at."""
        options = [text for option in self.options for text in option.values()]
        return [self.uid, *self.question.values(), *options]

    def to_data(self) -> dict[str, Any]:
        """The poll as JSON values, for the database."""
        return {
            "uid": self.uid,
            "question": dict(self.question),
            "options": [dict(option) for option in self.options],
            "ends": self.ends.isoformat(),
            "multiple": self.multiple,
            "tags": list(self.tags),
            "counts": list(self.counts),
            "voters": self.voters,
            "closed": self.closed,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Poll:
        """The inverse of `to_data`."""
        values = dict(data)
        values["ends"] = datetime.fromisoformat(data["ends"])
        for name in ("options", "tags", "counts"):
            values[name] = tuple(data[name])
        return cls(**values)
