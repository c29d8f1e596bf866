"""What other readers of events want of one, or fall over: Mobilizon, Gancio, FEP-8a8e, and more.

After sections 3.2, 3.7 and 3.8 of the interoperability notes (Mobilizon 5.1, Gancio 1.21, the
WordPress event bridge of 2025, FEP-8a8e as of November 2025). Each function names what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from tests.interop.timeline import PUBLICS, many

Document = dict[str, Any]
CATEGORIES = {
    "ARTS", "AUTO_BOAT_AIR", "BOOK_CLUBS", "BUSINESS", "CAUSES", "COMEDY", "COMMUNITY", "CRAFTS",
    "FAMILY_EDUCATION", "FASHION_BEAUTY", "FILM_MEDIA", "FOOD_DRINK", "GAMES", "HEALTH",
    "LANGUAGE_CULTURE", "LEARNING", "LGBTQ", "MEETING", "MOVEMENTS_POLITICS", "MUSIC", "NETWORKING",
    "OUTDOORS_ADVENTURE", "PARTY", "PERFORMING_VISUAL_ARTS", "PETS", "PHOTOGRAPHY", "SCIENCE_TECH",
    "SPIRITUALITY_RELIGION_BELIEFS", "SPORTS", "THEATRE",
}  # fmt: skip
STATUSES = {
    "EventScheduled", "EventCancelled", "EventMovedOnline", "EventPostponed", "EventRescheduled",
    "EventTentative",
}  # fmt: skip


def _time(value: Any) -> datetime | None:
    """A time with an offset, else None."""
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return found if found.tzinfo else None


def _web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _named(checks: dict[str, object]) -> list[str]:
    return [name for name, holds in checks.items() if not holds]


def mobilizon(event: Document) -> list[str]:
    """Where Mobilizon would crash, refuse it, or lose what matters."""
    location = event.get("location")
    places = [location] if isinstance(location, dict) else []
    degrees = [place.get(name) for place in places for name in ("latitude", "longitude")]
    attachments = event.get("attachment")
    return _named(
        {
            "attachment: a list": isinstance(attachments, list),
            "location: one object, or none": location is None or isinstance(location, dict),
            "coordinates: floats": all(each is None or isinstance(each, float) for each in degrees),
            "status: one it knows": event.get("status") in {"CONFIRMED", "TENTATIVE", "CANCELLED"},
            "ical:status, the same": event.get("ical:status") == event.get("status"),
            "joinMode: said, else it is free for all": event.get("joinMode")
            in {"none", "external", "free", "restricted", "invite"},
            "external needs its address": event.get("joinMode") != "external"
            or _web(event.get("externalParticipationUrl")),
            "a name": event.get("name"),
            "a start": _time(event.get("startTime")),
            "an author it can fetch": _web(event.get("attributedTo")) and _web(event.get("actor")),
            "a category of its own": event.get("category") in CATEGORIES,
            "content as HTML": event.get("mediaType") == "text/html" and event.get("content"),
            "to whom: public, followers": set(many(event.get("to"))) & PUBLICS
            and any(str(each).endswith("/followers") for each in many(event.get("cc"))),
            "the online address as Website": not any(
                place.get("type") == "VirtualLocation" for place in places
            )
            or any(
                each.get("type") == "Link"
                and each.get("name") == "Website"
                and _web(each.get("href"))
                for each in attachments or []
            ),
            "comments: said": isinstance(event.get("commentsEnabled"), bool),
            "online: said": isinstance(event.get("isOnline"), bool),
            "contacts: a list": isinstance(event.get("contacts", []), list),
        }
    )


def gancio(event: Document) -> list[str]:
    """Where Gancio would crash or pass it over."""
    attachments = event.get("attachment")
    return _named(
        {
            "a name, a start, an id": all(event.get(n) for n in ("name", "startTime", "id")),
            "attachment: a list": isinstance(attachments, list),
            "each attachment: its media type": all(
                isinstance(each.get("mediaType"), str) for each in attachments or []
            ),
            "location: an object or several": all(
                isinstance(each, dict) for each in many(event.get("location"))
            ),
            "tag: a list": isinstance(event.get("tag"), list),
        }
    )


def fep_8a8e(event: Document) -> list[str]:
    """What FEP-8a8e requires."""
    start, end = _time(event.get("startTime")), _time(event.get("endTime"))
    organizers = event.get("organizers", {"type": "Collection"})
    places = many(event.get("location"))
    return _named(
        {
            "an Event": event.get("type") == "Event",
            "a plain name": event.get("name") and "<" not in event["name"],
            "a start with its offset": start,
            "an end after the start": start and end and end > start,
            "an end not shown where none was given": event.get("displayEndTime", False) is False,
            "organizers: a collection, or null": organizers is None
            or organizers["type"] in {"Collection", "OrderedCollection"},
            "a time zone of the list": event.get("timezone", "UTC") in available_timezones(),
            "places, no texts": all(
                isinstance(each, dict) and each.get("type") in {"Place", "VirtualLocation"}
                for each in places
            ),
            "an address: a text or a PostalAddress": all(
                isinstance(each.get("address", ""), str)
                or each["address"].get("type") == "PostalAddress"
                for each in places
                if isinstance(each, dict)
            ),
            "a status it knows": event.get("eventStatus") in STATUSES,
            "and the one of iCalendar": event.get("status"),
            "how one takes part": event.get("joinMode")
            in {"none", "external", "free", "restricted", "invite"},
            "external needs its address": event.get("joinMode") != "external"
            or _web(event.get("externalParticipationUrl")),
            "a category in capitals": event.get("category", "MEETING") in CATEGORIES,
            "public to be listed": set(many(event.get("to"))) & PUBLICS,
        }
    )


def anybody(event: Document) -> list[str]:
    """Pleroma, Lemmy, Misskey, the WordPress bridge: simple shapes, nothing said twice."""
    return _named(
        {
            "type: one text": isinstance(event.get("type"), str),
            "actor is its author": event.get("actor") == event.get("attributedTo"),
            "url: a text": isinstance(event.get("url"), str),
            "attachment: kinds that Lemmy knows": all(
                each.get("type") in {"Link", "Image", "Document"}
                for each in event.get("attachment", [])
            ),
            "tag: Hashtag and Mention alone": all(
                each.get("type") in {"Hashtag", "Mention"} for each in event.get("tag", [])
            ),
            "summary: short, it may be a warning": 0 < len(event.get("summary", "")) <= 300,
            "summary: no HTML": "<" not in event.get("summary", "<"),
            "published": _time(event.get("published")),
            "a language": event.get("inLanguage"),
        }
    )


READERS: dict[str, Callable[[Document], list[str]]] = {
    "Mobilizon": mobilizon,
    "Gancio": gancio,
    "FEP-8a8e": fep_8a8e,
    "the rest": anybody,
}
