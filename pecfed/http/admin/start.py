"""`/admin`: what there is to do here."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.admin.render import render
from pecfed.http.admin.waiting import WAITING, Waiting
from pecfed.http.appkeys import DATABASE
from pecfed.store.database import Session


async def start_page(request: web.Request) -> web.Response:
    """The first page after signing in: what waits, and where else to go."""

    async def read(session: Session) -> list[Waiting]:
        return [each for look in WAITING for each in await look(session)]

    waiting = await request.app[DATABASE].read(read)
    return await render(request, "admin/start.html", waiting=waiting)
