"""Hashtags: how one is spelled, when two are the same, and which ones a post carries."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pecfed.domain.content import Content, kind_of
from pecfed.domain.event import Event
from pecfed.language import hashtags

MOST = 10
"""Hashtags that a post has of its own."""
LONGEST = 60


def is_hashtag(word: str) -> bool:
    """Whether Mastodon would link it: letters, digits and `_`, and not digits alone."""
    plain = unicodedata.normalize("NFC", word)
    return (
        0 < len(plain) <= LONGEST
        and all(c.isalnum() or c == "_" for c in plain)
        and any(c.isalpha() for c in plain)
    )


def key(word: str) -> str:
    """What is the same for two spellings of one hashtag: no case, no accents, as in Mastodon."""
    letters = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in letters if not unicodedata.combining(c))


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each hashtag once, in the spelling that comes first; what is none is left out."""
    found: dict[str, str] = {}
    for word in words:
        if is_hashtag(word):
            found.setdefault(key(word), unicodedata.normalize("NFC", word))
    return tuple(found.values())


def own(words: Iterable[str], kind: str) -> tuple[str, ...]:
    """Those of its hashtags that a post of that kind wouldn't carry anyway."""
    given = {key(each) for each in _by_itself(kind)}
    return tuple(each for each in distinct(words) if key(each) not in given)[:MOST]


def carried(content: Content, language: str) -> tuple[str, ...]:
    """Every hashtag of a post in that language, its own ones first."""
    kind = kind_of(content)
    words: list[str] = list(getattr(content, "tags", ()))
    if kind in {"statement", "resource", "event", "question"}:
        texts = hashtags.of_kind(_kind(content))
        words += [texts.get(language) or texts["en"]] if texts else []
        words.append(hashtags.community())
    return distinct(words)


def found_by(content: Content) -> tuple[str, ...]:
    """The keys under which a post is found, in whichever language it carries them."""
    return tuple(dict.fromkeys(key(each) for tag in ("fr", "en") for each in carried(content, tag)))


def spelled(word: str, contents: Iterable[Content]) -> str:
    """A hashtag as those who use it spell it: addresses have neither case nor accents."""
    for content in contents:
        for tag in ("fr", "en"):
            for each in carried(content, tag):
                if key(each) == key(word):
                    return each
    return word


def _kind(content: Content) -> str:
    """The post's kind; a call is one of its own here."""
    return "call" if isinstance(content, Event) and content.kind == "call" else kind_of(content)


def _by_itself(kind: str) -> list[str]:
    """What any post of that kind may carry by itself."""
    if kind == "note":
        return []
    kinds = ("event", "call") if kind == "event" else (kind,)
    texts = [text for each in kinds for text in hashtags.of_kind(each).values()]
    return [hashtags.community(), *texts]
