"""The invited file: organisations a hub's operator lists from public sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pecfed.domain.profile import Profile
from pecfed.language.schema import problems
from pecfed.language.toml_file import InvalidFileError, parse


@dataclass(frozen=True, slots=True)
class Invited:
    """One organisation and the public sources (urls) of what is said of it."""

    slug: str
    profile: Profile
    source: tuple[str, ...]


def read(path: Path, *, language: str) -> list[Invited]:
    """The organisations in the file.

    Raises:
        RefusedError: the file is refused, with every problem and where it is.
    """
    table = parse(path)
    found = problems("invited", table)
    if found:
        raise InvalidFileError(path, found)
    return [
        Invited(item["id"], Profile.from_table(item, item["name"], language), tuple(item["source"]))
        for item in table["invited"]
    ]
