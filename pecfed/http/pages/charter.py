"""`/charter`: the text, and for each commitment who declares which level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from aiohttp import web

from pecfed import clock
from pecfed.http.appkeys import DATABASE
from pecfed.http.render import page
from pecfed.language.charter import charter
from pecfed.store import directory
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.paging import MAX_LIMIT, Query

Declarers = Mapping[str, Mapping[str, Sequence[Entry]]]
"""Entries by commitment and level."""


async def charter_page(request: web.Request) -> web.Response:
    """Principles and commitments, each with an anchor of its own that never changes."""
    text, today = charter(), clock.now().date()

    async def read(session: Session) -> list[Entry]:
        """Every member whose statement is in force, whoever else vouches for it."""
        found: list[Entry] = []
        wanted = Query(today=today, limit=MAX_LIMIT, membership="member")
        while True:
            part = await directory.list_members(session, wanted)
            found += [each for each in part.items if _in_force(each, today)]
            if part.next is None:
                return found
            wanted = replace(wanted, cursor=part.next)

    entries = await request.app[DATABASE].read(read)
    return await page(
        request,
        "charter.html",
        charter=text,
        declarers=_declarers(entries, text.version),
        declaring=len(entries),
    )


def _in_force(entry: Entry, today: date) -> bool:
    declared = entry.declared
    return declared is not None and declared.valid_until >= today.isoformat()


def _declarers(entries: Sequence[Entry], version: str) -> Declarers:
    """Who declares what, of the statements on that version."""
    found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        declared = entry.declared
        if declared is not None and declared.charter == version:
            for item in declared.commitments:
                found[item.commitment][item.level].append(entry)
    return {commitment: dict(levels) for commitment, levels in found.items()}
