"""Tolerance in one place: an object of any server's in the one shape that our schemas know.

Servers give one thing or a list of it, an object or its id, null or nothing, HTML where
a text belongs, times without an offset. Nothing is believed here that wasn't said, and
what can't be read is left out; whom to believe is decided elsewhere (`objects.read`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pecfed.domain.uris import PUBLIC_SPELLINGS
from pecfed.federation import html
from pecfed.language.wire import Document, as_link, as_uri, one_or_many, type_of

TYPES = frozenset({"Article", "Event", "Note", "Page", "Tombstone", "Video"})
MAX_AUDIENCE = 100
DATA = ("charterStatement", "resource", "review", "credential")
"""The properties of a Note that hold data of ours."""
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,500}>|&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|\w{2,10});")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_UID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SHORT = {"status": 40, "eventStatus": 100, "joinMode": 40, "externalParticipationUrl": 2048}


def readable(document: Mapping[str, Any]) -> Document:
    """The same object in plain shapes; one with data of ours in it is left as it is."""
    if any(name in document for name in DATA):
        return dict(document)
    made = {name: value for name, value in document.items() if value is not None}
    made["type"] = plain_type(document)
    _set(made, "attributedTo", authors(document))
    for name in ("to", "cc", "audience"):
        if name in made:
            made[name] = addressed(made[name])
    _set(made, "url", page_of(made.get("url")))
    for name in ("published", "updated"):
        if name in made:
            _set(made, name, instant(made[name]))
    for name, most in (("tag", 100), ("attachment", 50)):
        if name in made:
            made[name] = [it for it in one_or_many(made[name])[:most] if isinstance(it, Mapping)]
    _texts(made, one_line="eventKind" not in made)
    if made["type"] == "Event":
        _event(made)
    return made


def plain_type(document: Mapping[str, Any]) -> str:
    """The `type` as one word: of a list the one we know, without a prefix (`as:Note`)."""
    given = [it.removeprefix("as:") for it in one_or_many(document.get("type"))
             if isinstance(it, str)]  # fmt: skip
    return type_of({"type": given}, TYPES)


def authors(document: Mapping[str, Any]) -> list[str]:
    """Who is said to have written it: `attributedTo`, given in any way, else `actor`."""
    given = one_or_many(document.get("attributedTo")) or one_or_many(document.get("actor"))
    return [uri for each in given[:20] if (uri := as_uri(each))]


def addressed(value: object) -> list[str]:
    """The ids in a `to` or `cc`: one or many, as ids or as objects."""
    return [uri for each in one_or_many(value)[:MAX_AUDIENCE] if (uri := as_uri(each))]


def is_public(document: Mapping[str, Any]) -> bool:
    """Whether it is for everybody, in `to` or (unlisted) in `cc`, however Public is spelt."""
    return any(
        uri in PUBLIC_SPELLINGS
        for name in ("to", "cc")
        for uri in addressed(document.get(name))
    )  # fmt: skip


def has_tag(document: Mapping[str, Any], hashtag: str) -> bool:
    """Whether a `Hashtag` object of that name is among the tags; case and `#` don't matter.

    What only looks like a hashtag in the text doesn't count.
    """
    wanted = hashtag.removeprefix("#").casefold()
    return any(
        isinstance(each, Mapping)
        and type_of(each).removeprefix("as:") == "Hashtag"
        and isinstance(each.get("name"), str)
        and each["name"].strip().removeprefix("#").casefold() == wanted
        for each in one_or_many(document.get("tag"))[:100]
    )


def page_of(value: object) -> str:
    """The page for people in a `url`: of several Links (PeerTube) the one that is HTML."""
    links = one_or_many(value)
    for each in links:
        if isinstance(each, Mapping) and "text/html" in {
            each.get("mediaType"),
            each.get("mimeType"),
        }:
            return as_link(each)
    return as_link(links)


def instant(value: object, zone: str = "") -> str:
    """A time as ISO 8601 with its offset; one without is of that time zone, else UTC; or ""."""
    if not isinstance(value, str) or len(value) > 40:
        return ""
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
        return moment.isoformat()
    except (ValueError, OverflowError):
        return ""


def time_zone(value: object) -> str:
    """The name of a time zone that this machine knows, else ""."""
    if not isinstance(value, str) or not _ZONE.fullmatch(value):
        return ""
    try:
        return ZoneInfo(value).key
    except (OSError, ValueError, LookupError):
        return ""


def _set(made: Document, name: str, value: Any) -> None:
    """Put a value in, or take the property out where there is none."""
    if value:
        made[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    else:
        made.pop(name, None)


def _language(document: Mapping[str, Any]) -> str:
    """The language a text is said to be in (`inLanguage`, or `language` of PeerTube and Lemmy)."""
    for name in ("inLanguage", "language"):
        value = document.get(name)
        tag = value.get("identifier") if isinstance(value, Mapping) else value
        if isinstance(tag, str) and _TAG.fullmatch(tag) and tag != "und":
            return tag.lower()
    return ""


def _texts(made: Document, *, one_line: bool) -> None:
    """Texts as texts, their maps by language tag; a name is one line without markup."""
    language = _language(made)
    for name, most in (("name", 200), ("summary", 10_000), ("content", 500_000)):
        mapped = {
            tag: text
            for tag, text in _mapping(made.pop(f"{name}Map", None))[:20]
            if isinstance(tag, str) and _TAG.fullmatch(tag) and isinstance(text, str) and text
        }
        text = made.pop(name, None)
        text = text if isinstance(text, str) and text.strip() else next(iter(mapped.values()), "")
        if text and not mapped and language:
            mapped = {language: text}
        if name == "name" and one_line:
            text, mapped = line(text), {tag: line(each) for tag, each in mapped.items()}
        if text:
            made[name] = text[:most]
        if mapped:
            made[f"{name}Map"] = {tag: each[:most] for tag, each in mapped.items()}


def _mapping(value: object) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def line(text: str) -> str:
    """A name on one line, without the markup that some servers leave in it."""
    bare = html.plain(text, 2000) if _MARKUP.search(text[:20_000]) else text[:2000]
    return " ".join(bare.split())


def _event(made: Document) -> None:
    """What an Event has beside its texts; what can't be read is left out."""
    zone = time_zone(made.get("timezone"))
    _set(made, "timezone", zone)
    for name in ("startTime", "endTime", "deadline"):
        if name in made:
            # what is no time at all stays as it is, to be refused where it is required
            _set(made, name, instant(made[name], zone) or ("" if name == "endTime" else made[name]))
    for name, most in _SHORT.items():
        if name in made and not (isinstance(made[name], str) and len(made[name]) <= most):
            del made[name]
    if "category" in made:
        words = [it[:100] for it in one_or_many(made["category"])[:20] if isinstance(it, str)]
        _set(made, "category", words)
    uid = made.get("uid")
    if not (isinstance(uid, str) and _UID.fullmatch(uid)):
        made.pop("uid", None)
    if not isinstance(made.get("allDay"), bool):
        made.pop("allDay", None)
    if not isinstance(made.get("displayEndTime"), bool | str):
        made.pop("displayEndTime", None)
    if "location" in made:
        places = [place for it in one_or_many(made["location"])[:8] if (place := _place(it))]
        _set(made, "location", places)


def _place(value: object) -> str | Document:
    """A place in words or as an object; parts of another kind than they should be are left out."""
    if isinstance(value, str):
        return value[:500]
    if not isinstance(value, Mapping):
        return ""
    made = {name: each for name, each in value.items() if each is not None}
    made["type"] = type_of(made).removeprefix("as:")[:100]
    if not isinstance(made.get("name"), str):
        names = [text for _, text in _mapping(made.get("nameMap")) if isinstance(text, str)]
        _set(made, "name", names[:1])
    if "name" in made:
        made["name"] = line(made["name"])[:200]
    for name, most in (("latitude", 90), ("longitude", 180)):
        degrees = _degrees(made.pop(name, None))
        if degrees is not None and abs(degrees) <= most:
            made[name] = degrees
    address = made.pop("address", None)
    if isinstance(address, str) and address.strip():
        made["address"] = address[:1000]
    elif isinstance(address, Mapping):
        made["address"] = dict(address)
    return made


def _degrees(value: object) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", value.strip()):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
