"""Whether a client asks for ActivityPub or for a page (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from aiohttp import web

_ACTIVITY = frozenset({"application/activity+json", "application/ld+json"})
_PAGE = frozenset({"text/html", "application/xhtml+xml"})


def weights(accept: str) -> dict[str, float]:
    """The media types of an `Accept` header with their weights, 0 to 1; odd parts are left out."""
    found: dict[str, float] = {}
    for part in accept[:1000].split(","):
        media, *parameters = part.strip().lower().split(";")
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.strip().partition("=")
            if name == "q":
                try:
                    weight = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if media.strip():
            found[media.strip()] = max(weight, found.get(media.strip(), 0.0))
    return found


def wants_activity(request: web.Request) -> bool:
    """Whether the client prefers ActivityPub to a page.

    `application/ld+json` counts with and without the profile; a client that names
    neither gets the page.
    """
    asked = weights(request.headers.get("Accept", ""))
    activity = max((asked.get(media, 0.0) for media in _ACTIVITY), default=0.0)
    page = max((asked.get(media, 0.0) for media in _PAGE), default=0.0)
    return activity > 0 and activity >= page
