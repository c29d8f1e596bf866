"""`/api/v1/criteria`: the criteria, reason codes and terms as data, in all languages."""

from __future__ import annotations

from aiohttp import web

from pecfed.http import query
from pecfed.http.api.answer import reply
from pecfed.http.appkeys import SETTINGS
from pecfed.language.criteria import criteria_data


async def show_criteria(request: web.Request) -> web.Response:
    """The whole file as it is published.

    Raises:
        UsageError: the address has a parameter, and there is none.
    """
    query.read(request.query, (), strict=True)
    return reply(request, criteria_data(), language=request.app[SETTINGS].language)
