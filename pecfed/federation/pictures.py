"""Pictures on the wire: an `Image` with its media type, and its alternative text in `summary`.

Mastodon reads the alternative text from `summary`, then from `name`; most others from
`name` alone. Mobilizon knows an event's picture by the name "Banner".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.picture import Picture
from pecfed.domain.text import clean, first
from pecfed.language.wire import Document, as_link, one_or_many, text_by_language, type_of

BANNER = "Banner"
MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
MAX_ALT = 1500
_TYPES = frozenset({"Image", "Document"})


def write_picture(picture: Picture, language: str, name: str = "") -> Document:
    """The picture as an `Image`; without a `name` its alternative text is the name too."""
    texts = first(picture.alt, language)
    alt = next(iter(texts.values()), "")
    made: Document = {
        "type": "Image",
        "mediaType": picture.media_type,
        "url": picture.url,
        "name": name or alt,
        "summary": alt,
        "summaryMap": texts,
    }
    if picture.width and picture.height:
        made |= {"width": picture.width, "height": picture.height}
    return made


def read_picture(value: object) -> Picture | None:
    """The first picture in an `attachment`, `icon` or `image`; None where there is none."""
    for each in one_or_many(value)[:20]:
        if isinstance(each, Mapping) and type_of(each, _TYPES) in _TYPES:
            media, url = each.get("mediaType"), as_link(each.get("url"))
            if isinstance(media, str) and media in MEDIA_TYPES and url and len(url) <= 2048:
                width, height = (_pixels(each.get(side)) for side in ("width", "height"))
                return Picture(url, media, _alt(each), width, height)
    return None


def _alt(image: Mapping[str, Any]) -> dict[str, str]:
    """What it shows, by language; "Banner" says nothing of that."""
    texts = text_by_language(image, "summary") or text_by_language(image, "name")
    return {
        tag[:35]: clean(text, MAX_ALT) for tag, text in list(texts.items())[:8] if text != BANNER
    }


def _pixels(value: object) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000
    return int(value) if good else 0  # type: ignore[call-overload]
