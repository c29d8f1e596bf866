"""`/healthz` and `/readyz`: for whoever watches the process."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.appkeys import DATABASE
from pecfed.store.database import Session


async def alive(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """The database answers too (503 when it doesn't)."""

    async def work(session: Session) -> int:
        return int(await session.value("SELECT 1"))

    await request.app[DATABASE].read(work)
    return web.json_response({"status": "ready"}, headers={"Cache-Control": "no-store"})
