"""`/tags/NAME`: what is published here under a hashtag."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain import hashtag
from pecfed.errors import NotFoundError
from pecfed.http import query
from pecfed.http.render import page
from pecfed.http.site import read_with_site
from pecfed.store import directory


async def tag_page(request: web.Request) -> web.Response:
    """Of our own, and on a hub of its members: the newest first, whatever its kind.

    Raises:
        NotFoundError: that is no hashtag.
    """
    word = request.match_info["tag"]
    if not hashtag.is_hashtag(word):
        raise NotFoundError(f"{word!r} is no hashtag", safe="that is no hashtag")
    values = query.read(request.query, ("cursor",), strict=False)
    wanted = query.query(values)
    site, found = await read_with_site(
        request, lambda session: directory.list_tagged(session, hashtag.key(word), wanted)
    )
    contents = [each.stored.content for each in found.items]
    return await page(
        request, "tags.html", site=site, tag=hashtag.spelled(word, contents), found=found
    )
