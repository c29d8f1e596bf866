"""`/credentials/ID` and `/credentials/status/N`: what our actors vouch for, for programs.

Both are public whatever `authorized_fetch` says: who verifies isn't known to us.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aiohttp import web

from pecfed.errors import NotFoundError
from pecfed.federation import proving
from pecfed.http.appkeys import DATABASE, NODE, SETTINGS
from pecfed.language.wire import Document
from pecfed.store import actors, credentials
from pecfed.store.actors import LocalActor
from pecfed.store.credentials import Credential, StatusList
from pecfed.store.database import Session

MEDIA_TYPE = "application/vc"
"""Of a credential whose proof is in it (VC Data Model 2.0, appendix C)."""
MAX_DIGITS = 9


def credential_json(document: Document) -> web.Response:
    """A credential as it is, for whoever asks, from whichever site."""
    return web.Response(
        body=json.dumps(document, ensure_ascii=False).encode(),
        headers={
            "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
            "Cache-Control": "no-cache",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
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
        revoked = await credentials.revoked_places(session, found.id)
        return found, revoked, await actors.by_id(session, found.actor_id)

    found = await request.app[DATABASE].read(read)
    if found is None:
        raise NotFoundError(f"no status list {number!r}", safe="there is no such list here")
    listed, revoked, actor = found
    return credential_json(await proving.status_list(request.app[NODE], listed, revoked, actor))
