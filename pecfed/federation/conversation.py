"""Reading what others say of what is ours: a note as plain text, from its author's own origin."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.conversation import MAX_LINKS, MAX_TEXT, Reaction, Said
from pecfed.domain.text import clean
from pecfed.domain.uris import origin, same_origin
from pecfed.errors import RefusedError
from pecfed.federation import html
from pecfed.federation.foreign import is_public
from pecfed.federation.gathering import UNKNOWN_KIND, is_for_directory
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import (
    as_link,
    as_moment,
    as_uri,
    one_or_many,
    text_by_language,
    type_of,
)
from pecfed.services import admission, conversation, poll
from pecfed.store import conversations
from pecfed.store.database import Session

TYPES = frozenset({"Note", "Article", "Page", "Question", "Image", "Video", "Audio", "Event"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


async def said(node: Node, received: Received) -> Effect | str | None:
    """The effect of a Create or Update that answers or mentions us; None when it is none.

    What members publish for the directory isn't conversation, whomever it names. A
    note counts as embedded only when its author sent it; else its origin is asked.

    Raises:
        FetchError: it is given by its id alone, and its origin can't be read.
    """
    if await is_for_directory(node, received):
        return None
    about = admission.named(
        received.type, received.activity, node.uris, is_hub=node.settings.is_hub
    )
    uri, author_uri = received.object_uri, received.actor_uri
    if not about.actors and not about.objects and not await _is_known(node, about.message):
        return None
    if not same_origin(uri, author_uri):
        return "not its sender's"
    document = received.inner
    if as_uri(document.get("attributedTo")) != author_uri:
        document = await node.fetcher.document(uri)
    try:
        found = read(document, author_uri, received.activity)
    except RefusedError as error:
        return error.message
    author = await node.remotes.actor(author_uri)
    created = received.type == "Create"

    async def effect(session: Session) -> str:
        if node.limits.deleted.holds(deleted_name(author_uri, found.uri)):
            return "withdrawn before"
        if found.vote:
            return await poll.vote(
                session,
                question_uri=found.in_reply_to,
                voter_uri=author_uri,
                choice=found.vote,
            )
        note = await conversation.said(session, found, author, about.actors, created=created)
        return UNKNOWN_KIND if note == conversation.NOTHING else note

    return effect


def counted(received: Received, kind: Reaction) -> Effect:
    """The effect of a like or a boost: it counts once for each actor."""

    async def effect(session: Session) -> str:
        return await conversation.reacted(
            session, kind, received.object_uri, received.actor_uri, received.own_id
        )

    return effect


async def _is_known(node: Node, uri: str) -> bool:
    if not uri:
        return False
    return await node.database.read(lambda session: conversations.by_uri(session, uri)) is not None


def deleted_name(actor_uri: str, uri: str) -> str:
    """What a deletion that came before its Create is remembered by: short, whatever was sent."""
    return hashlib.sha256(f"{actor_uri} {uri}".encode("utf-8", "replace")).hexdigest()


def read(document: Mapping[str, Any], author_uri: str, activity: Mapping[str, Any]) -> Said:
    """A note of that author's as plain text with its links; `activity` says what it doesn't itself.

    Raises:
        RefusedError: it isn't its author's (FEP-fe34), or no kind of post.
    """
    uri = as_uri(document.get("id"))
    if as_uri(document.get("attributedTo")) != author_uri or not same_origin(uri, author_uri):
        raise RefusedError(f"{uri[:300]}: is not its sender's", code="not_its_author")
    if type_of(document, TYPES) not in TYPES:
        raise RefusedError("no kind of post", code="no_post")
    texts = text_by_language(document, "content")
    language, written = next(iter(texts.items()), ("und", ""))
    warning, name = document.get("summary"), document.get("name")
    text = html.plain(written, MAX_TEXT)
    if isinstance(warning, str) and warning:
        text = clean(f"{html.plain(warning, 500)}\n\n{text}", MAX_TEXT)
    reply_to = document.get("inReplyTo")
    addressed = document if {"to", "cc"} & document.keys() else activity
    published = as_moment(document.get("published"), clock.now_ms())
    return Said(
        uri=uri,
        actor_uri=author_uri,
        content=text,
        links=_links(document, written),
        language=language if _LANGUAGE.fullmatch(language) else "und",
        url=_address(as_link(document.get("url"))) or uri,
        is_public=is_public(addressed),
        in_reply_to=as_uri(reply_to),
        published_at=published,
        updated_at=max(published, as_moment(document.get("updated"), published)),
        vote=clean(name, 500) if isinstance(name, str) and not written and reply_to else "",
    )


def _address(uri: str) -> str:
    return uri if origin(uri) else ""


def _links(document: Mapping[str, Any], written: str) -> tuple[str, ...]:
    """The addresses in the text, and those of attachments: these aren't fetched or kept."""
    found = dict.fromkeys(html.links(written, MAX_LINKS))
    for each in one_or_many(document.get("attachment"))[:MAX_LINKS]:
        if isinstance(each, Mapping):
            address = _address(as_link(each.get("url")) or as_link(each.get("href")))
            found |= {address: None} if address else {}
    return tuple(found)[:MAX_LINKS]
