"""The log for programs: a copy of all its lines that ends with the signed head, and the head."""

from __future__ import annotations

import json

from aiohttp import web

from pecfed.domain.log import row
from pecfed.federation import log_head
from pecfed.http.appkeys import DATABASE, NODE
from pecfed.language.wire import Document
from pecfed.services import setup
from pecfed.store import log
from pecfed.store.actors import LocalActor
from pecfed.store.database import Row, Session

PART = 500
"""Lines that are read and written at once."""


async def _head(request: web.Request) -> Document:
    """The head as it is now, signed."""

    async def read(session: Session) -> tuple[LocalActor, Row | None]:
        return await setup.the_hub(session), await log.head(session)

    hub, last = await request.app[DATABASE].read(read)
    return await log_head.signed(request.app[NODE], hub, last)


async def head(request: web.Request) -> web.Response:
    """`/log/head.json`: how many lines there are, the hash of the last, and the hub's proof."""
    text = json.dumps(await _head(request), ensure_ascii=False)
    return web.Response(
        text=text, content_type="application/json", headers={"Cache-Control": "no-cache"}
    )


async def copy(request: web.Request) -> web.StreamResponse:
    """`/log.jsonl`: every line, the oldest first, then the head; `pecfed verify` checks it."""
    end = await _head(request)
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/jsonl; charset=utf-8",
            "Content-Disposition": 'attachment; filename="log.jsonl"',
            "Cache-Control": "no-cache",
        }
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    written, lines = 0, int(end["logHead"]["lines"])
    while written < lines:  # those that are added meanwhile belong to a later head
        part = await _part(request, written, min(PART, lines - written))
        text = "".join(f"{row(line['entry'], line['hash'])}\n" for line in part)
        await response.write(text.encode())
        written = part[-1]["n"]
    await response.write(json.dumps(end, ensure_ascii=False).encode() + b"\n")
    await response.write_eof()
    return response


async def _part(request: web.Request, after: int, limit: int) -> list[Row]:
    found = await request.app[DATABASE].read(lambda session: log.lines(session, after, limit))
    return list(found)
