"""An event: an assembly, a meeting, a workshop, or a call for projects with a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pecfed.domain.picture import Picture
from pecfed.domain.place import Place
from pecfed.domain.text import Texts


@dataclass(frozen=True, slots=True)
class Event:
    """What happens, when and where.

    `start`, `end` and `deadline` are aware datetimes in the event's own offset;
    an all-day event starts at midnight and ends at the midnight after its last
    day. `status` is scheduled, tentative, cancelled or postponed; `kind` is
    event or call; `tags` are hashtags without their `#`.
    """

    uid: str
    name: Texts
    start: datetime
    end: datetime | None = None
    all_day: bool = False
    timezone: str = ""
    description: Texts = field(default_factory=dict)
    place: Place | None = None
    online_url: str = ""
    url: str = ""
    kind: str = "event"
    deadline: datetime | None = None
    status: str = "scheduled"
    working_group: str = ""
    source: tuple[str, ...] = ()
    picture: Picture | None = None
    tags: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """What a search for this event looks at."""
        place = [self.place.line()] if self.place else []
        return [self.uid, *self.name.values(), *self.description.values(), *place, *self.tags]

    def to_data(self) -> dict[str, Any]:
        """The event as JSON values, for the database."""
        return {
            "uid": self.uid,
            "name": dict(self.name),
            "start": self.start.isoformat(),
            "end": self.end.isoformat() if self.end else None,
            "all_day": self.all_day,
            "timezone": self.timezone,
            "description": dict(self.description),
            "place": self.place.to_data() if self.place else None,
            "online_url": self.online_url,
            "url": self.url,
            "kind": self.kind,
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "status": self.status,
            "working_group": self.working_group,
            "source": list(self.source),
            "picture": self.picture.to_data() if self.picture else None,
            "tags": list(self.tags),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Event:
        """The inverse of `to_data`."""
        values = dict(data)
        values["start"] = datetime.fromisoformat(data["start"])
        for name in ("end", "deadline"):
            values[name] = datetime.fromisoformat(data[name]) if data[name] else None
        values["place"] = Place.from_data(data["place"])
        values["source"] = tuple(data["source"])
        values["picture"] = Picture.from_data(data.get("picture"))
        values["tags"] = tuple(data.get("tags", ()))
        return cls(**values)
