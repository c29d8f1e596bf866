"""`/members`: who is in the directory, members and invited."""

from __future__ import annotations

from aiohttp import web

from pecfed.domain.standing import STANDINGS
from pecfed.domain.text import fold
from pecfed.http import query
from pecfed.http.appkeys import DATABASE, URIS
from pecfed.http.language import words
from pecfed.http.render import chosen, page
from pecfed.store import directory


async def members_page(request: web.Request) -> web.Response:
    """Entries by name, with a form to choose among them."""
    return await _page(request, negotiated=False)


async def directory_page(request: web.Request) -> web.Response:
    """The same under `/directory`, where ActivityPub clients find the collection."""
    return await _page(request, negotiated=True)


async def _page(request: web.Request, *, negotiated: bool) -> web.Response:
    known = (*query.MEMBERS, "cursor")
    values = query.read(request.query, known, strict=False)
    wanted = query.query(values)
    found = await request.app[DATABASE].read(
        lambda session: directory.list_members(session, wanted)
    )
    return await page(
        request,
        "members.html",
        negotiated=negotiated,
        activity_uri=request.app[URIS].directory,
        entries=found,
        values={name: value for name, value in values.items() if name != "cursor"},
        standings=_standings(chosen(request).language),
        countries=_countries(chosen(request).language, wanted.country),
    )


def _standings(language: str) -> list[tuple[str, str]]:
    """Every standing and its name, from the one that says most."""
    known = words(language)
    order = (*reversed(STANDINGS[:5]), *STANDINGS[5:])
    return [(standing, known[f"standing.name.{standing}"]) for standing in order]


def _countries(language: str, wanted: str) -> list[tuple[str, str]]:
    """The countries that have a name in the interface, by that name, and the one asked for."""
    named = {
        key.removeprefix("countries."): text
        for key, text in words(language).items()
        if key.startswith("countries.")
    }
    if wanted:
        named.setdefault(wanted, wanted)
    return sorted(named.items(), key=lambda pair: fold([pair[1]]))
