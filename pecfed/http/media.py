"""`/media/HASH.ext`: the pictures of our own, kept for ever by whoever fetched them once."""

from __future__ import annotations

import asyncio

from aiohttp import web

from pecfed.errors import NotFoundError
from pecfed.http.appkeys import SETTINGS
from pecfed.store.pictures import MEDIA_TYPES, NAME

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    # opened by itself it is a picture and nothing else, whatever a browser makes of its bytes
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


async def picture(request: web.Request) -> web.Response:
    """A picture, by the name it was kept under; whatever is asked for, it is an image.

    Raises:
        NotFoundError: no picture of that name is kept.
    """
    name = NAME.fullmatch(request.match_info["name"])
    path = request.app[SETTINGS].media / name[0] if name else None
    try:
        body = await asyncio.to_thread(path.read_bytes) if path else b""
    except OSError:
        body = b""
    if name is None or not body:
        raise NotFoundError("there is no such picture")
    return web.Response(body=body, content_type=MEDIA_TYPES[name[2]], headers=HEADERS)
