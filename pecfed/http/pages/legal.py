"""`/legal`: who answers for this site, what is kept and for how long, and one's rights to it."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain.retention import DAY, TOLD
from pecfed.http.appkeys import SETTINGS
from pecfed.http.render import page

NOTICE = ("name", "publisher", "address", "contact", "host")
"""The settings `legal_…`, in the order in which they are shown."""


async def legal_page(request: web.Request) -> web.Response:
    """The legal notice as the operator has set it, and what the program does with data."""
    settings = request.app[SETTINGS]
    said = {name: str(getattr(settings, f"legal_{name}")) for name in NOTICE}
    return await page(
        request,
        "legal.html",
        notice={name: value for name, value in said.items() if value},
        kept=[(name, kept // DAY if kept is not None else None) for name, kept in TOLD],
    )
