"""`/admin/notices`: what waits for the one who is signed in, and whether mail tells of it, too."""

from __future__ import annotations

from aiohttp import web

from pecfed.errors import PecfedError
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import account, form
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.services import mailing, notices
from pecfed.store import mails
from pecfed.store.database import Session

HERE = "/admin/notices"


async def notices_page(request: web.Request) -> web.Response:
    """The newest first; `?before=NUMBER` is the page after."""
    return await _page(request)


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    me = account(request)
    asked = request.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0

    async def read(session: Session) -> tuple[notices.Listed, mails.Recipient | None]:
        found = await notices.listing(session, me.role, me.name, before=before)
        return found, await mails.by_account(session, me.name)

    found, address = await request.app[DATABASE].read(read)
    return await render(
        request,
        "admin/notices.html",
        status=status,
        found=found,
        next=found[-1][0].id if len(found) == notices.SHOWN else 0,
        address=address,
        has_mail=bool(request.app[SETTINGS].smtp_host),
        error=error,
    )


async def read_them(request: web.Request) -> web.Response:
    """The notices that the form names have been read."""
    me = account(request)
    named = [each for each in form(request).getall("notice", []) if each.isdecimal()]
    numbers = [int(each) for each in named if each.isascii() and len(each) < 18]
    await request.app[DATABASE].write(lambda s: notices.read(s, me.name, numbers))
    return see_other(HERE)


async def set_mail(request: web.Request) -> web.Response:
    """One's own address is told by mail from now on; an empty one no longer."""
    me, wanted = account(request), form(request).get("address", "").strip()

    async def work(session: Session) -> None:
        if wanted:
            wish = mailing.Wish(wanted, "operator", me.language, me.name)
            await mailing.tell(session, wish)
        elif (known := await mails.by_account(session, me.name)) is not None:
            await mails.forget(session, known.id)

    try:
        await request.app[DATABASE].write(work)
    except PecfedError as error:
        if error.status >= 500:
            raise
        code = error.code if error.code in {"bad_address", "taken"} else "other"
        return await _page(request, error=code, status=error.status)
    return see_other(HERE)
