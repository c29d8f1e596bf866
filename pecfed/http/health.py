"""`/healthz` and `/readyz`: for whoever watches the process."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.appkeys import DATABASE
from pecfed.store import migrate


async def alive(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """The database answers too (503 when it doesn't)."""
    version = await request.app[DATABASE].read(migrate.version)
    return web.json_response(
        {"status": "ready", "database": version}, headers={"Cache-Control": "no-store"}
    )
