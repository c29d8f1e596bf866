"""What every activity and object of ours has in common on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pecfed import clock
from pecfed.domain.uris import PUBLIC
from pecfed.language.context import context
from pecfed.language.wire import Document
from pecfed.store.activities import Activity

HTML = "text/html"
LANGUAGES = ("fr", "en")


def activity(of: Activity, actor_uri: str, obj: Any, *, kind: str = "plain") -> Document:
    """An activity around its object; `kind` names the object's context (language/context.py).

    A public one goes to everybody and, in copy, to the actor's followers; the
    others to those whom the intent names in `to`.
    """
    document: Document = {
        "@context": context(kind),
        "id": of.uri,
        "type": of.type,
        "actor": actor_uri,
        "object": obj,
        "published": clock.stamp(clock.from_ms(of.published_at)),
    }
    if of.is_public:
        document["to"] = [PUBLIC, *of.intent.get("to", [])]
        document["cc"] = [f"{actor_uri}/followers"]
    else:
        document["to"] = list(of.intent.get("to", []))
    if "target" in of.intent:
        document["target"] = of.intent["target"]
    return document


def obj(
    uri: str, type_: str, actor_uri: str, kind: str, published_at: int, updated_at: int
) -> Document:
    """A public object before its own properties are added; times are milliseconds since 1970."""
    document: Document = {
        "@context": context(kind),
        "id": uri,
        "type": type_,
        "attributedTo": actor_uri,
        "to": [PUBLIC],
        "cc": [f"{actor_uri}/followers"],
        "published": clock.stamp(clock.from_ms(published_at)),
    }
    if updated_at > published_at:
        document["updated"] = clock.stamp(clock.from_ms(updated_at))
    document["url"] = uri
    return document


def told(document: Document, language: str, tell: Callable[[str], str]) -> Document:
    """Give a document its text in every language, that of the node first.

    `tell` writes the text (HTML) in one language. Mastodon takes the first key of
    `contentMap` for a post's language.
    """
    texts = {tag: tell(tag) for tag in sorted(LANGUAGES, key=lambda tag: tag != language)}
    document["content"] = next(iter(texts.values()))
    document["contentMap"] = texts
    document["attachment"] = []
    document["tag"] = []
    return document


def inner(document: Document) -> Document:
    """An object as it stands inside an activity: the context is the activity's."""
    return {name: value for name, value in document.items() if name != "@context"}


def tombstone(uri: str, former_type: str, deleted_at: int) -> Document:
    """What stands where an object was (ActivityStreams 2.0 vocabulary, Tombstone)."""
    return {
        "@context": context("plain"),
        "id": uri,
        "type": "Tombstone",
        "formerType": former_type,
        "deleted": clock.stamp(clock.from_ms(deleted_at)),
    }
