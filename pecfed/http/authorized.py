"""Authorized fetch: with that setting, servers show who they are before they are answered.

Pages for people, WebFinger, NodeInfo and the instance actor stay open: its key is what
others need to verify us, so that two such nodes can meet at all (FEP-2677).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from pecfed.federation.readers import check_reader
from pecfed.federation.signers import Request
from pecfed.http.appkeys import NODE
from pecfed.http.negotiate import wants_activity
from pecfed.http.proxies import all_headers

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def signed_only(handler: Handler) -> Handler:
    """The same handler, for signed requests only where it would answer with ActivityPub."""

    async def answer(request: web.Request) -> web.StreamResponse:
        # a collection has no page for people: it is ActivityPub whatever is asked for
        if "collection" in request.match_info or wants_activity(request):
            asked = Request(request.raw_path, all_headers(request), b"", request.method)
            await check_reader(request.app[NODE], asked)
        response = await handler(request)
        response.headers["Vary"] = "Accept, Signature"
        return response

    return answer
