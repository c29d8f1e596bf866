"""`/follow`: follow an actor from one's own server, without knowing how that is done there."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from pecfed.errors import NotFoundError, RefusedError
from pecfed.federation.dialogue import Dialogue, find_dialogue
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS
from pecfed.http.forms import read_form
from pecfed.http.render import page
from pecfed.http.site import Site, read_site
from pecfed.store import members
from pecfed.store.database import Session


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
    text = (await read_form(request)).get("handle", "")
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
