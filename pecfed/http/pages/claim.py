"""`/members/SLUG/claim` and `/members/SLUG/take-off`: the rights of who was listed unasked.

Nothing is kept before the proof stands on the organisation's own site: the word to place
there is computed from what is asked, so the form's own address holds it all.
"""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from pecfed.domain.claim import FILE, MAX_WORDS, META, Kind, token
from pecfed.domain.handle import Handle
from pecfed.domain.text import clean
from pecfed.domain.uris import host_of, origin
from pecfed.errors import FetchError, RefusedError
from pecfed.federation import site_proof
from pecfed.http.appkeys import DATABASE, NODE
from pecfed.http.forms import read_form
from pecfed.http.proxies import said_address
from pecfed.http.render import member_path, page
from pecfed.services import claim, setup
from pecfed.store.database import Session
from pecfed.store.members import Member


def _kind(request: web.Request) -> Kind:
    return "take-off" if request.path.endswith("/take-off") else "claim"


async def claim_page(request: web.Request) -> web.Response:
    """What proves it, and the word for exactly what the address asks.

    Raises:
        NotFoundError: there is no such invited entry.
    """
    entry, hub_uri = await _entry(request)
    handle, words = _asked(request.query.get("handle", ""), request.query.get("words", ""))
    return await _answer(request, entry, hub_uri, handle, words)


async def look(request: web.Request) -> web.Response:
    """Look on the site now; or, where the form says so, hand it to the operator.

    Raises:
        NotFoundError: there is no such invited entry.
        RefusedError: the form can't be read.
    """
    entry, hub_uri = await _entry(request)
    form = await read_form(request)
    handle, words = _asked(form.get("handle", ""), form.get("words", ""))
    try:
        if form.get("how") == "operator" and _kind(request) == "take-off":
            if not request.app[NODE].limits.may_ask_off(said_address(request)):
                raise RefusedError("too many from there", status=429, code="too_many", retry=True)
            await request.app[DATABASE].write(lambda s: claim.asked(s, entry.slug, words))
            return await _answer(request, entry, hub_uri, handle, words, outcome="asked")
        outcome = await _look(request, entry, hub_uri, handle, words)
    except RefusedError as error:
        return await _answer(request, entry, hub_uri, handle, words, error=error.code)
    return await _answer(request, entry, hub_uri, handle, words, outcome=outcome)


async def _look(request: web.Request, entry: Member, hub_uri: str, handle: str, words: str) -> str:
    """What came of looking: `done`, or `nothing` where the word doesn't stand there.

    Raises:
        RefusedError: it can't be looked for at present.
    """
    node, kind, site = request.app[NODE], _kind(request), entry.profile.url
    if not origin(site):
        raise RefusedError("the entry names no site", code="no_site")
    if not node.limits.may_look_up(host_of(site)):
        raise RefusedError("too many look-ups", status=429, code="too_many", retry=True)
    word = token(hub_uri, entry.slug, kind, handle, words)
    try:
        where = await site_proof.find(node, site, word)
    except FetchError as error:
        raise RefusedError(error.message, status=502, code="unreachable", retry=True) from None
    if not where:
        return "nothing"
    await request.app[DATABASE].write(
        lambda s: claim.proven(s, entry.slug, kind, where, handle=handle, words=words)
    )
    return "done"


async def _entry(request: web.Request) -> tuple[Member, str]:
    """The invited entry that the address names, and the hub's id."""
    slug = request.match_info["slug"]

    async def read(session: Session) -> tuple[Member, str]:
        return await claim.invited(session, slug), (await setup.the_hub(session)).uri

    return await request.app[DATABASE].read(read)


def _asked(handle: str, words: str) -> tuple[str, str]:
    """What a form or address asks, as it counts: a handle or none, and bounded plain words."""
    found = Handle.read(handle.strip())
    return str(found) if found else "", clean(words.replace("\r\n", "\n"), MAX_WORDS)


async def _answer(
    request: web.Request,
    entry: Member,
    hub_uri: str,
    handle: str,
    words: str,
    *,
    outcome: str = "",
    error: str = "",
) -> web.Response:
    kind, site = _kind(request), entry.profile.url
    response = await page(
        request,
        "claim.html",
        status={"unreachable": 502, "too_many": 429, "no_site": 409}.get(error, 200),
        noindex=True,
        member=entry,
        kind=kind,
        there=f"/members/{quote(entry.slug, safe='@:')}/{kind}",
        back=member_path(entry.slug),
        site_url=site if origin(site) else "",
        file=f"{origin(site)}{FILE}" if origin(site) and site.rstrip("/") == origin(site) else "",
        meta=META,
        word=token(hub_uri, entry.slug, kind, handle, words),
        handle=handle,
        words=words,
        most=MAX_WORDS,
        outcome=outcome,
        error=error,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
