"""`/members/SLUG`: one member or invited organisation, and where each fact comes from."""

from __future__ import annotations

from aiohttp import web

from pecfed import clock
from pecfed.domain.contest import Contested
from pecfed.domain.event import Event
from pecfed.errors import NotFoundError
from pecfed.exports.items import member_handle
from pecfed.http.appkeys import DATABASE
from pecfed.http.render import chosen, member_path, page
from pecfed.http.statement import declaration
from pecfed.http.vouched import Vouched, vouched
from pecfed.services import contest
from pecfed.store import claims, directory, objects
from pecfed.store.claims import Claim
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.member_replies import MemberReply
from pecfed.store.objects import Stored

ARTICLES = 20
"""So many of a member's articles stand on its page; the list has them all."""

Answer = tuple[Contested | None, MemberReply | None]
"""What a member contests, and its reply where that is shown."""
Read = tuple[Entry | None, list[Stored], Claim | None, Vouched | None, Answer]
"""What the page shows of an entry: with what it published, who proved, vouched and answered."""


async def member_page(request: web.Request) -> web.Response:
    """Who they are, what they declare, announce and share.

    Raises:
        NotFoundError: the public directory has no such entry (any more).
    """
    slug, now = request.match_info["slug"], clock.now()

    async def read(session: Session) -> Read:
        entry = await directory.entry(session, slug, now.date()) if slug.isprintable() else None
        if entry is None:
            return None, [], None, None, (None, None)
        if entry.member.uri is None:
            known = await claims.confirmed(session, entry.member.id)
            return entry, [], known, None, (None, None)
        published = list(await objects.of_actor(session, entry.member.uri))
        answer = await contest.answer(session, entry.member)
        return entry, published, None, await vouched(session, entry, now.date()), answer

    entry, published, confirmed, by_whom, (against, reply) = await request.app[DATABASE].read(read)
    if entry is None:
        into = await request.app[DATABASE].read(lambda session: directory.leads_to(session, slug))
        if into:
            return moved(request, member_path(into))
        told = await request.app[DATABASE].read(lambda session: contest.shown(session, slug))
        if told is not None:
            who, against, reply = told
            return await page(request, "contested.html", noindex=True, member=who, against=against,
                              reply=reply)  # fmt: skip
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
        against=against,
        reply=reply,
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
