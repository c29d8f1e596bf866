"""What a handler is given and gives back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pecfed.domain.uris import same_origin
from pecfed.language.wire import as_uri, embedded
from pecfed.store.database import Session

Effect = Callable[[Session], Awaitable[str]]
"""Changes the store; returns a word on what came of it, for the log."""


@dataclass(frozen=True, slots=True)
class Received:
    """An acknowledged activity: verified to come from `actor_uri`, which is its `actor`."""

    type: str
    actor_uri: str
    activity: Mapping[str, Any]

    @property
    def own_id(self) -> str:
        """The activity's id where it is its actor's to give, else ""."""
        uri = as_uri(self.activity.get("id"))
        return uri if same_origin(uri, self.actor_uri) else ""

    @property
    def object_uri(self) -> str:
        """The id of its object, given as an id or as the object itself."""
        return as_uri(self.activity.get("object"))

    @property
    def inner(self) -> Mapping[str, Any]:
        """Its object where it is embedded, else nothing."""
        return embedded(self.activity.get("object"))


def identity(received: Received) -> str:
    """The activity's id where it is its actor's to give, else a name that its bytes make."""
    if received.own_id:
        return received.own_id
    written = json.dumps(received.activity, sort_keys=True)
    return f"{received.actor_uri}#{hashlib.sha256(written.encode()).hexdigest()}"
