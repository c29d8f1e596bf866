"""`/admin/requests`: members that ask ours to endorse their statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.errors import NotFoundError
from pecfed.http.admin.assessment.letters import number_of
from pecfed.http.admin.assessment.view import LETTERS, speakers
from pecfed.http.admin.render import render, see_other
from pecfed.http.appkeys import DATABASE
from pecfed.services import reviews
from pecfed.store import reviews as letters
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.reviews import Letter


@dataclass(frozen=True, slots=True)
class Request:
    """A letter that asks one of our actors."""

    letter: Letter
    actor: LocalActor


async def requests_page(request: web.Request) -> web.Response:
    """What waits, and what was dealt with; the newest first."""

    async def read(session: Session) -> Sequence[Request]:
        return [
            Request(letter, actor)
            for actor in await speakers(session)
            for letter in await letters.of_actor(
                session, actor.id, LETTERS, acts=sorted(reviews.AMONG_MEMBERS)
            )
            if not letter.is_sent
        ]

    found = await request.app[DATABASE].read(read)
    return await render(
        request,
        "admin/requests.html",
        waiting=[each for each in found if each.letter.state == "open"],
        settled=[each for each in found if each.letter.state == "done"],
    )


async def asked(session: Session, request: web.Request) -> Request:
    """The request that the address names, and whom it asks.

    Raises:
        NotFoundError: there is none with that number.
    """
    number = number_of(request)
    found = await letters.get(session, number)
    for actor in await speakers(session):
        mine = found is not None and found.actor_id == actor.id and not found.is_sent
        if found is not None and mine and found.review.act in reviews.AMONG_MEMBERS:
            return Request(found, actor)
    raise NotFoundError(f"no request {number}", safe="there is no such request")


async def put_aside(request: web.Request) -> web.Response:
    """Deal with a request without endorsing; nobody is told."""

    async def work(session: Session) -> None:
        found = await asked(session, request)
        await reviews.settle(session, found.actor, found.letter.id)

    await request.app[DATABASE].write(work)
    return see_other("/admin/requests")
