"""`/log`: every act at the hub, the newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from pecfed.http import query
from pecfed.http.language import words
from pecfed.http.render import chosen, page
from pecfed.http.site import read_with_site
from pecfed.language.criteria import criteria
from pecfed.store import log, members
from pecfed.store.database import Row, Session
from pecfed.store.members import Member
from pecfed.store.paging import DEFAULT_LIMIT, cursor, place

KNOWN = ("member", "act", "cursor")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the log: its entries, who they are about by uri, the last line of all."""

    entries: Sequence[Mapping[str, Any]]
    listed: Mapping[str, Member]
    last: Row | None
    next: str | None


async def log_page(request: web.Request) -> web.Response:
    """Lines with who, what, why, before and after; `member` and `act` choose among them."""
    values = query.read(request.query, KNOWN, strict=False)
    before = place(values.get("cursor", ""), (int,))

    async def read(session: Session) -> Found:
        subject = await _subject(session, values.get("member", ""))
        rows = await log.newest(
            session,
            before[0] if before else None,
            DEFAULT_LIMIT + 1,
            act=values.get("act", ""),
            subject=subject,
        )
        shown = rows[:DEFAULT_LIMIT]
        entries = [
            json.loads(row["entry"]) | {"hash": row["hash"], "ms": row["at"]} for row in shown
        ]
        named = {str(each.get(name, "")) for each in entries for name in ("subject", "by")}
        return Found(
            entries,
            await members.listed(session, sorted(named)),
            await log.head(session),
            cursor(shown[-1]["n"]) if len(rows) > DEFAULT_LIMIT else None,
        )

    site, found = await read_with_site(request, read)
    known = words(chosen(request).language)
    return await page(
        request,
        "log.html",
        site=site,
        noindex=True,
        found=found,
        values={name: value for name, value in values.items() if name != "cursor"},
        acts={key.removeprefix("log.act."): text for key, text in known.items()
              if key.startswith("log.act.")},
        reasons={each.id: each.label for each in criteria().reasons},
    )  # fmt: skip


async def _subject(session: Session, named: str) -> str:
    """The subject that a member's name or address stands for; as it is where there is none."""
    entry = await members.find(session, named) if named else None
    return entry.uri or entry.slug if entry is not None else named
