"""`/follow`: follow an actor from one's own server, without knowing how that is done there."""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from urllib.parse import parse_qs

from aiohttp import web

from pecfed.errors import NotFoundError, RefusedError
from pecfed.federation.dialogue import Dialogue, find_dialogue
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS
from pecfed.http.render import page
from pecfed.http.site import Site, read_site
from pecfed.store import members
from pecfed.store.database import Session

MAX_FORM = 8192  # bytes


class _Followed(NamedTuple):
    """Whom somebody wants to follow."""

    site: Site
    uri: str
    name: str
    handle: str


async def follow_page(request: web.Request) -> web.Response:
    """The form alone, for the actor `?actor=ID`, else for the one that the site is about.

    Raises:
        NotFoundError: this site shows no such actor.
    """
    return await _answer(request, await _followed(request))


async def follow(request: web.Request) -> web.Response:
    """A link to the visitor's own server, or in words why there is none; never a redirect.

    Raises:
        NotFoundError: this site shows no such actor.
        RefusedError: the form can't be read.
    """
    whom = await _followed(request)  # before anybody is asked
    text = (await _form(request)).get("handle", "")
    try:
        found = await find_dialogue(request.app[NODE], text, whom.uri)
    except RefusedError as error:
        return await _answer(request, whom, text, error=error)
    return await _answer(request, whom, text, found)


async def _answer(
    request: web.Request,
    whom: _Followed,
    text: str = "",
    found: Dialogue | None = None,
    error: RefusedError | None = None,
) -> web.Response:
    response = await page(
        request,
        "follow.html",
        site=whom.site,
        status=error.status if error else 200,
        activity_uri=whom.uri,
        noindex=True,
        whom=whom,
        mine=text[:400],
        found=found,
        error=error.code if error else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _followed(request: web.Request) -> _Followed:
    """Whom the address names: an actor that one of the site's pages is about."""
    settings, uri = request.app[SETTINGS], request.query.get("actor", "")

    async def read(session: Session) -> _Followed:
        site = await read_site(session, settings)
        actor = site.actor(uri) if uri else site.main
        if actor is not None:
            return _Followed(site, actor.uri, actor.profile.name, site.handle(actor))
        member = await members.by_uri(session, uri) if settings.is_hub and uri else None
        if member is None or member.state != "member":
            raise NotFoundError(f"no actor {uri!r}", safe="this site shows no such actor")
        return _Followed(site, uri, member.name, member.slug)

    return await request.app[DATABASE].read(read)


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a small form that this site itself has sent.

    Raises:
        RefusedError: it comes from another site, is too large, too slow, or no form.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise RefusedError("the form is on another site", code="cross_site")
    if request.content_type != "application/x-www-form-urlencoded":
        raise RefusedError("that is no form", status=415, code="content_type")
    body = b""
    try:
        async with asyncio.timeout(request.app[SETTINGS].body_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_FORM:
                    raise RefusedError("the form is too large", status=413, code="too_large")
        fields = parse_qs(body.decode("utf-8"), max_num_fields=10)
    except TimeoutError:
        raise RefusedError("the form took too long", status=408, code="slow_body") from None
    except (ValueError, web.RequestPayloadError):
        raise RefusedError("the form can't be read", status=400, code="bad_form") from None
    return {name: values[0] for name, values in fields.items() if "\0" not in values[0]}
