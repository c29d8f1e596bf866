"""The kinds of object an actor publishes, by the word the database uses for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.article import Article
from pecfed.domain.attestation import Attestation
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.event import Event
from pecfed.domain.label import Label
from pecfed.domain.note import Note
from pecfed.domain.poll import Poll
from pecfed.domain.resource import Resource
from pecfed.domain.review import Review
from pecfed.domain.statement import Statement

Vouching = Endorsement | Attestation | Label
Content = Statement | Event | Resource | Note | Poll | Article | Review | Vouching
Kind = (
    type[Statement]
    | type[Event]
    | type[Resource]
    | type[Note]
    | type[Poll]
    | type[Article]
    | type[Review]
    | type[Endorsement]
    | type[Attestation]
    | type[Label]
)

CLASSES: Mapping[str, Kind] = {
    "statement": Statement,
    "event": Event,
    "resource": Resource,
    "note": Note,
    "question": Poll,
    "article": Article,
    "review": Review,
    "endorsement": Endorsement,
    "attestation": Attestation,
    "label": Label,
}
_NAMES = {cls: kind for kind, cls in CLASSES.items()}


def kind_of(content: Content) -> str:
    """The word for a content's kind, a key of `CLASSES`."""
    return _NAMES[type(content)]


def from_data(kind: str, data: Mapping[str, Any]) -> Content:
    """Content out of its database form."""
    return CLASSES[kind].from_data(data)
