"""`/admin/queue`: what waits for a reviewer, one by one or several at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from pecfed.domain.queue import ACTS, KINDS, WAITING, Decision
from pecfed.errors import PecfedError, UsageError
from pecfed.http.admin.item import problem, reason_options
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form, who
from pecfed.http.admin.view import SHOWN, Row, row
from pecfed.http.appkeys import DATABASE, SETTINGS, URIS
from pecfed.services import desk, effects
from pecfed.services.queue import is_act
from pecfed.store import queue
from pecfed.store.database import Session
from pecfed.store.paging import Page
from pecfed.store.queue import Item

PAGE = 30
MOST_AT_ONCE = 50
_PICKED = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_PRESS = re.compile(r"[0-9a-f]{32}")


async def queue_page(request: web.Request) -> web.Response:
    """The list, with filters; what takes effect soon can be undone above it."""
    return await _page(request)


async def _page(
    request: web.Request, *, status: int = 200, failed: Sequence[tuple[int, PecfedError]] = ()
) -> web.Response:
    chosen = request.query.get("state", "waiting")
    states = SHOWN.get(chosen, WAITING)
    kind = request.query.get("kind", "")
    kind = kind if kind in KINDS else ""
    start = request.query.get("cursor", "")

    async def read(session: Session) -> tuple[Page[Item], list[Row], list[Row], Mapping[Any, int]]:
        page = await queue.listing(session, states=states, kind=kind, limit=PAGE, start=start)
        soon = await queue.listing(session, states=("decided",), limit=PAGE)
        return (
            page,
            [await row(session, item) for item in page.items],
            [await row(session, item) for item in soon.items],
            await queue.counts(session),
        )

    page, rows, soon, counts = await request.app[DATABASE].read(read)
    return await render(
        request,
        "admin/queue.html",
        status=status,
        rows=rows,
        soon=soon if chosen != "decided" else [],
        total=page.total,
        next=page.next,
        chosen=chosen if chosen in SHOWN else "waiting",
        states=list(SHOWN),
        kind=kind,
        kinds=[(each, sum(n for (k, s), n in counts.items() if k == each and s in WAITING))
               for each in KINDS],
        reasons=reason_options(""),
        acts=ACTS,
        failed=[(number, problem(error)) for number, error in failed],
        press=secrets.token_hex(16),
        undo_seconds=request.app[SETTINGS].undo_seconds,
    )  # fmt: skip


async def decide_many(request: web.Request) -> web.Response:
    """The same decision about several items; a conflict about one doesn't stop the others."""
    given, by = form(request), who(request)
    picked = [found for found in map(_PICKED.fullmatch, given.getall("item", [])) if found]
    act = is_act(given.get("act", ""))
    if act is None or not picked or len(picked) > MOST_AT_ONCE:
        error = UsageError(f"pick 1 to {MOST_AT_ONCE} items and an act", code="pick_some")
        return await _page(request, status=400, failed=[(0, error)])
    decision = Decision(
        act,
        given.get("reason", ""),
        given.get("message", ""),
        account(request).language,
        given.get("until", ""),
    )
    press = given.get("press", "")
    failed: list[tuple[int, PecfedError]] = []
    for found in picked:
        number, version = int(found[1]), int(found[2])

        async def work(session: Session, number: int = number, version: int = version) -> None:
            here = await effects.the_desk(session, request.app[URIS], request.app[SETTINGS])
            await desk.decide(
                session, here, number, decision, by=by, version=version,
                press=f"{press}-{number}" if _PRESS.fullmatch(press) else "",
            )  # fmt: skip

        try:
            await request.app[DATABASE].write(work)
        except PecfedError as error:
            if error.retry:
                raise
            failed.append((number, error))
    if failed:
        return await _page(request, status=failed[0][1].status, failed=failed)
    return see_other("/admin/queue")
