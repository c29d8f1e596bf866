"""`/members/SLUG`: one member or invited organisation, and where each fact comes from."""

from __future__ import annotations

from aiohttp import web

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.errors import NotFoundError
from pecfed.exports.items import member_handle
from pecfed.http.appkeys import DATABASE
from pecfed.http.render import chosen, member_path, page
from pecfed.http.statement import declaration
from pecfed.http.vouched import Vouched, vouched
from pecfed.store import claims, directory, objects
from pecfed.store.claims import Claim
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.objects import Stored

ARTICLES = 20
"""So many of a member's articles stand on its page; the list has them all."""


async def member_page(request: web.Request) -> web.Response:
    """Who they are, what they declare, announce and share.

    Raises:
        NotFoundError: the public directory has no such entry (any more).
    """
    slug, now = request.match_info["slug"], clock.now()

    async def read(
        session: Session,
    ) -> tuple[Entry | None, list[Stored], Claim | None, Vouched | None]:
        entry = await directory.entry(session, slug, now.date()) if slug.isprintable() else None
        if entry is None:
            return None, [], None, None
        if entry.member.uri is None:
            return entry, [], await claims.confirmed(session, entry.member.id), None
        published = list(await objects.of_actor(session, entry.member.uri))
        return entry, published, None, await vouched(session, entry, now.date())

    entry, published, confirmed, by_whom = await request.app[DATABASE].read(read)
    if entry is None:
        into = await request.app[DATABASE].read(lambda session: directory.leads_to(session, slug))
        if into:
            return moved(request, member_path(into))
        raise NotFoundError(f"no public entry {slug!r}", safe="the directory has no such entry")
    events = [(each, each.content) for each in published if isinstance(each.content, Event)]
    return await page(
        request,
        "member.html",
        activity_uri=entry.member.uri,
        noindex=not entry.member.profile.indexable,
        entry=entry,
        member=entry.member,
        confirmed=confirmed,
        profile=entry.member.profile,
        handle=member_handle(entry),
        declaration=declaration(entry.statement),
        vouched=by_whom,
        upcoming=[each for each, event in events if (event.end or event.start) >= now],
        past=[each for each, event in reversed(events) if (event.end or event.start) < now],
        resources=[each for each in published if each.kind == "resource"],
        articles=[each for each in published if each.kind == "article"][:ARTICLES],
    )


def moved(request: web.Request, path: str) -> web.Response:
    """An entry became part of another one, whose page this is; until somebody takes that back."""
    headers = {"Location": chosen(request).prefix + path, "Cache-Control": "no-cache"}
    return web.Response(status=301, headers=headers)
