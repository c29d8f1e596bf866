"""How other servers find us: WebFinger, host-meta, NodeInfo, the vocabulary."""

from __future__ import annotations

import json

from aiohttp import web

from pecfed import clock
from pecfed.domain.text import pick
from pecfed.errors import GoneError, NotFoundError, RefusedError
from pecfed.federation import discovery
from pecfed.http.appkeys import DATABASE, SETTINGS, URIS
from pecfed.language.cast import card
from pecfed.language.context import of_credentials
from pecfed.language.context import vocabulary as context
from pecfed.services import setup
from pecfed.store import actors
from pecfed.store.actors import LocalActor, Usage
from pecfed.store.database import Session

RELAY = "relay"
_OPEN = {"Access-Control-Allow-Origin": "*"}


async def webfinger(request: web.Request) -> web.Response:
    """Who a handle or an address is (RFC 7033)."""
    settings, uris = request.app[SETTINGS], request.app[URIS]
    resource = request.query.get("resource", "")
    if not resource or len(resource) > 2048:
        raise RefusedError("ask for ?resource=acct:NAME@HOST", status=400, code="no_resource")
    whom = discovery.whom(resource, settings, uris)

    async def work(session: Session) -> LocalActor | None:
        if "/" in whom:
            return await actors.at_uri(session, whom)
        found = await actors.called(session, whom)
        # Mobilizon asks for relay@HOST where NodeInfo names no application actor
        return found or (await actors.by_username(session, "instance") if whom == RELAY else None)

    found = await request.app[DATABASE].read(work)
    if found is None:
        raise NotFoundError("there is no such actor here")
    if found.deleted_at is not None:
        raise GoneError("that actor is no more")
    return web.Response(
        text=json.dumps(discovery.webfinger(found, settings, uris)),
        content_type="application/jrd+json",
        headers={**_OPEN, "Cache-Control": "max-age=3600"},
    )


async def host_meta(request: web.Request) -> web.Response:
    """Where WebFinger is (RFC 6415)."""
    return web.Response(
        text=discovery.host_meta(request.app[URIS]),
        content_type="application/xrd+xml",
        headers=_OPEN,
    )


async def nodeinfo_links(request: web.Request) -> web.Response:
    """Where NodeInfo and the instance actor are."""
    return web.json_response(discovery.nodeinfo_links(request.app[URIS]), headers=_OPEN)


async def nodeinfo(request: web.Request) -> web.Response:
    """What runs here, and how much of it."""
    version = request.match_info["version"]
    if version not in discovery.VERSIONS:
        raise NotFoundError(f"NodeInfo is here in {' and '.join(discovery.VERSIONS)}")
    settings = request.app[SETTINGS]

    async def work(session: Session) -> tuple[str, Usage]:
        speakers = [a for a in await actors.everyone(session) if a.card in setup.SPEAKERS]
        name = speakers[0].profile.name if speakers else ""
        return name, await actors.usage(session, [a.id for a in speakers], clock.now_ms())

    name, usage = await request.app[DATABASE].read(work)
    document = discovery.nodeinfo(
        version,
        settings,
        name=name or pick(card("instance").name, settings.language)[1],
        usage=usage,
    )
    return web.Response(
        text=json.dumps(document, ensure_ascii=False),
        headers={
            **_OPEN,
            "Content-Type": (
                f'application/json; profile="{discovery.NODEINFO}{version}#"; charset=utf-8'
            ),
        },
    )


async def vocabulary(_request: web.Request) -> web.Response:
    """A copy of the JSON-LD context that our documents carry inline."""
    return web.Response(
        text=json.dumps({"@context": context()}, ensure_ascii=False),
        content_type="application/ld+json",
        headers={**_OPEN, "Cache-Control": "public, max-age=86400"},
    )


async def credentials_context(_request: web.Request) -> web.Response:
    """A copy of the JSON-LD context that credentials name for our words in them."""
    return web.Response(
        text=json.dumps(of_credentials(), ensure_ascii=False),
        content_type="application/ld+json",
        headers={**_OPEN, "Cache-Control": "public, max-age=86400"},
    )
