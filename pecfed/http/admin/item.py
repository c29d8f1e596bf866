"""`/admin/queue/ID`: one item, with all that is needed to decide, and the decision."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiohttp import web

from pecfed.domain.queue import Act, Decision
from pecfed.domain.statement import Statement
from pecfed.domain.text import pick
from pecfed.errors import NotFoundError, PecfedError, UsageError
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form, who
from pecfed.http.admin.view import View, view
from pecfed.http.appkeys import DATABASE, SETTINGS, URIS
from pecfed.http.language import LANGUAGES, words
from pecfed.language.criteria import reasons
from pecfed.services import desk, effects, evidence
from pecfed.services.queue import is_act, the_item
from pecfed.store import objects
from pecfed.store.database import Session

_PRESS = re.compile(r"[0-9a-f]{32}")
_FOR: dict[tuple[str, Act], tuple[str, ...]] = {
    ("join", "publish"): ("accept",),
    ("statement", "publish"): ("attest",),
    ("join", "refuse"): ("refuse",),
    ("statement", "refuse"): ("refuse",),
    ("join", "ask"): ("ask-back",),
    ("statement", "ask"): ("ask-back",),
}
"""For which acts of the criteria a decision gives its reasons; elsewhere each may be given."""


def reason_options(kind: str) -> dict[str, dict[str, Any]]:
    """The reason codes that a form offers, with their words by language, for each act."""
    found = {}
    for act in ("publish", "ask", "refuse"):
        names = _FOR.get((kind, act), ("",))
        found[act] = {code: label for name in names for code, label in reasons(name).items()}
    return found


class Problem(NamedTuple):
    """What went wrong: a code that the interface has words for, or "" and what was said."""

    code: str
    words: str


def problem(error: PecfedError) -> Problem:
    """What a page tells of an error."""
    known = f"admin.queue.error.{error.code}" in words(LANGUAGES[0])
    return Problem(error.code if known else "", error.safe)


def did(act: str) -> str:
    """The word for an act in the timeline; what has none was settled elsewhere."""
    return act if f"admin.queue.did.{act}" in words(LANGUAGES[0]) else "settled"


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not re.fullmatch("[0-9]{1,15}", text):
        raise NotFoundError(f"no item {text[:50]!r}", safe="there is no such item")
    return int(text)


async def item_page(request: web.Request) -> web.Response:
    """One item."""
    return await _page(request)


async def _page(request: web.Request, error: PecfedError | None = None) -> web.Response:
    number = _number(request)

    async def read(session: Session) -> View:
        return await view(session, await the_item(session, number))

    found = await request.app[DATABASE].read(read)
    language = account(request).language
    return await render(
        request,
        "admin/item.html",
        status=error.status if error else 200,
        view=found,
        item=found.item,
        error=problem(error) if error else None,
        given=form(request),
        reasons={
            act: [(code, pick(label, language)[1]) for code, label in options.items()]
            for act, options in reason_options(found.item.kind).items()
        },
        two=request.app[SETTINGS].reviewers > 1 and found.item.kind in desk.TWO,
        undo_seconds=request.app[SETTINGS].undo_seconds,
        press=secrets.token_hex(16),
        mine=who(request),
        did=did,
        why=lambda code: pick(reasons().get(code, {"": code}), language)[1],
    )


def _decision(request: web.Request) -> Decision:
    """What the form decides.

    Raises:
        UsageError: it names no act.
    """
    given = form(request)
    act = is_act(given.get("act", ""))
    if act is None:
        raise UsageError("the form names no act", code="pick_some")
    confirmed = set(given.getall("confirmed", []))
    named: Sequence[str] = given.getall("principle", [])
    return Decision(
        act=act,
        reason=given.get("reason", ""),
        message=given.get("message", ""),
        language=account(request).language,
        until=given.get("until", ""),
        commitments=tuple(given.getall("commitment", [])) if act == "ask" else (),
        questioned=tuple(each for each in named if each not in confirmed),
        label=given.get("label") == "yes",
    )


def _marks(request: web.Request) -> tuple[int | None, str]:
    """The version that was looked at, and which press of a button this is."""
    version, press = form(request).get("version", ""), form(request).get("press", "")
    seen = int(version) if re.fullmatch("[0-9]{1,15}", version) else -1
    return seen, press if _PRESS.fullmatch(press) else ""


async def decide(request: web.Request) -> web.Response:
    """Decide; on a conflict the page as it is now, with what was written."""
    number, by = _number(request), who(request)
    version, press = _marks(request)

    async def work(session: Session) -> None:
        here = await effects.the_desk(session, request.app[URIS], request.app[SETTINGS])
        await desk.decide(
            session, here, number, _decision(request), by=by, version=version, press=press
        )

    return await _do(request, work, "/admin/queue")


async def undo(request: web.Request) -> web.Response:
    """Take a decision back while that is possible."""
    number, by = _number(request), who(request)
    version, press = _marks(request)

    async def work(session: Session) -> None:
        await desk.undo(session, number, by=by, version=version, press=press)

    return await _do(request, work, f"/admin/queue/{number}")


async def note(request: web.Request) -> web.Response:
    """Leave a note for the other reviewers."""
    number, by = _number(request), who(request)
    _, press = _marks(request)

    async def work(session: Session) -> None:
        await desk.note(session, number, form(request).get("note", ""), by=by, press=press)

    return await _do(request, work, f"/admin/queue/{number}#notes")


async def look(request: web.Request) -> web.Response:
    """Have the evidence of the statement looked at again."""
    number = _number(request)

    async def work(session: Session) -> None:
        item = await the_item(session, number)
        found = await objects.of_actor(session, item.subject, "statement", limit=1)
        if found and isinstance(found[0].content, Statement):
            await evidence.look(session, found[0].content, again=True)

    return await _do(request, work, f"/admin/queue/{number}")


async def _do(request: web.Request, work: Any, then: str) -> web.Response:
    """Carry out what a form asks for, and go on; a refusal is told on the item's page."""
    try:
        await request.app[DATABASE].write(work)
    except NotFoundError:
        raise
    except PecfedError as error:
        if error.retry:
            raise
        return await _page(request, error)
    return see_other(then)
