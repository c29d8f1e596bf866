"""A resource: a commons a platform shares (statutes, a licence, software, documentation)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pecfed.domain.picture import Picture
from pecfed.domain.text import Texts


@dataclass(frozen=True, slots=True)
class Resource:
    """What is shared, under which licence, with whom.

    `kind` and `openness` are ids of `vocab/v1/lists.toml`; `license` is an SPDX
    id, a `LicenseRef-…`, or "" when it isn't known; `released` an ISO date;
    `tags` are hashtags without their `#`.
    """

    uid: str
    name: Texts
    kind: str
    openness: str = "public"
    license: str = ""
    description: Texts = field(default_factory=dict)
    url: str = ""
    version: str = ""
    languages: tuple[str, ...] = ()
    released: str = ""
    working_group: str = ""
    authors: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    picture: Picture | None = None
    tags: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """What a search for this resource looks at."""
        return [
            self.uid, self.kind, self.license,
            *self.name.values(), *self.description.values(), *self.authors,
            *self.tags,
        ]  # fmt: skip

    def to_data(self) -> dict[str, Any]:
        """The resource as JSON values, for the database."""
        values = {name: getattr(self, name) for name in self.__slots__}
        for name in ("name", "description"):
            values[name] = dict(values[name])
        for name in ("languages", "authors", "source", "tags"):
            values[name] = list(values[name])
        values["picture"] = self.picture.to_data() if self.picture else None
        return values

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Resource:
        """The inverse of `to_data`."""
        values = dict(data)
        values["picture"] = Picture.from_data(data.get("picture"))
        for name in ("languages", "authors", "source", "tags"):
            values[name] = tuple(data.get(name, ()))
        return cls(**values)
