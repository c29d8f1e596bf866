"""`/objects/ID`: one thing an actor of ours published, for people, or that it was withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from pecfed.domain.hashtag import carried
from pecfed.errors import NotFoundError
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import chosen, page
from pecfed.http.site import Site, read_site
from pecfed.http.statement import declaration
from pecfed.store import conversations, objects, reactions
from pecfed.store.conversations import Message
from pecfed.store.database import Session
from pecfed.store.objects import Stored

REPLIES = 100


async def object_page(request: web.Request, stored: Stored) -> web.Response:
    """One statement, event, resource or note; of a withdrawn one only that it is gone."""
    if stored.deleted_at is not None:
        return await gone_page(request)
    settings = request.app[SETTINGS]

    async def work(session: Session) -> tuple[Site, dict[str, int], Sequence[Message]]:
        counts = {
            "likes": await reactions.count(session, stored.uri, "like"),
            "shares": await reactions.count(session, stored.uri, "share"),
            "replies": await conversations.count_shown(session, stored.uri),
        }
        replies = (
            await conversations.shown(session, stored.uri, REPLIES) if settings.show_replies else []
        )
        return await read_site(session, settings), counts, replies

    site, counts, replies = await request.app[DATABASE].read(work)
    owner = site.actor(stored.actor_uri)
    return await page(
        request,
        "object.html",
        site=site,
        noindex=owner is not None and not owner.profile.indexable,
        negotiated=True,
        activity_uri=stored.uri,
        stored=stored,
        content=stored.content,
        actor=site.actor(stored.actor_uri),
        declaration=declaration(stored),
        counts=counts,
        replies=replies,
        tags=carried(stored.content, chosen(request).language),
    )


async def gone_page(request: web.Request) -> web.Response:
    """What stood here was withdrawn for good (410)."""
    return await page(request, "error.html", status=410, negotiated=True, code=410, detail=None)


async def pinned_page(request: web.Request) -> web.Response:
    """`/fr/objects/ID`: the page alone, in the language of its address.

    Raises:
        NotFoundError: nothing of ours has that id.
    """
    uri = f"{request.app[SETTINGS].url}/objects/{request.match_info['id']}"
    stored = await request.app[DATABASE].read(lambda session: objects.get(session, uri))
    if stored is None or stored.actor_id is None:
        raise NotFoundError(f"no object {uri!r}", safe="there is nothing at this address")
    return await object_page(request, stored)
