"""A place: where a platform is, or where an event happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A place in words; latitude and longitude are degrees (WGS 84), both or neither."""

    name: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def line(self) -> str:
        """The place on one line, as people write it."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = dict.fromkeys(p for p in (self.name, self.address, town) if p)
        return ", ".join(parts)

    def to_data(self) -> dict[str, Any]:
        """The place as the database and the apply file spell it, empty parts left out."""
        pairs = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in pairs.items() if value not in ("", None)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> Place | None:
        """The inverse of `to_data`; None stays None."""
        if not data:
            return None
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})

    @classmethod
    def from_table(cls, table: Mapping[str, Any] | None) -> Place | None:
        """A place as people write it in a file, where coordinates may be whole numbers."""
        numbers = {n: float(v) for n, v in (table or {}).items() if n in {"latitude", "longitude"}}
        return cls.from_data({**(table or {}), **numbers})
