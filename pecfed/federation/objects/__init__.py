"""The kinds of object on the wire: one file each, one line each in this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pecfed import clock
from pecfed.domain.content import Content
from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError
from pecfed.federation.objects import event, note, question, resource, statement
from pecfed.language.wire import Document, as_link, as_uri


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is read and written.

    `recognises` tells from its properties whether a document is of this kind;
    `from_wire` reads one (raising RefusedError), `to_wire(content, uri,
    actor_uri, published_ms, updated_ms, language)` writes one.
    """

    type: str
    recognises: Callable[[Mapping[str, Any]], bool]
    from_wire: Callable[[Mapping[str, Any], str], Content]
    to_wire: Callable[[Any, str, str, int, int, str], Document]


KINDS: Mapping[str, Kind] = {
    "statement": Kind("Note", statement.recognises, statement.from_wire, statement.to_wire),
    "resource": Kind("Note", resource.recognises, resource.from_wire, resource.to_wire),
    "event": Kind("Event", event.recognises, event.from_wire, event.to_wire),
    "note": Kind("Note", note.recognises, note.from_wire, note.to_wire),
    "question": Kind("Question", question.recognises, question.from_wire, question.to_wire),
}
GATHERED = ("statement", "resource", "event")
"""What a hub keeps of its members; plain notes are not for a directory."""


@dataclass(frozen=True, slots=True)
class Read:
    """An object read from the wire; times are milliseconds since 1970."""

    uri: str
    actor_uri: str
    content: Content
    url: str
    published_at: int
    updated_at: int


def read(document: Mapping[str, Any], actor_uri: str) -> Read | None:
    """The object in a document, if it is of a kind that a hub keeps.

    Raises:
        RefusedError: it isn't its author's to say (FEP-fe34: object, author and
            their origin must agree), or it breaks its kind's schema.
    """
    kind = next((KINDS[name] for name in GATHERED if KINDS[name].recognises(document)), None)
    if kind is None:
        return None
    uri = as_uri(document.get("id"))
    if as_uri(document.get("attributedTo")) != actor_uri or not same_origin(uri, actor_uri):
        raise RefusedError(f"{uri}: is not {actor_uri}'s", status=403, code="not_its_author")
    now = clock.now_ms()
    published = _moment(document.get("published"), now)
    return Read(
        uri=uri,
        actor_uri=actor_uri,
        content=kind.from_wire(document, actor_uri),
        url=as_link(document.get("url")) or uri,
        published_at=published,
        updated_at=max(published, _moment(document.get("updated"), published)),
    )


def _moment(value: object, otherwise: int) -> int:
    """A wire time in milliseconds, never in the future; `otherwise` where it can't be read."""
    try:
        moment = clock.from_iso(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        moment = None
    return otherwise if moment is None else min(clock.to_ms(moment), clock.now_ms())
