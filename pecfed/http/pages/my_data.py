"""`/my-data`: whoever spoke to us from elsewhere takes what is kept of it, or has it forgotten."""

from __future__ import annotations

import json

from aiohttp import web

from pecfed.errors import NotFoundError, RefusedError
from pecfed.http.appkeys import DATABASE, NODE
from pecfed.http.forms import read_form
from pecfed.http.proxies import said_address
from pecfed.http.render import chosen, page
from pecfed.services import people
from pecfed.store import personal


async def my_data_page(request: web.Request) -> web.Response:
    """What this is, and a button to begin."""
    return await page(request, "my_data.html", noindex=True, stage="begin", error="")


async def begin(request: web.Request) -> web.Response:
    """A question of one's own, at an address that nobody else knows.

    Raises:
        RefusedError: the form can't be read.
    """
    await read_form(request)
    try:
        if not request.app[NODE].limits.may_ask(said_address(request)):
            raise RefusedError("too many ask", status=429, code="too_many", retry=True)
        made = await request.app[DATABASE].write(people.ask)
    except RefusedError as error:
        return await page(
            request, "my_data.html", noindex=True, status=error.status, stage="begin",
            error="too_many",
        )  # fmt: skip
    where = f"{chosen(request).prefix}/my-data/{made.secret}"
    return web.Response(status=303, headers={"Location": where})


async def question_page(request: web.Request) -> web.Response:
    """The word to send, then what is kept; the same page for a question that is over."""
    return await _page(request)


async def _page(request: web.Request, error: str = "", status: int = 200) -> web.Response:
    secret, database = request.match_info["secret"], request.app[DATABASE]
    found = await database.read(lambda s: people.look(s, secret))
    stage, counts = "over", {}
    if found is not None:
        stage = "proven" if found.actor_uri else "waiting"
    if found is not None and found.actor_uri:
        kept = await database.read(lambda s: personal.kept(s, found.actor_uri))
        counts = {name: len(rows) for name, rows in kept.items()}
    response = await page(
        request, "my_data.html", noindex=True, status=status, stage=stage, counts=counts,
        question=found, error=error, there=request.path,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def act(request: web.Request) -> web.Response:
    """Hand out what is kept, or forget it; only once a message has proved who asks.

    Raises:
        RefusedError: the form can't be read.
        NotFoundError: the question is over, or nobody has proved anything.
    """
    secret, form = request.match_info["secret"], await read_form(request)
    database = request.app[DATABASE]
    found = await database.read(lambda s: people.look(s, secret))
    if found is None or not found.actor_uri:
        raise NotFoundError("no such question", safe="this question is over, or nobody proved it")
    if form.get("what") == "export":
        value = await database.read(lambda s: people.export(s, found.actor_uri))
        return web.Response(
            text=json.dumps(value, ensure_ascii=False, indent=1),
            content_type="application/json",
            headers={
                "Content-Disposition": 'attachment; filename="my-data.json"',
                "Cache-Control": "no-store",
            },
        )
    if form.get("what") != "erase" or form.get("sure") != "yes":
        return await _page(request, "not_sure", 400)
    try:
        await database.write(lambda s: people.erase(s, found.actor_uri))
    except (RefusedError, NotFoundError) as error:
        return await _page(request, "still_inside" if error.status == 409 else "nothing", 409)
    await database.write(lambda s: people.end(s, secret))
    response = await page(request, "my_data.html", noindex=True, stage="erased", error="")
    response.headers["Cache-Control"] = "no-store"
    return response
