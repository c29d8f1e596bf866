"""What a hub's reviewers wrote about a statement: answered, or put aside."""

from __future__ import annotations

from aiohttp import web

from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.http.admin.assessment.view import named, path
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form
from pecfed.http.appkeys import DATABASE, URIS
from pecfed.http.language import LANGUAGES
from pecfed.language.charter import charter
from pecfed.services import reviews
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.reviews import Letter


def number_of(request: web.Request) -> int:
    """The number of the letter that the address names.

    Raises:
        NotFoundError: it is no number.
    """
    text = request.match_info["letter"]
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise NotFoundError(f"no letter {text!r}", safe="there is no such letter")
    return int(text)


async def answer(request: web.Request) -> web.Response:
    """Send an answer to the hub, and go back to where the question stands."""
    number, text = number_of(request), form(request).get("answer", "")
    language = form(request).get("language", "")
    if language not in LANGUAGES:
        language = account(request).language

    async def work(session: Session) -> tuple[LocalActor, Letter, str]:
        actor = await named(session, request)
        letter = await reviews.the_letter(session, actor, number)
        try:
            await reviews.answer(session, request.app[URIS], actor, number, text, language)
        except (UsageError, RefusedError) as error:
            return actor, letter, error.code
        return actor, letter, ""

    actor, letter, problem = await request.app[DATABASE].write(work)
    back = where(actor, letter)
    if problem:
        return await render(
            request, "admin/assessment_unsent.html", status=400, problem=problem, text=text,
            back=back,
        )  # fmt: skip
    return see_other(f"{back}#letter-{letter.id}")


async def settle(request: web.Request) -> web.Response:
    """Put a letter aside: it needs no answer, or no other."""
    number = number_of(request)

    async def work(session: Session) -> str:
        actor = await named(session, request)
        return where(actor, await reviews.settle(session, actor, number))

    return see_other(await request.app[DATABASE].write(work))


def where(actor: LocalActor, letter: Letter) -> str:
    """The page on which a letter stands: that of the first commitment it is about."""
    known = {each.id for each in charter().commitments}
    about = next((each for each in letter.review.commitments if each in known), "")
    return path(actor, "commitments", about) if about else path(actor)
