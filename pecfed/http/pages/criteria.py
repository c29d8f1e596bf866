"""`/criteria`: by what is decided here, the reason codes, and how to contest a decision."""

from __future__ import annotations

from aiohttp import web

from pecfed.http.render import page
from pecfed.language.criteria import criteria


async def criteria_page(request: web.Request) -> web.Response:
    """Criteria by decision, each with an anchor of its own that never changes."""
    return await page(request, "criteria.html", criteria=criteria())
