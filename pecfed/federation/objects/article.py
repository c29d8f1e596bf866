"""What members write with other software: Article, Page, Video, and Notes by an agreed hashtag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.article import Article
from pecfed.domain.text import clean, first, pick
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.federation.foreign import DATA
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document, as_link, as_uri, one_or_many, text_by_language

MAX_NAME = 200
MAX_TEXT = 2000
FORMS: Mapping[str, str] = {
    "Article": "article",
    "Page": "article",
    "Video": "video",
    "Note": "note",
}
OURS = frozenset(DATA)
_TYPES = {"article": "Article", "video": "Video", "note": "Note"}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a text or a film without anything of ours in it.

    Of Notes only those with the agreed hashtag are kept; `gathering` looks at that.
    """
    return str(document.get("type")) in FORMS and not OURS & document.keys()


def to_wire(
    article: Article, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The article with its title; Mastodon shows `name`, `summary` and the link alone."""
    kind = _TYPES[article.form]
    document = envelope.obj(uri, kind, actor_uri, "article", published, updated)
    texts = {tag: html.paragraphs(text) for tag, text in first(article.text, language).items()}
    document["content"] = next(iter(texts.values()), "")
    document["contentMap"] = texts
    if kind != "Note":
        document["name"] = pick(article.name, language)[1]
        document["nameMap"] = first(article.name, language)
        document["summary"] = document["content"]
    document["attachment"] = []
    document["tag"] = []
    if article.url:
        document["url"] = article.url
    return document


def from_wire(document: Mapping[str, Any], actor_uri: str) -> Article:
    """The article as a directory shows it: title, beginning of the text, where it is.

    A Note's title is its warning or its first line; a warning hides the text. One that
    is a picture alone is told by the picture's own words.

    Raises:
        RefusedError: it breaks its schema, or says nothing at all.
    """
    if not is_valid("article", document):
        raise RefusedError("the article breaks its schema", status=400, code="schema")
    form = FORMS[document["type"]]
    names = {tag: clean(text, MAX_NAME) for tag, text in text_by_language(document, "name").items()}
    contents, summaries = (_plain(document, name) for name in ("content", "summary"))
    texts = contents or _pictured(document)
    if form != "note":
        texts = summaries or texts
    elif summaries:
        names, texts = _titles(summaries), {}
    else:
        names = names or _titles(texts)
    if not names and not texts:
        raise RefusedError("the article says nothing", status=400, code="schema")
    writers = [as_uri(each) for each in one_or_many(document["attributedTo"])]
    tags = [tag for tag in (texts or names) if tag != "und"]
    media_type = document.get("mediaType")
    return Article(
        uid=document["id"][-80:],
        form=form,
        name=names,
        text=texts,
        url=as_link(document.get("url")) or document["id"],
        language=tags[0] if tags else "",
        media_type=clean(media_type, 100) if isinstance(media_type, str) else "",
        author="" if actor_uri in writers else next(iter(writers), ""),
    )


def _plain(document: Mapping[str, Any], name: str) -> dict[str, str]:
    """A property as plain text by language, what is empty left out."""
    found = {
        tag[:35]: html.plain(text, MAX_TEXT)
        for tag, text in list(text_by_language(document, name).items())[:8]
    }
    return {tag: text for tag, text in found.items() if text}


def _titles(texts: Mapping[str, str]) -> dict[str, str]:
    """The first line of each text, cut where it is long."""
    lines = {tag: text.split("\n", 1)[0].strip() for tag, text in texts.items()}
    return {
        tag: line if len(line) <= 100 else f"{line[:99].rstrip()}…"
        for tag, line in lines.items()
        if line
    }


def _pictured(document: Mapping[str, Any]) -> dict[str, str]:
    """What the pictures say of themselves (Pixelfed sends Notes without a text)."""
    for each in one_or_many(document.get("attachment")):
        for name in ("summary", "name"):
            words = each.get(name) if isinstance(each, Mapping) else None
            if isinstance(words, str) and words.strip():
                return {"und": html.plain(words, MAX_TEXT)}
    return {}
