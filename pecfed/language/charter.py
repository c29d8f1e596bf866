"""The charter as it is shipped in `vocab/v1/charter`: commitments, levels, working groups.

Texts are by language ("fr", "en"); ids such as `governance-1` are what statements quote, and they
never change their meaning.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pecfed.shipped import shipped

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Commitment:
    """One thing that a platform places itself on."""

    id: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Principle:
    """A heading of the charter with its commitments in order."""

    id: str
    title: Text
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Where one can stand on a commitment.

    `needs` is "evidence" (a link or an explanation), "explanation", or None for nothing.
    """

    id: str
    label: Text
    needs: str | None


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """One of the community's working groups and its topics by language."""

    id: str
    name: Text
    topics: Mapping[str, tuple[str, ...]]

    @property
    def username(self) -> str:
        """The name of its actor: the id in characters that every server takes in a handle."""
        return self.id.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Charter:
    """One version of the charter."""

    version: str
    title: Text
    principles: tuple[Principle, ...]
    levels: tuple[Level, ...]
    working_groups: tuple[WorkingGroup, ...]

    @property
    def commitments(self) -> tuple[Commitment, ...]:
        """Every commitment, in the order of the text."""
        return tuple(each for principle in self.principles for each in principle.commitments)


class UnknownCharterError(ValueError):
    """There is no charter of that version here."""


@cache
def charters() -> tuple[str, ...]:
    """The versions that are shipped, oldest first."""
    names = (file.name for file in (shipped("vocab") / "v1" / "charter").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def charter(version: str = "2018") -> Charter:
    """The charter of that version.

    Raises:
        UnknownCharterError: none of that version is shipped.
    """
    if version not in charters():
        raise UnknownCharterError(f"there is no charter {version!r}, only {', '.join(charters())}")
    file = shipped("vocab") / "v1" / "charter" / f"{version}.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Charter(
        version=data["version"],
        title=data["title"],
        principles=tuple(_principle(each) for each in data["principle"]),
        levels=tuple(Level(each["id"], each["label"], each.get("needs")) for each in data["level"]),
        working_groups=tuple(_working_group(each) for each in data["working_group"]),
    )


def _principle(data: Mapping[str, Any]) -> Principle:
    commitments = tuple(
        Commitment(each["id"], each["title"], each["text"]) for each in data["commitment"]
    )
    return Principle(data["id"], data["title"], commitments)


def _working_group(data: Mapping[str, Any]) -> WorkingGroup:
    topics = {language: tuple(words) for language, words in data["topics"].items()}
    return WorkingGroup(data["id"], data["name"], topics)
