"""A working group for people: who follows it, what it announced lately; its `/@NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.http.appkeys import DATABASE
from pecfed.http.negotiate import wants_activity
from pecfed.http.render import page
from pecfed.http.site import Site
from pecfed.services import groups
from pecfed.store import follows, members, objects, passed_on
from pecfed.store.actors import LocalActor
from pecfed.store.database import Row, Session
from pecfed.store.directory import Listed

LATEST = 30


@dataclass(frozen=True, slots=True)
class Group:
    """A group as a list shows it; `working_group` is the charter's id."""

    actor: LocalActor
    working_group: str
    handle: str
    followers: int
    announced: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a group announces: as the directory keeps it, else its title and address."""

    at: int
    title: str
    url: str
    slug: str
    author: str
    listed: Listed | None


async def read_group(session: Session, site: Site, actor: LocalActor) -> Group:
    """A group with its figures as they are now."""
    counts = await passed_on.counts(session, actor.id)
    return Group(
        actor,
        groups.id_of(actor),
        site.handle(actor),
        await follows.count_followers(session, actor.id),
        counts.get("shown", 0),
    )


async def _shown(session: Session, row: Row) -> Shown:
    stored = await objects.get(session, row["object_uri"])
    member = await members.by_uri(session, row["author_uri"])
    kept = stored is not None and stored.deleted_at is None and stored.kind in {"event", "resource"}
    return Shown(
        row["at"],
        row["title"],
        row["url"] or row["object_uri"],
        row["author_slug"],
        row["author_name"],
        Listed(stored, member) if kept and stored and member else None,
    )


async def group_page(request: web.Request, site: Site, actor: LocalActor) -> web.Response:
    """One group: what it is about, how to follow, what it announced lately."""
    if wants_activity(request):
        return web.Response(status=302, headers={"Location": actor.uri, "Vary": "Accept"})

    async def read(session: Session) -> tuple[Group, Sequence[Shown]]:
        rows = await passed_on.listed(session, actor.id, LATEST)
        return await read_group(session, site, actor), [await _shown(session, row) for row in rows]

    found, latest = await request.app[DATABASE].read(read)
    return await page(
        request,
        "group.html",
        site=site,
        negotiated=True,
        activity_uri=actor.uri,
        found=found,
        latest=latest,
    )
