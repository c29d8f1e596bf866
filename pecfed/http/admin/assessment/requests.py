"""`/admin/requests`: members that ask ours to endorse their statement, and doing so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.domain.endorsement import MOST_COMMENT
from pecfed.domain.statement import Statement, digest
from pecfed.errors import FetchError, NotFoundError, RefusedError, UsageError
from pecfed.federation import endorsing
from pecfed.http.admin.assessment.letters import number_of
from pecfed.http.admin.assessment.view import LETTERS, speakers
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS, URIS
from pecfed.http.language import LANGUAGES
from pecfed.language.charter import charter
from pecfed.services import endorse as vouching
from pecfed.services import reviews
from pecfed.store import reviews as letters
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor
from pecfed.store.reviews import Letter

PROBLEMS = frozenset({"no_membership", "known", "lapsed", "statement_changed", "comment"})
"""Refusals that the page has words for."""


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
        done=request.query.get("done") == "endorsed",
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


@dataclass(frozen=True, slots=True)
class Read:
    """A statement as its member's own server serves it now; `problem` where it doesn't."""

    member: RemoteActor | None = None
    uri: str = ""
    statement: Statement | None = None
    problem: str = ""


async def request_page(request: web.Request) -> web.Response:
    """The statement, read from its member's own server, and the form to endorse it."""
    found = await request.app[DATABASE].read(lambda session: asked(session, request))
    return await _page(request, found, await _read(request, found))


async def _read(request: web.Request, found: Request) -> Read:
    node = request.app[NODE]
    try:
        member = await node.remotes.refresh(found.letter.other_uri)
        uri, statement = await endorsing.read_statement(node, member)
    except (FetchError, RefusedError, NotFoundError):
        return Read(problem="unreadable")
    return Read(member, uri, statement)


async def _page(
    request: web.Request, found: Request, read: Read, *, status: int = 200, problem: str = ""
) -> web.Response:
    fields = form(request)
    shown = digest(read.statement.to_value()) if read.statement else ""
    said = {item.commitment: item for item in read.statement.commitments} if read.statement else {}
    return await render(
        request,
        "admin/request.html",
        status=status,
        letter=found.letter,
        actor=found.actor,
        read=read,
        shown=shown,
        is_changed=bool(shown and found.letter.review.digest not in {"", shown}),
        lines=[(each, said.pop(each.id)) for each in charter().commitments if each.id in said],
        chosen=fields.getall("commitments", []) if fields else list(_ids(read)),
        comment=fields.get("comment", ""),
        most=MOST_COMMENT,
        problem=problem or read.problem,
    )


def _ids(read: Read) -> Sequence[str]:
    return [each.commitment for each in read.statement.commitments] if read.statement else []


async def endorse(request: web.Request) -> web.Response:
    """Vouch for what was shown, as far as it is ticked; the request is done with."""
    database, fields = request.app[DATABASE], form(request)
    found = await database.read(lambda session: asked(session, request))
    read = await _read(request, found)
    member, statement = read.member, read.statement
    if member is None or statement is None:
        return await _page(request, found, read, status=502)
    if digest(statement.to_value()) != fields.get("shown", ""):
        return await _page(request, found, read, status=409, problem="statement_changed")
    chosen = fields.getall("commitments", [])
    if not chosen:
        return await _page(request, found, read, status=400, problem="choose")
    words, language = fields.get("comment", "").strip(), fields.get("language", "")
    if language not in LANGUAGES:
        language = account(request).language

    async def work(session: Session) -> None:
        await vouching.endorse(
            session,
            request.app[URIS],
            found.actor,
            request.app[SETTINGS],
            member=member,
            statement_uri=read.uri,
            statement=statement,
            commitments=chosen,
            comment={language: words} if words else {},
        )
        await reviews.settle(session, found.actor, found.letter.id)

    try:
        await database.write(work)
    except (RefusedError, UsageError) as error:
        code = "comment" if len(words) > MOST_COMMENT else error.code
        problem = code if code in PROBLEMS else "other"
        return await _page(request, found, read, status=error.status, problem=problem)
    return see_other("/admin/requests?done=endorsed")


async def put_aside(request: web.Request) -> web.Response:
    """Deal with a request without endorsing; nobody is told."""

    async def work(session: Session) -> None:
        found = await asked(session, request)
        await reviews.settle(session, found.actor, found.letter.id)

    await request.app[DATABASE].write(work)
    return see_other("/admin/requests")
