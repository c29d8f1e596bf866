"""`/admin`: what there is to do here."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.admin.render import render


async def start_page(request: web.Request) -> web.Response:
    """The first page after signing in."""
    return await render(request, "admin/start.html")
