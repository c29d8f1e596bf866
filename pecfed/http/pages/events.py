"""`/events`: what is coming, then what was."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from pecfed import clock
from pecfed.http import query
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.render import chosen, group_options, page
from pecfed.http.site import Site, read_site
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.paging import Page


async def events_page(request: web.Request) -> web.Response:
    """Events that aren't over, the next first; then the archive, the latest first.

    `cursor` goes on with the first list, `past` with the second. Where the reader
    names days (`from`, `to`), there is one list, of those days.
    """
    values = query.read(request.query, (*query.EVENTS, "cursor", "past"), strict=False)
    settings, now = request.app[SETTINGS], clock.now()
    wanted = query.query(values)
    of_days = wanted.since is not None or wanted.until is not None
    coming = wanted if of_days else replace(wanted, since=clock.to_ms(now))
    gone = replace(wanted, cursor=values.get("past", ""), over=clock.to_ms(now))

    async def read(session: Session) -> tuple[Site, Page[Listed], Page[Listed] | None]:
        site = await read_site(session, settings)
        upcoming = await directory.list_events(session, coming)
        if of_days or "cursor" in values:
            return site, upcoming, None
        return site, upcoming, await directory.list_events(session, gone)

    site, upcoming, past = await request.app[DATABASE].read(read)
    return await page(
        request,
        "events.html",
        site=site,
        values={name: value for name, value in values.items() if name not in {"cursor", "past"}},
        of_days=of_days,
        upcoming=None if "past" in values else upcoming,
        past=past,
        groups=group_options(chosen(request).language),
    )
