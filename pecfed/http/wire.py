"""What other servers read: actors, objects, activities; lists of them: `http/collections.py`.

Where people use the same address, they are given (or led to) the page.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from aiohttp import web

from pecfed.errors import GoneError, NotFoundError
from pecfed.federation import envelope, proving
from pecfed.federation.actor import document, ending
from pecfed.federation.objects import KINDS
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS, URIS
from pecfed.http.negotiate import wants_activity
from pecfed.http.pages.object import gone_page, object_page
from pecfed.language.cast import card
from pecfed.language.wire import Document
from pecfed.services import life
from pecfed.store import activities, actors, hub_groups, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored

MEDIA_TYPE = "application/activity+json"
_ACTORS: web.AppKey[dict[str, tuple[int, bytes]]] = web.AppKey("actor documents")


def activity_json(document: Document, status: int = 200) -> web.Response:
    """A document as ActivityPub, never cached across a change of what the client accepts."""
    return _bytes(json.dumps(document, ensure_ascii=False).encode(), status)


def _bytes(body: bytes, status: int = 200) -> web.Response:
    return web.Response(
        body=body,
        status=status,
        headers={"Content-Type": f"{MEDIA_TYPE}; charset=utf-8", "Vary": "Accept"},
    )


def prepare(app: web.Application) -> None:
    """Make room for the actor documents that are served as bytes."""
    app[_ACTORS] = {}


async def named_actor(request: web.Request) -> LocalActor:
    """The actor that an address names.

    Raises:
        NotFoundError: this node doesn't speak for it.
        GoneError: it was deleted.
    """
    name = request.match_info.get("name", "instance").lower()
    uri = request.app[URIS].actor(name)
    found = await request.app[DATABASE].read(lambda session: actors.at_uri(session, uri))
    if found is None:
        raise NotFoundError("there is no such actor here")
    if found.deleted_at is not None:
        raise GoneError("that actor is no more")
    return found


async def actor(request: web.Request) -> web.StreamResponse:
    """An actor's document; people are led to its page."""
    name = request.match_info.get("name", "instance").lower()
    if name != "instance" and not wants_activity(request):
        target = request.app[URIS].page(quote(name, safe=""))
        return web.Response(status=302, headers={"Location": target, "Vary": "Accept"})
    database, kept = request.app[DATABASE], request.app[_ACTORS]
    known = kept.get(name)
    if known is None or known[0] != database.revision:
        revision = database.revision
        try:
            found = await named_actor(request)
        except GoneError:
            return await _ended(request, name)
        made = document(found, request.app[URIS], request.app[SETTINGS])
        known = kept[name] = (revision, json.dumps(made, ensure_ascii=False).encode())
    return _bytes(known[1])


async def _ended(request: web.Request, name: str) -> web.Response:
    """What stands where an actor was: its keys while the news is under way, then a Tombstone."""

    async def work(session: Session) -> tuple[LocalActor | None, bool]:
        found = await actors.at_uri(session, request.app[URIS].actor(name))
        return found, found is not None and await life.is_ending(session, found)

    found, is_ending = await request.app[DATABASE].read(work)
    assert found is not None and found.deleted_at is not None
    if is_ending:
        return activity_json(ending(found, request.app[URIS], request.app[SETTINGS]))
    return activity_json(
        envelope.tombstone(found.uri, card(found.card).type, found.deleted_at), 410
    )


async def obj(request: web.Request) -> web.StreamResponse:
    """An object of ours, as ActivityPub or as a page; withdrawn, a Tombstone with 410."""
    uri = f"{request.app[SETTINGS].url}/objects/{request.match_info['id']}"

    async def work(session: Session) -> tuple[Stored | None, LocalActor | None, list[str]]:
        found = await objects.get(session, uri)
        if found is None or found.actor_id is None:
            return None, None, []
        groups = [row["group_uri"] for row in await hub_groups.addressed(session, uri)]
        return found, await actors.by_id(session, found.actor_id), groups

    stored, owner, groups = await request.app[DATABASE].read(work)
    if stored is None or owner is None:
        raise NotFoundError("there is nothing at this address")
    kind = KINDS[stored.kind]
    if stored.deleted_at is not None:
        if not wants_activity(request):
            return await gone_page(request)
        return activity_json(envelope.tombstone(uri, kind.type, stored.deleted_at), 410)
    if not wants_activity(request):
        return await object_page(request, stored)
    return activity_json(await proving.obj(request.app[NODE], stored, owner, groups))


async def activity(request: web.Request) -> web.Response:
    """A public activity of ours; people are led to what it is about."""
    uri = f"{request.app[SETTINGS].url}/activities/{request.match_info['id']}"

    async def work(session: Session) -> tuple[activities.Activity | None, LocalActor | None, bool]:
        found = await activities.by_uri(session, uri)
        if found is None or not found.is_public:
            return None, None, False
        about = await objects.get(session, found.object_uri)
        owner = await actors.by_id(session, found.actor_id)
        withdrawn = about is not None and about.deleted_at is not None
        gone = (withdrawn or owner.deleted_at is not None) and found.type != "Delete"
        return found, owner, gone

    found, owner, gone = await request.app[DATABASE].read(work)
    if found is None or owner is None:
        raise NotFoundError("there is nothing at this address")
    if gone:
        raise GoneError("what this was about has been withdrawn")
    if not wants_activity(request):
        return web.Response(status=302, headers={"Location": found.object_uri, "Vary": "Accept"})
    return activity_json(await proving.activity(request.app[NODE], found, owner))
