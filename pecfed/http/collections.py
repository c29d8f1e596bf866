"""The collections that other servers read: of an actor, about an object, and a hub's directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from aiohttp import web

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.errors import GoneError, NotFoundError, RefusedError
from pecfed.federation import collections, envelope, proving
from pecfed.federation.node import Node
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS, URIS
from pecfed.http.negotiate import wants_activity
from pecfed.http.pages.members import directory_page
from pecfed.http.wire import activity_json, named_actor
from pecfed.language.context import context
from pecfed.language.wire import Document
from pecfed.services import setup
from pecfed.settings import Settings
from pecfed.store import activities, conversations, follows, objects, reactions
from pecfed.store import directory as public
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored

PAGE = 50
FEATURED = 5
REPLIES = 500
INLINE = 1000


async def collection(request: web.Request) -> web.Response:
    """An actor's outbox, followers, following, featured or coming events."""
    makers = {
        "followers": _followers,
        "following": _following,
        "featured": _featured,
        "moderators": _moderators,
        "events": _events,
        "tags": _tags,
    }
    name = request.match_info["collection"]
    make = makers.get(name)
    if make is None and name != "outbox":
        raise NotFoundError("there is no such collection")
    settings, uris = request.app[SETTINGS], request.app[URIS]
    found = await named_actor(request)
    page = request.query.get("page", "")[:500]
    if make is None:
        return activity_json(await _outbox(request.app[NODE], found, page))
    return activity_json(
        await request.app[DATABASE].read(lambda session: make(session, found, page, uris, settings))
    )


async def _outbox(node: Node, of: LocalActor, page: str) -> Document:
    """Public activities, the newest first, whole and with their objects and proofs."""
    uri, read = f"{of.uri}/outbox", node.database.read
    if not page:
        total = await read(lambda session: activities.count_public(session, of.id))
        return collections.collection(uri, total, first=f"{uri}?page=0")
    if not page.isascii() or not page.isdecimal() or len(page) > 18:
        raise RefusedError("page: follow `first` and `next`", status=400, code="bad_page")
    before = int(page) or None
    found = await read(lambda session: activities.outbox(session, of.id, PAGE + 1, before))
    written = [await proving.activity(node, each, of) for each in found[:PAGE]]
    after = f"{uri}?page={found[PAGE - 1].id}" if len(found) > PAGE else None
    return collections.page(f"{uri}?page={page}", uri, written, after=after)


async def _followers(
    session: Session, of: LocalActor, page: str, _uris: Uris, _settings: Settings
) -> Document:
    """Followers by uri, page by page; `page` is the uri after which it begins."""
    uri = f"{of.uri}/followers"
    if not page:
        total = await follows.count_followers(session, of.id)
        return collections.collection(uri, total, first=f"{uri}?page=-")
    found = await follows.followers(session, of.id, PAGE + 1, "" if page == "-" else page)
    return _page(uri, page, found)


async def _following(
    session: Session, of: LocalActor, page: str, _uris: Uris, _settings: Settings
) -> Document:
    """Whom it follows, likewise: without `first`, Mastodon takes both lists for hidden."""
    uri = f"{of.uri}/following"
    found = await follows.following(session, of.id)
    if not page:
        return collections.collection(uri, len(found), first=f"{uri}?page=-")
    return _page(uri, page, [each for each in found if page == "-" or each > page])


def _page(uri: str, page: str, found: Sequence[str]) -> Document:
    """A page of actors out of those that come after `page`."""
    after = f"{uri}?page={quote(found[PAGE - 1], safe='')}" if len(found) > PAGE else None
    here = f"{uri}?page={quote(page, safe='')}"
    return collections.page(here, uri, found[:PAGE], after=after)


async def _moderators(
    session: Session, of: LocalActor, _page: str, _uris: Uris, _settings: Settings
) -> Document:
    """Who moderates a working group: the hub's operator, by the hub's actor (FEP-1b12)."""
    if of.card != "group":
        raise NotFoundError("there is no such collection")
    hub = await setup.the_hub(session)
    return collections.whole(f"{of.uri}/moderators", [hub.uri])


async def _featured(
    session: Session, of: LocalActor, _page: str, _uris: Uris, _settings: Settings
) -> Document:
    """The statement and the next events, by id: what a new follower sees at once."""
    statements = await objects.of_actor(session, of.uri, "statement")
    coming = await _coming(session, of)
    first = [each.uri for each in (*statements, *coming)][:FEATURED]
    return collections.whole(f"{of.uri}/featured", first)


async def _events(
    session: Session, of: LocalActor, _page: str, _uris: Uris, _settings: Settings
) -> Document:
    """The coming events by id, the nearest first (FEP-8a8e, `upcomingEvents`)."""
    coming = await _coming(session, of)
    return collections.whole(f"{of.uri}/events", [each.uri for each in coming])


async def _tags(
    _session: Session, of: LocalActor, _page: str, _uris: Uris, _settings: Settings
) -> Document:
    """The hashtags that the actor puts on its profile (Mastodon's `featuredTags`)."""
    items = envelope.tag_links(of.uri, of.profile.tags)
    return collections.whole(f"{of.uri}/tags", items) | {"@context": context("tags")}


async def _coming(session: Session, of: LocalActor) -> list[Stored]:
    """Events that aren't over yet, in the order they take place."""
    now = clock.now()
    events = await objects.of_actor(session, of.uri, "event")
    return [each for each in events if _ends(each) >= now]


def _ends(event: Stored) -> Any:
    content: Any = event.content
    return content.end or content.start


async def about_object(request: web.Request) -> web.Response:
    """How many like and boost an object of ours, and the ids of its public replies.

    Who likes it is told to nobody.
    """
    uri = f"{request.app[SETTINGS].url}/objects/{request.match_info['id']}"
    which = request.match_info["collection"]
    kind = {"likes": "like", "shares": "share"}.get(which, "")

    async def work(session: Session) -> tuple[int, list[str]]:
        found = await objects.get(session, uri)
        if found is None or found.actor_id is None or not (kind or which == "replies"):
            raise NotFoundError("there is nothing at this address")
        if found.deleted_at is not None:
            raise GoneError("this has been withdrawn")
        if kind:
            return await reactions.count(session, uri, kind), []
        shown = await conversations.shown(session, uri, REPLIES)
        return await conversations.count_shown(session, uri), [each.uri for each in shown]

    total, items = await request.app[DATABASE].read(work)
    made = collections.collection(f"{uri}/{which}", total) | {"type": "Collection"}
    return activity_json(made if kind else made | {"items": items})


async def directory(request: web.Request) -> web.StreamResponse:
    """The hub's collection of members; for people the members page."""
    if not wants_activity(request):
        return await directory_page(request)
    uri = request.app[URIS].directory
    after = request.query.get("page", "")[:2048]
    limit = PAGE if after else INLINE

    async def work(session: Session) -> tuple[int, list[str], LocalActor]:
        total, found = await public.member_uris(session, limit + 1, "" if after == "-" else after)
        return total, found, await setup.the_hub(session)

    total, found, hub = await request.app[DATABASE].read(work)
    following = f"{uri}?page={quote(found[limit - 1], safe='')}" if len(found) > limit else None
    if after:
        here = f"{uri}?page={quote(after, safe='')}"
        return activity_json(collections.page(here, uri, found[:limit], after=following))
    made = collections.collection(uri, total, first=f"{uri}?page=-")
    made["attributedTo"] = hub.uri
    return activity_json(made if following else made | {"orderedItems": found})
