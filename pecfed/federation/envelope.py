"""What every activity and object of ours has in common on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from pecfed import clock
from pecfed.domain import hashtag
from pecfed.domain.uris import PUBLIC, site_of
from pecfed.language.context import context
from pecfed.language.wire import Document, one_or_many
from pecfed.store.activities import Activity

HTML = "text/html"
MOST_TAGS = 100


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
    address(document, of.intent.get("groups", ()))
    if "target" in of.intent:
        document["target"] = of.intent["target"]
    return document


def address(document: Document, groups: Sequence[str]) -> Document:
    """Address an activity or object to working groups, too (FEP-1b12: `audience`, and `to`)."""
    if groups:
        document["audience"] = groups[0] if len(groups) == 1 else list(groups)
        document["to"] = [*document["to"], *groups]
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
    return document | {name: f"{uri}/{name}" for name in ("replies", "likes", "shares")}


def told(
    document: Document,
    language: str,
    written: Iterable[str],
    tell: Callable[[str], str],
    tags: Sequence[str],
) -> Document:
    """Give a document its text in each language that it is written in, `language` first.

    `tell` writes the text (HTML) in one language; the hashtags (without their `#`) end
    each text. Mastodon takes the first key of `contentMap` for a post's language, so a
    language in which nobody wrote must not stand there.
    """
    tail = hashtags(document["id"], tags)
    texts = {tag: tell(tag) + tail for tag in dict.fromkeys((language, *written))}
    document["content"] = texts[language]
    document["contentMap"] = texts
    document["attachment"] = []
    document["tag"] = tag_links(document["id"], tags)
    return document


def tag_links(uri: str, tags: Iterable[str]) -> list[Document]:
    """Hashtags (without their `#`) as links to our pages of them."""
    return [{"type": "Hashtag", "name": f"#{tag}", "href": tag_page(uri, tag)} for tag in tags]


def tag_page(uri: str, tag: str) -> str:
    """Our page of a hashtag, on the site where the object `uri` stands."""
    return f"{site_of(uri)}/tags/{quote(hashtag.key(tag))}"


def hashtags(uri: str, tags: Sequence[str]) -> str:
    """The paragraph of hashtags that a post ends with, marked as Mastodon marks its own."""
    links = (
        f'<a href="{tag_page(uri, tag)}" class="mention hashtag" rel="tag">'
        f"#<span>{escape(tag)}</span></a>"
        for tag in tags
    )
    return f"<p>{' '.join(links)}</p>" if tags else ""


def tags_of(document: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """The hashtags of a post of anybody's, without those that its kind carries by itself."""
    names = (
        each.get("name")
        for each in one_or_many(document.get("tag"))[:MOST_TAGS]
        if isinstance(each, Mapping) and each.get("type") == "Hashtag"
    )
    return hashtag.own((name.lstrip("#") for name in names if isinstance(name, str)), kind)


def untagged(text: str, document: Mapping[str, Any]) -> str:
    """A plain text without a last paragraph that only repeats the post's hashtags."""
    rest, _, last = text.rpartition("\n\n")
    names = {
        hashtag.key(str(each.get("name")).lstrip("#"))
        for each in one_or_many(document.get("tag"))[:MOST_TAGS]
        if isinstance(each, Mapping)
    }
    words = last.split()
    repeats = all(word[0] == "#" and hashtag.key(word[1:]) in names for word in words)
    return rest if words and repeats else text


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
