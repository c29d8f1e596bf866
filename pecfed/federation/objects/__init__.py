"""The kinds of object on the wire: one file each, one line each in this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pecfed import clock
from pecfed.domain.content import Content
from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError
from pecfed.federation.foreign import addressed, authors, is_public, readable
from pecfed.federation.objects import (
    article,
    attestation,
    endorsement,
    event,
    label,
    note,
    question,
    resource,
    review,
    statement,
)
from pecfed.language.wire import Document, as_link, as_moment, as_uri


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
    "article": Kind("Article", article.recognises, article.from_wire, article.to_wire),
    "review": Kind("Note", review.recognises, review.from_wire, review.to_wire),
    "endorsement": Kind("Note", endorsement.recognises, endorsement.from_wire, endorsement.to_wire),
    "attestation": Kind("Note", attestation.recognises, attestation.from_wire, attestation.to_wire),
    "label": Kind("Note", label.recognises, label.from_wire, label.to_wire),
}
GATHERED = ("statement", "resource", "event", "endorsement", "article")
"""What a hub keeps of its members; of plain notes those with the agreed hashtag."""


@dataclass(frozen=True, slots=True)
class Read:
    """An object read from the wire; times are milliseconds since 1970."""

    uri: str
    actor_uri: str
    content: Content
    url: str
    published_at: int
    updated_at: int


def read(document: Mapping[str, Any], actor_uri: str, *, group: bool = False) -> Read | None:
    """The object in a document, if it is of a kind that a hub keeps.

    `group` says that the actor is a group which passed it on: then what somebody of its
    own server wrote for it (`audience`, `to`, `cc`) is the group's to show (FEP-1b12).

    Raises:
        RefusedError: it isn't its author's to say (FEP-fe34: object, author and
            their origin must agree), isn't public, or breaks its kind's schema.
    """
    document = readable(document)
    kind = next((KINDS[name] for name in GATHERED if KINDS[name].recognises(document)), None)
    if kind is None:
        return None
    uri = as_uri(document.get("id"))
    if not is_its_own(document, actor_uri, group=group):
        raise RefusedError(f"{uri}: is not {actor_uri}'s", status=403, code="not_its_author")
    if not is_public(document):
        raise RefusedError(f"{uri}: is not for everybody", status=403, code="not_public")
    now = clock.now_ms()
    published = as_moment(document.get("published"), now)
    return Read(
        uri=uri,
        actor_uri=actor_uri,
        content=kind.from_wire(document, actor_uri),
        url=as_link(document.get("url")) or uri,
        published_at=published,
        updated_at=max(published, as_moment(document.get("updated"), published)),
    )


def is_its_own(document: Mapping[str, Any], actor_uri: str, *, group: bool = False) -> bool:
    """Whether an object is that actor's to show: everybody it names stands on its origin.

    PeerTube names an account and a channel; one of them is enough, as both are there.
    """
    uri, writers = as_uri(document.get("id")), authors(document)
    if not writers or not all(same_origin(uri, each) for each in (actor_uri, *writers)):
        return False
    if actor_uri in writers:
        return True
    shown = [addressed(document.get(name)) for name in ("audience", "to", "cc")]
    return group and any(actor_uri in uris for uris in shown)
