"""The kinds of object an actor publishes, by the word the database uses for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.article import Article
from pecfed.domain.event import Event
from pecfed.domain.note import Note
from pecfed.domain.poll import Poll
from pecfed.domain.resource import Resource
from pecfed.domain.review import Review
from pecfed.domain.statement import Statement

Content = Statement | Event | Resource | Note | Poll | Article | Review


CLASSES: Mapping[
    str,
    type[Statement]
    | type[Event]
    | type[Resource]
    | type[Note]
    | type[Poll]
    | type[Article]
    | type[Review],
] = {
    "statement": Statement,
    "event": Event,
    "resource": Resource,
    "note": Note,
    "question": Poll,
    "article": Article,
    "review": Review,
}
_NAMES = {cls: kind for kind, cls in CLASSES.items()}


def kind_of(content: Content) -> str:
    """The word for a kind: statement, event, resource, note, question, article or review."""
    return _NAMES[type(content)]


def from_data(kind: str, data: Mapping[str, Any]) -> Content:
    """Content out of its database form."""
    return CLASSES[kind].from_data(data)
