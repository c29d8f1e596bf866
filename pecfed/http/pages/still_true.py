"""`/still-true/TOKEN`: where a member answers a hub's yearly question, by pressing a button.

Who has the link may answer, so it is shown to nobody else: not kept, not indexed, and not
told to the sites that the page links to.
"""

from __future__ import annotations

from aiohttp import web

from pecfed.domain.liveness import Answer
from pecfed.errors import UsageError
from pecfed.http.appkeys import DATABASE, URIS
from pecfed.http.forms import read_form
from pecfed.http.render import page
from pecfed.services import setup, still_true
from pecfed.store.database import Session
from pecfed.store.members import Member

MAX_ADDRESS = 2048


async def still_true_page(request: web.Request) -> web.Response:
    """What the link is for, with its button; looking at it answers nothing.

    Raises:
        NotFoundError: the link was used, is over, or never was.
    """
    entry, answer = await request.app[DATABASE].read(
        lambda session: still_true.read(session, request.match_info["token"])
    )
    return await _page(request, entry, answer)


async def answer(request: web.Request) -> web.Response:
    """The button was pressed.

    Raises:
        NotFoundError: as above.
        RefusedError: the form can't be read.
    """
    token, form = request.match_info["token"], await read_form(request)
    uris = request.app[URIS]
    # who tries tokens out makes nobody wait for the one writer
    await request.app[DATABASE].read(lambda session: still_true.read(session, token))

    async def work(session: Session) -> tuple[Member, Answer]:
        return await still_true.answered(
            session,
            uris,
            await setup.the_hub(session),
            token,
            successor=form.get("successor", "").strip()[:MAX_ADDRESS],
            is_closed=form.get("why") == "closed",
        )

    try:
        entry, answer = await request.app[DATABASE].write(work)
    except UsageError:
        entry, answer = await request.app[DATABASE].read(
            lambda session: still_true.read(session, token)
        )
        return await _page(request, entry, answer, status=400, wrong=form.get("successor", ""))
    return await _page(request, entry, answer, done=True)


async def _page(
    request: web.Request,
    entry: Member,
    answer: Answer,
    *,
    status: int = 200,
    wrong: str = "",
    done: bool = False,
) -> web.Response:
    response = await page(
        request,
        "still_true.html",
        status=status,
        noindex=True,
        member=entry,
        answer=answer,
        wrong=wrong,
        done=done,
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
