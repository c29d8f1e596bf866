"""An event after FEP-8a8e, in the form that Mobilizon, Gancio and Mastodon read too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import Any

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.domain.hashtag import carried
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

CATEGORY = {"event": "MEETING", "call": "COMMUNITY"}
"""Of FEP-8a8e's list, which is Mobilizon's; MEETING is its word for what fits nowhere else."""
UNSAID = timedelta(hours=1)
"""FEP-8a8e wants an `endTime`: where none was given, one that isn't displayed."""
MOST_TEXT = 10_000
_WORDS = {
    "fr": {
        "online": "en ligne",
        "also_online": "aussi en ligne",
        "zone": "{when} (heure de {place})",
        "call": "{kind}, réponses jusqu’au {day}",
        "open": "Ouvert {when}.",
        "dates": "Dates : {when}.",
        "deadline": "Répondre avant le {day}.",
    },
    "en": {
        "online": "online",
        "also_online": "also online",
        "zone": "{when} ({place} time)",
        "call": "{kind}, answers until {day}",
        "open": "Open {when}.",
        "dates": "Dates: {when}.",
        "deadline": "Answer before {day}.",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is an Event."""
    return document.get("type") == "Event"


def to_wire(
    event: Event, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The event; `summary` is "date · place", since that is all Mastodon shows beside the name."""
    document = envelope.obj(uri, "Event", actor_uri, "event", published, updated)
    # what is read beside the name: what has a description, in its languages
    body = tuple(event.description or event.name)
    both = tuple(tag for tag in body if tag in event.name) or body
    main, _ = pick({tag: tag for tag in both}, language)
    tags = carried(event, main)
    envelope.told(document, main, body, lambda tag: _content(event, tag), tags)
    lines = {tag: facts(event, tag)[0] for tag in document["contentMap"]}
    status, wide_status = event_status(event.status)
    document |= {
        "actor": actor_uri,
        "name": pick(event.name, main)[1],
        "nameMap": first(event.name, main),
        "summary": lines[main],
        "summaryMap": lines,
        "mediaType": envelope.HTML,
        "startTime": event.start.isoformat(),
        "status": status,
        "ical:status": status,
        "eventStatus": wide_status,
        "joinMode": "external" if event.url else "none",
        "category": CATEGORY[event.kind],
        "inLanguage": main,
        "organizers": {"type": "Collection", "totalItems": 1, "items": [actor_uri]},
        "commentsEnabled": False,
        "isOnline": bool(event.online_url) and event.place is None,
        "uid": event.uid,
        "allDay": event.all_day,
        "eventKind": event.kind,
    }
    document["endTime"] = (event.end or event.start + UNSAID).isoformat()
    if not event.end:
        document["displayEndTime"] = False
    if event.deadline:
        document["deadline"] = event.deadline.isoformat()
    if event.place:
        document["location"] = write_place(event.place)
    elif event.online_url:
        document["location"] = {"type": "VirtualLocation", "url": event.online_url}
    if event.picture:
        document["attachment"].append(write_picture(event.picture, main, BANNER))
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


def facts(event: Event, language: str) -> list[str]:
    """What an event's data say in words, a paragraph each; the first one is its `summary`.

    That is `date · place`, of a call until when one can answer, and the status first when
    the event does not stand as announced.
    """
    words = _WORDS.get(language, _WORDS["en"])
    when = dates.span(event.start, event.end, all_day=event.all_day, language=language)
    where = event.place.line() if event.place else ""
    if event.online_url:
        where = f"{where} · {words['also_online']}" if where else words["online"]
        if not event.place and not event.all_day and event.timezone:
            city = event.timezone.rpartition("/")[2].replace("_", " ")
            when = words["zone"].format(when=when, place=city)
    more = []
    first_part = when
    if event.deadline:
        day = dates.day(event.deadline, language)
        if event.kind == "call":
            kind = pick(labels("event_kind")["call"], language)[1]
            first_part = words["call"].format(kind=kind[:1].upper() + kind[1:], day=day)
            # until when one can answer is said; this is when it is open, or what it is about
            still_open = event.deadline >= event.start
            more.append(words["open" if still_open else "dates"].format(when=when))
        else:
            more.append(words["deadline"].format(day=day))
    parts = [part for part in (first_part, where) if part]
    if event.status != "scheduled":
        status = pick(labels("event_status")[event.status], language)[1]
        parts.insert(0, status[:1].upper() + status[1:])
    line = " · ".join(parts)
    return [line[:1].upper() + line[1:], *more]


def _content(event: Event, language: str) -> str:
    line, *more = (f"<p>{escape(fact)}</p>" for fact in facts(event, language))
    described = html.paragraphs(pick(event.description, language)[1])
    links = [f"<p>{html.link(url)}</p>" for url in (event.online_url, event.url) if url]
    return "".join([line, described, *more, *links])


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Event:
    """The event of a pecfed node or of other software.

    Raises:
        RefusedError: it breaks the schema or names no real time.
    """
    if not is_valid("event", document):
        raise RefusedError("the event breaks its schema", status=400, code="schema")
    start = _time(document["startTime"])
    end = None
    if document.get("endTime") and document.get("displayEndTime") is not False:
        end = _time(document["endTime"])
    if start is None or (end is not None and end < start):
        raise RefusedError("the event's times can't be", status=400, code="schema")
    url = document.get("externalParticipationUrl")
    event = Event(
        uid=document.get("uid") or as_uri(document["id"])[-80:],
        name={tag: clean(text, 200) for tag, text in text_by_language(document, "name").items()},
        start=start,
        end=end,
        all_day=document.get("allDay") is True,
        timezone=clean(document.get("timezone") or "", 64),
        place=_place(document.get("location")),
        online_url=_online(document),
        url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else "",
        kind=document.get("eventKind") or "event",
        deadline=_time(document["deadline"]) if document.get("deadline") else None,
        status=_status(document),
        working_group=document.get("workingGroup") or "",
        source=tuple(document.get("sources") or ()),
        picture=read_picture(document.get("attachment")) or read_picture(document.get("image")),
        tags=envelope.tags_of(document, "event"),
    )
    return replace(event, description=_description(document, event))


def _time(text: str) -> datetime | None:
    try:
        return clock.from_iso(text)
    except ValueError:
        return None


def _description(document: Mapping[str, Any], event: Event) -> dict[str, str]:
    """The event's text by language, without what only repeats its data."""
    summaries = text_by_language(document, "summary")
    links = {link for link in (event.online_url, event.url) if link}
    found = {}
    for tag, content in text_by_language(document, "content").items():
        said = (" ".join(fact.split()) for fact in facts(event, tag))
        repeated = {html.plain(summaries.get(tag, ""), 500), *said, *links}
        plain = envelope.untagged(html.plain(content, MOST_TEXT), document)
        text = "\n\n".join(part for part in plain.split("\n\n") if part not in repeated)
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
