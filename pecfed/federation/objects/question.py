"""A poll as a Question, in Mastodon's way; votes are read in federation/conversation.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.hashtag import carried
from pecfed.domain.poll import Poll
from pecfed.domain.text import clean, pick
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.language.wire import Document, as_uri, one_or_many, text_by_language

MAX_OPTIONS = 20
MAX_OPTION = 100


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Question with answers to choose from."""
    return document.get("type") == "Question" and ("oneOf" in document or "anyOf" in document)


def to_wire(
    poll: Poll, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The poll in one language, since votes name an option by its text."""
    document = envelope.obj(uri, "Question", actor_uri, "question", published, updated)
    written = poll.languages or tuple(poll.question)
    main = pick({tag: tag for tag in written}, language)[0]
    envelope.told(
        document,
        main,
        [main],
        lambda tag: html.paragraphs(pick(poll.question, tag)[1]),
        carried(poll, main),
    )
    ends = clock.stamp(poll.ends)
    document["anyOf" if poll.multiple else "oneOf"] = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
        for name, count in zip(poll.names(main), poll.tally(), strict=True)
    ]
    document["endTime"] = ends
    if poll.closed:
        document["closed"] = ends
    document["votersCount"] = poll.voters
    return document


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Poll:
    """The poll of any server.

    Raises:
        RefusedError: it has no end that can be read, or too few or too many options.
    """
    ends = document.get("endTime")
    try:
        moment = clock.from_iso(ends) if isinstance(ends, str) else None
    except (ValueError, OverflowError):
        moment = None
    multiple = "anyOf" in document
    given = one_or_many(document.get("anyOf" if multiple else "oneOf"))
    options = [each for each in given[: MAX_OPTIONS + 1] if isinstance(each, Mapping)]
    names = [text_by_language(each, "name") for each in options]
    if moment is None or not 2 <= len(names) <= MAX_OPTIONS or not all(names):
        raise RefusedError("the poll can't be read", status=400, code="schema")
    content = text_by_language(document, "content")
    language = next(iter(content), "und")
    voters = document.get("votersCount")
    return Poll(
        uid=as_uri(document.get("id"))[-80:],
        question={
            tag: envelope.untagged(html.plain(text, 5000), document)
            for tag, text in content.items()
        },
        options=tuple({language: clean(next(iter(each.values())), MAX_OPTION)} for each in names),
        ends=moment,
        multiple=multiple,
        tags=envelope.tags_of(document, "question"),
        counts=tuple(_count(each.get("replies")) for each in options),
        voters=voters if isinstance(voters, int) and 0 <= voters < 2**31 else 0,
        closed="closed" in document,
    )


def _count(replies: object) -> int:
    total = replies.get("totalItems") if isinstance(replies, Mapping) else 0
    return total if isinstance(total, int) and 0 <= total < 2**31 else 0
