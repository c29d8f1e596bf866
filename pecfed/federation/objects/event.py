"""An event after FEP-8a8e, in the form that Mobilizon, Gancio and Mastodon read too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.domain.place import Place
from pecfed.domain.text import clean, first, pick
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.federation.pictures import BANNER, read_picture, write_picture
from pecfed.federation.places import read_place, write_place
from pecfed.language import dates
from pecfed.language.lists import event_status, labels
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document, as_link, as_uri, one_or_many, text_by_language

_ONLINE = {"fr": "en ligne", "en": "online"}
_DEADLINE = {"fr": "Répondre avant le {day}.", "en": "Answer before {day}."}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is an Event."""
    return document.get("type") == "Event"


def to_wire(
    event: Event, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The event; `summary` is "date · place", since that is all Mastodon shows beside the name."""
    document = envelope.obj(uri, "Event", actor_uri, "event", published, updated)
    envelope.told(document, language, lambda tag: _content(event, tag))
    lines = {tag: _line(event, tag) for tag in document["contentMap"]}
    status, wide_status = event_status(event.status)
    document |= {
        "actor": actor_uri,
        "name": pick(event.name, language)[1],
        "nameMap": first(event.name, language),
        "summary": next(iter(lines.values())),
        "summaryMap": lines,
        "mediaType": envelope.HTML,
        "startTime": event.start.isoformat(),
        "status": status,
        "ical:status": status,
        "eventStatus": wide_status,
        "joinMode": "external" if event.url else "none",
        "category": "MEETING",
        "inLanguage": language,
        "commentsEnabled": False,
        "isOnline": bool(event.online_url) and event.place is None,
        "uid": event.uid,
        "allDay": event.all_day,
        "eventKind": event.kind,
    }
    if event.end:
        document["endTime"] = event.end.isoformat()
    else:
        document["displayEndTime"] = False
    if event.deadline:
        document["deadline"] = event.deadline.isoformat()
    if event.place:
        document["location"] = write_place(event.place)
    elif event.online_url:
        document["location"] = {"type": "VirtualLocation", "url": event.online_url}
    if event.picture:
        document["attachment"].append(write_picture(event.picture, language, BANNER))
    for link, name in ((event.online_url, "Website"), (event.url, "Page")):
        if link:
            document["attachment"].append(
                {"type": "Link", "name": name, "mediaType": envelope.HTML, "href": link}
            )
    if event.url:
        document["externalParticipationUrl"] = event.url
    optional = {
        "timezone": event.timezone,
        "workingGroup": event.working_group,
        "sources": list(event.source),
    }
    return document | {name: value for name, value in optional.items() if value}


def _line(event: Event, language: str) -> str:
    """`date · place`, with the status first when the event does not stand as announced."""
    when = dates.span(event.start, event.end, all_day=event.all_day, language=language)
    where = event.place.line() if event.place else _ONLINE[language] if event.online_url else ""
    parts = [part for part in (when, where) if part]
    if event.status != "scheduled":
        parts.insert(0, pick(labels("event_status")[event.status], language)[1])
    return " · ".join(parts)


def _content(event: Event, language: str) -> str:
    line = escape(_line(event, language))
    parts = [f"<p>{line}</p>", html.paragraphs(pick(event.description, language)[1])]
    if event.deadline:
        day = dates.day(event.deadline, language)
        parts.append(f"<p>{escape(_DEADLINE[language].format(day=day))}</p>")
    parts += [f"<p>{html.link(url)}</p>" for url in (event.online_url, event.url) if url]
    return "".join(parts)


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Event:
    """The event of a pecfed node or of other software.

    Raises:
        RefusedError: it breaks the schema or names no real time.
    """
    if not is_valid("event", document):
        raise RefusedError("the event breaks its schema", status=400, code="schema")
    start = _time(document["startTime"])
    end = _time(document["endTime"]) if document.get("endTime") else None
    if start is None or (end is not None and end < start):
        raise RefusedError("the event's times can't be", status=400, code="schema")
    url = document.get("externalParticipationUrl")
    return Event(
        uid=document.get("uid") or as_uri(document["id"])[-80:],
        name={tag: clean(text, 200) for tag, text in text_by_language(document, "name").items()},
        start=start,
        end=end,
        all_day=document.get("allDay") is True,
        timezone=clean(document.get("timezone") or "", 64),
        description=_description(document),
        place=_place(document.get("location")),
        online_url=_online(document),
        url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else "",
        kind=document.get("eventKind") or "event",
        deadline=_time(document["deadline"]) if document.get("deadline") else None,
        status=_status(document),
        working_group=document.get("workingGroup") or "",
        source=tuple(document.get("sources") or ()),
        picture=read_picture(document.get("attachment")) or read_picture(document.get("image")),
    )


def _time(text: str) -> datetime | None:
    try:
        return clock.from_iso(text)
    except ValueError:
        return None


def _description(document: Mapping[str, Any]) -> dict[str, str]:
    """The event's text by language, without the lines that repeat its data."""
    summaries = text_by_language(document, "summary")
    deadline = _time(document["deadline"]) if document.get("deadline") else None
    links = {link for link in (_online(document), document.get("externalParticipationUrl")) if link}
    found = {}
    for tag, content in text_by_language(document, "content").items():
        repeated = {html.plain(summaries.get(tag, ""), 500), *links}
        if deadline and tag in _DEADLINE:
            repeated.add(_DEADLINE[tag].format(day=dates.day(deadline, tag)))
        paragraphs = html.plain(content, 10_000).split("\n\n")
        text = "\n\n".join(part for part in paragraphs if part not in repeated)
        if text:
            found[tag] = text
    return found


def _place(location: object) -> Place | None:
    for each in one_or_many(location):
        if isinstance(each, str):
            return Place(name=clean(each, 200))
        if isinstance(each, Mapping) and each.get("type") != "VirtualLocation":
            return read_place(each)
    return None


def _online(document: Mapping[str, Any]) -> str:
    """Where to take part online: a VirtualLocation, else the link that Mobilizon calls Website."""
    for each in one_or_many(document.get("location")):
        if isinstance(each, Mapping) and each.get("type") == "VirtualLocation":
            return as_link(each.get("url"))
    for each in one_or_many(document.get("attachment")):
        if isinstance(each, Mapping) and each.get("name") == "Website":
            return as_link([each])
    return ""


def _status(document: Mapping[str, Any]) -> str:
    """Our word for the event's status, whichever of the two vocabularies it uses."""
    for known in labels("event_status"):
        if document.get("eventStatus") == event_status(known)[1]:
            return known
    given = document.get("status") or document.get("ical:status")
    return {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}.get(str(given).upper(), "scheduled")
