"""Static files: served from memory by an explicit map, under names that change with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from aiohttp import web

from pecfed.errors import NotFoundError

FILES: Mapping[str, str] = {
    "site.css": "text/css",
    "icon.svg": "image/svg+xml",
    "admin.css": "text/css",
    "passkey.js": "text/javascript",
    "queue.js": "text/javascript",
    "verify.js": "text/javascript",
}
"""Every static file and its media type; nothing else is ever read."""


class Asset(NamedTuple):
    """A file's bytes and the path it is served under."""

    path: str
    media: str
    body: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """The files by the name they have in the source."""
    folder = resources.files("pecfed.http") / "static"
    found = {}
    for name, media in FILES.items():
        body = (folder / name).read_bytes()
        stem, _, suffix = name.rpartition(".")
        mark = hashlib.sha256(body).hexdigest()[:12]
        found[name] = Asset(f"/static/{stem}.{mark}.{suffix}", media, body)
    return found


@cache
def _by_path() -> Mapping[str, Asset]:
    return {asset.path: asset for asset in assets().values()}


async def serve(request: web.Request) -> web.Response:
    """A static file; its name holds its hash, so that it may be kept for ever."""
    asset = _by_path().get(request.path)
    if asset is None:
        raise NotFoundError(f"no static file {request.path!r}", safe="there is no such file")
    return web.Response(
        body=asset.body,
        content_type=asset.media,
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
