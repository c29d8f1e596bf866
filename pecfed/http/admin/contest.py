"""`/admin/contest`: on a member's node, answering a hub's decision in public, or appealing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.domain.contest import MAX_REPLY
from pecfed.errors import PecfedError, RefusedError
from pecfed.http.admin.assessment.view import speakers
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form
from pecfed.http.appkeys import DATABASE, URIS
from pecfed.services import reviews, setup
from pecfed.store import memberships, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session

HERE = "/admin/contest"


@dataclass(frozen=True, slots=True)
class AtHub:
    """What a hub decided about one of our actors."""

    actor: LocalActor
    hub_uri: str
    hub_name: str
    state: str
    reason: str
    message: str


async def contest_page(request: web.Request) -> web.Response:
    """Each hub that one of our actors asked, with what it decided."""
    return await _page(request)


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async def read(session: Session) -> Sequence[AtHub]:
        found = []
        for actor in await speakers(session):
            for row in await memberships.of_actor(session, actor.id):
                hub = await remotes.get(session, row["hub_uri"])
                name = hub.name if hub else row["hub_uri"]
                found.append(AtHub(actor, row["hub_uri"], name, row["state"], row["reason"],
                                   row["message"]))  # fmt: skip
        return found

    return await render(
        request,
        "admin/contest.html",
        status=status,
        hubs=await request.app[DATABASE].read(read),
        most=MAX_REPLY,
        sent=request.query.get("sent", "") in reviews.CONTESTING,
        error=error,
    )


async def contest(request: web.Request) -> web.Response:
    """Send what was written to the hub, signed by the actor it is about."""
    fields, me = form(request), account(request)
    act, text = fields.get("act", ""), fields.get("text", "")

    async def work(session: Session) -> None:
        actor = await setup.speaker(session, fields.get("actor", ""))
        await reviews.contest(
            session, request.app[URIS], actor, fields.get("hub", ""), act, text, me.language
        )

    try:
        await request.app[DATABASE].write(work)
    except PecfedError as error:
        if error.status >= 500 and not isinstance(error, RefusedError):
            raise
        code = error.code if error.code in {"bad_message", "no_membership"} else "other"
        return await _page(request, error=code, status=max(error.status, 400))
    return see_other(f"{HERE}?sent={act}")
