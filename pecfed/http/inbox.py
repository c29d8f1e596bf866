"""`POST` to an inbox: the bytes are read, bounded, and handed to the federation."""

from __future__ import annotations

import asyncio

from aiohttp import web

from pecfed.errors import GoneError, NotFoundError, RefusedError
from pecfed.federation.receive import check_head, receive
from pecfed.federation.signers import Request
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS
from pecfed.http.proxies import all_headers
from pecfed.store import actors


async def inbox(request: web.Request) -> web.Response:
    """202 once the activity is verified and on disk.

    Raises:
        RefusedError: 400, 401, 403, 413, 415, 429 or 503, with the reason; nothing was kept.
        NotFoundError: there is no such actor here.
        GoneError: there was one, and it was deleted.
    """
    node = request.app[NODE]
    name = request.match_info.get("name")
    if name is not None:
        uri = node.uris.actor(name)
        known = await request.app[DATABASE].read(lambda session: actors.at_uri(session, uri))
        if known is None:
            raise NotFoundError("there is no such actor here")
        if known.deleted_at is not None:
            raise GoneError("that actor is no more")
    headers, limit = all_headers(request), node.settings.body_bytes
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    signature = check_head(headers)
    await receive(node, Request(request.raw_path, headers, await _body(request)), signature)
    return web.Response(status=202)


async def _body(request: web.Request) -> bytes:
    """The body, if it is small enough and comes in time."""
    settings = request.app[SETTINGS]
    try:
        async with asyncio.timeout(settings.body_seconds):
            return await request.read()
    except TimeoutError:
        raise RefusedError("the body took too long", status=408, code="slow_body") from None
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(settings.body_bytes) from None
    except web.RequestPayloadError:
        raise RefusedError("the body can't be read", status=400, code="bad_body") from None


def _too_large(limit: int) -> RefusedError:
    return RefusedError(f"a body of at most {limit} bytes is taken", status=413, code="too_large")
