"""Which addresses given as evidence are looked at, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

from pecfed import clock
from pecfed.domain.statement import Statement
from pecfed.store import evidence_checks
from pecfed.store.database import Session
from pecfed.store.evidence_checks import Check

MAX_LINKS = 60
"""Addresses of one statement that are looked at."""
MAX_WAITING = 1000
"""Addresses that wait to be looked at, of all statements."""
FRESH = 86_400_000
"""Milliseconds for which a look is good."""


def links(statement: Statement) -> list[str]:
    """The addresses that a statement gives as evidence, each once."""
    found = dict.fromkeys(url for item in statement.commitments for url in item.evidence)
    return list(found)[:MAX_LINKS]


async def look(session: Session, statement: Statement, *, again: bool = False) -> int:
    """Ask that a statement's evidence is looked at; how many addresses wait for it now.

    Those that were looked at today are left alone, unless `again`.
    """
    if await evidence_checks.count_due(session) >= MAX_WAITING:
        return 0
    now = clock.now_ms()
    older = now if again else now - FRESH
    return await evidence_checks.want(session, links(statement), now, older)


async def checks(session: Session, *statements: Statement | None) -> Mapping[str, Check]:
    """The last look at each address of these statements, by address."""
    urls = dict.fromkeys(url for each in statements if each for url in links(each))
    return await evidence_checks.of(session, list(urls))
