"""What our actors vouch for, for programs: credentials, status lists; a label's other views.

All are public whatever `authorized_fetch` says: who verifies isn't known to us.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from aiohttp import web

from pecfed.domain.statement import Statement
from pecfed.errors import GoneError, NotFoundError, RefusedError
from pecfed.federation import proving
from pecfed.http import badge, dates
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS
from pecfed.http.label import labelling
from pecfed.http.language import LANGUAGES, choose, word
from pecfed.http.negotiate import weights
from pecfed.language.wire import Document
from pecfed.store import actors, credentials
from pecfed.store.actors import LocalActor
from pecfed.store.credentials import Credential, StatusList
from pecfed.store.database import Session

T = TypeVar("T")
MEDIA_TYPE = "application/vc"
"""Of a credential whose proof is in it (VC Data Model 2.0, appendix C)."""
_PROGRAMS = (MEDIA_TYPE, "application/ld+json", "application/json")
MAX_DIGITS = 9
BADGE_SECONDS = 600
"""So long a browser may show a badge without asking again."""
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""For whoever asks, from whichever site."""


def credential_json(document: Document) -> web.Response:
    """A credential as it is, for whoever asks, from whichever site."""
    return web.Response(
        body=json.dumps(document, ensure_ascii=False).encode(),
        headers={
            "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
            "Cache-Control": "no-cache",
            **SHARED,
        },
    )


async def one(request: web.Request) -> web.Response:
    """A credential by its id; a revoked one too, since its status says so.

    Raises:
        NotFoundError: we issued none with that id.
    """
    uri = f"{request.app[SETTINGS].url}/credentials/{request.match_info['id']}"

    async def read(session: Session) -> tuple[Credential, str] | None:
        found = await credentials.by_uri(session, uri)
        if found is None:
            return None
        return found, (await actors.by_id(session, found.actor_id)).username

    found = await request.app[DATABASE].read(read)
    if found is None:
        raise NotFoundError(f"no credential {uri!r}", safe="there is no such credential here")
    credential, username = found
    return credential_json(
        await proving.credential(request.app[NODE], dict(credential.document), username)
    )


async def status(request: web.Request) -> web.Response:
    """A status list: which of its credentials are revoked.

    Raises:
        NotFoundError: there is no list of that number.
    """
    number = request.match_info["number"]

    async def read(session: Session) -> tuple[StatusList, Sequence[int], LocalActor] | None:
        is_number = number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS
        found = await credentials.status_list(session, int(number)) if is_number else None
        if found is None:
            return None
        places = await credentials.withheld_places(session, found.id)
        return found, places, await actors.by_id(session, found.actor_id)

    found = await request.app[DATABASE].read(read)
    if found is None:
        raise NotFoundError(f"no status list {number!r}", safe="there is no such list here")
    listed, places, actor = found
    return credential_json(await proving.status_list(request.app[NODE], listed, places, actor))


def wants_credential(request: web.Request) -> bool:
    """Whether a client that asks for the page of a label would rather have the credential."""
    asked = weights(request.headers.get("Accept", ""))
    program = max((asked.get(media, 0.0) for media in _PROGRAMS), default=0.0)
    return program > asked.get("text/html", 0.0)


async def label_json(request: web.Request) -> web.Response:
    """The label that somebody bears: the credential itself.

    Raises:
        NotFoundError: there is no such entry, or it never had one.
        GoneError: it was revoked.
    """
    found = await labelling(request)
    if found.label is None and found.was_labelled:
        raise GoneError("its label was revoked")
    if found.label is None:
        raise NotFoundError("it has no label", safe="this platform bears no label")
    document = dict(found.label.document)
    return credential_json(
        await proving.credential(request.app[NODE], document, found.hub.username)
    )


async def label_statement(request: web.Request) -> web.Response:
    """The statement as the directory shows it today, for who compares it with what was attested.

    Raises:
        NotFoundError: there is no such entry, or it has no statement.
    """
    found = await labelling(request)
    stored = found.entry.statement
    if stored is None or not isinstance(stored.content, Statement):
        raise NotFoundError("no statement", safe="this platform has made no statement")
    value = {"id": stored.uri, "charterStatement": stored.content.to_value()}
    return web.json_response(value, headers={"Cache-Control": "no-cache", **SHARED})


async def label_badge(request: web.Request) -> web.Response:
    """A picture of somebody's standing today, in the size, theme and language asked for.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: there is no such size, theme or language.
    """
    size = _choice(request, "size", badge.SIZES, "medium")
    theme = _choice(request, "theme", badge.THEMES, "light")
    settings = request.app[SETTINGS]
    language = _choice(request, "lang", LANGUAGES, choose(request, settings.language).language)
    found = await labelling(request)
    standing = found.entry.standing
    until = found.until and word(
        language, "label.until", day=dates.day(date.fromisoformat(found.until), language)
    )
    words = badge.Words(
        title=word(language, "label.badge"),
        standing=word(language, f"standing.name.{standing}"),
        name=found.entry.member.name,
        until=until,
        by=word(language, "label.by", name=found.hub.profile.name),
    )
    return web.Response(
        text=badge.draw(standing, size, theme, words),
        content_type="image/svg+xml",
        charset="utf-8",
        headers={
            "Cache-Control": f"public, max-age={BADGE_SECONDS}",
            "Content-Language": language,
            "Vary": "Accept-Language",
            **SHARED,
        },
    )


def _choice(request: web.Request, name: str, known: Iterable[T], otherwise: str) -> T:
    """A value from a short list.

    Raises:
        RefusedError: another was asked for.
    """
    wanted = request.query.get(name, otherwise)
    for each in known:
        if each == wanted:
            return each
    raise RefusedError(
        f"{name}: choose one of {', '.join(map(str, known))}", status=400, code="bad_choice"
    )
