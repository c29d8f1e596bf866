"""`…/endorsements`: asking other members to endorse a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.domain.uris import origin
from pecfed.errors import FetchError, RefusedError, UsageError
from pecfed.federation.hub_api import ListedMember
from pecfed.http.admin.assessment.view import LETTERS, View, named, path, view
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form
from pecfed.http.appkeys import DATABASE, NODE, URIS
from pecfed.services import reviews
from pecfed.store import memberships, remotes
from pecfed.store import reviews as letters
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.reviews import Letter

MOST_AT_ONCE = 20
MAX_WORDS = 200
"""Characters of what is looked for in a directory."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A directory that the actor is a member of."""

    uri: str
    name: str


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page shows, whoever was found in the directory."""

    view: View
    hubs: Sequence[Hub]
    asked: Sequence[Letter]


async def asking_page(request: web.Request) -> web.Response:
    """Who was asked; and the members of a directory, by words, to choose from."""
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    problems: Mapping[str, str] = {},
    message: str = "",
    problem: str = "",
) -> web.Response:
    async def read(session: Session) -> _Page:
        actor = await named(session, request)
        kept = await letters.of_actor(session, actor.id, LETTERS, acts=("endorse-please",))
        return _Page(
            await view(session, actor),
            await _hubs(session, actor),
            [each for each in kept if each.is_sent],
        )

    found = await request.app[DATABASE].read(read)
    words = request.query.get("q", "").strip()[:MAX_WORDS]
    hub = next((it for it in found.hubs if it.uri == request.query.get("hub")), None)
    hub = hub or (found.hubs[0] if found.hubs else None)
    listed, failed = await _listed(request, found, hub, words)
    return await render(
        request,
        "admin/assessment_endorsements.html",
        status=status,
        view=found.view,
        hubs=found.hubs,
        hub=hub,
        asked=found.asked,
        waiting={each.other_uri for each in found.asked if each.state == "open"},
        listed=listed,
        failed=failed,
        words=words,
        message=message,
        problem=problem,
        problems=problems,
        most=MOST_AT_ONCE,
    )


async def _hubs(session: Session, actor: LocalActor) -> Sequence[Hub]:
    """The directories that list an actor, by the name they gave themselves."""
    found = []
    for row in await memberships.of_actor(session, actor.id):
        if row["state"] == "member":
            known = await remotes.get(session, row["hub_uri"])
            found.append(Hub(row["hub_uri"], known.name if known else row["hub_uri"]))
    return found


async def _listed(
    request: web.Request, found: _Page, hub: Hub | None, words: str
) -> tuple[Sequence[ListedMember], bool]:
    """The other members that a directory lists, and whether it failed to tell."""
    if hub is None or found.view.found.published is None:
        return [], False
    try:
        listed = await request.app[NODE].hub_api.members(hub.uri, words)
    except FetchError:
        return [], True
    return [each for each in listed if each.uri != found.view.actor.uri], False


async def ask(request: web.Request) -> web.Response:
    """Ask those who are ticked, each by a private note; who couldn't be asked is named."""
    fields = form(request)
    chosen = list(dict.fromkeys(each for each in fields.getall("to", []) if origin(each)))
    message = fields.get("message", "")
    if not chosen or len(chosen) > MOST_AT_ONCE:
        return await _page(request, status=400, message=message, problem="choose")
    problems: dict[str, str] = {}
    for uri in chosen:
        try:
            await request.app[NODE].remotes.actor(uri)
        except (FetchError, RefusedError):
            problems[uri] = "unreachable"
    language = account(request).language

    async def work(session: Session) -> tuple[str, str]:
        actor = await named(session, request)
        for uri in chosen:
            if uri in problems:
                continue
            try:
                await reviews.ask_endorsement(
                    session, request.app[URIS], actor, uri, message, language
                )
            except RefusedError as error:
                problems[uri] = error.code
            except UsageError as error:
                return path(actor, "endorsements"), error.code
        return path(actor, "endorsements"), ""

    there, problem = await request.app[DATABASE].write(work)
    if problem or problems:
        return await _page(request, status=400, message=message, problem=problem, problems=problems)
    return see_other(there)
