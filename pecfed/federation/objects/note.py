"""A plain note: a sentence of an actor to its followers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.hashtag import carried
from pecfed.domain.note import Note
from pecfed.domain.text import pick
from pecfed.federation import envelope, html
from pecfed.federation.foreign import DATA
from pecfed.language.wire import Document, as_link, as_uri, text_by_language


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note that carries nothing of ours."""
    return document.get("type") == "Note" and not any(name in document for name in DATA)


def to_wire(
    note: Note, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The note as Mastodon shows it: text in `content`, languages in `contentMap`."""
    document = envelope.obj(uri, "Note", actor_uri, "note", published, updated)
    tail = f"<p>{html.link(note.link)}</p>" if note.link else ""
    main, _ = pick(note.content, language)
    to = f"<p>{html.mention(note.mention, note.handle)} " if note.mention else "<p>"
    made = envelope.told(
        document,
        main,
        note.content,
        lambda tag: (
            html.paragraphs(pick(note.content, tag)[1], links=True).replace("<p>", to, 1) + tail
        ),
        carried(note, main),
    )
    return _answering(made, note) if note.reply_to else made


def _answering(document: Document, note: Note) -> Document:
    """An answer: to whom it goes, and never a `name`, by which it would be a vote on a poll."""
    document["inReplyTo"] = note.reply_to
    document["tag"] = [
        {"type": "Mention", "href": note.mention, "name": f"@{note.handle}"},
        *document["tag"],
    ]
    if note.private:
        hidden = {"replies", "likes", "shares"}  # it is served to nobody
        kept = {name: value for name, value in document.items() if name not in hidden}
        return kept | {"to": [note.mention], "cc": []}
    return document | {"cc": [*document["cc"], note.mention]}


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Note:
    """The note as plain text."""
    content = text_by_language(document, "content")
    return Note(
        uid=as_uri(document.get("id")),
        content={
            tag: envelope.untagged(html.plain(text, 5000), document)
            for tag, text in content.items()
        },
        link=as_link(document.get("url")),
        tags=envelope.tags_of(document, "note"),
    )
