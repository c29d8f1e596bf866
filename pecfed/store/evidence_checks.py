"""Whether the addresses that statements name as evidence still answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from pecfed.domain.uris import host_of
from pecfed.store.database import Session

Outcome = Literal["", "answers", "gone", "refused", "unreachable", "not-asked"]


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one address; `checked_at` is None until somebody looked."""

    url: str
    checked_at: int | None
    status: int
    outcome: Outcome


async def want(session: Session, urls: Collection[str], now: int, older_than: int) -> int:
    """Ask that these addresses are looked at, unless that was done after `older_than`; how many."""
    asked = 0
    for url in urls:
        asked += await session.run(
            "INSERT INTO evidence_checks (url, asked_at, due_at, status, outcome) "
            "VALUES (?, ?, ?, 0, '') ON CONFLICT (url) DO UPDATE SET asked_at = excluded.asked_at, "
            "due_at = excluded.due_at WHERE evidence_checks.checked_at IS NULL "
            "OR evidence_checks.checked_at <= ?",
            url, now, now, older_than,
        )  # fmt: skip
    return asked


async def any_due(session: Session, now: int) -> bool:
    """Whether an address is to be looked at."""
    return bool(await session.value("SELECT 1 FROM evidence_checks WHERE due_at <= ? LIMIT 1", now))


async def claim(session: Session, now: int, lease: int, most: int) -> list[str]:
    """Addresses to look at next, of as many hosts, not to be taken again before `lease` ms."""
    rows = await session.all(
        "SELECT url FROM evidence_checks WHERE due_at <= ? ORDER BY due_at, url LIMIT ? "
        f"{session.skip_locked}",
        now, most * 20,
    )  # fmt: skip
    hosts: dict[str, str] = {}
    for row in rows:
        hosts.setdefault(host_of(row["url"]), row["url"])
    urls = list(hosts.values())[:most]
    for url in urls:
        await session.run("UPDATE evidence_checks SET due_at = ? WHERE url = ?", now + lease, url)
    return urls


async def count_due(session: Session) -> int:
    """How many addresses are to be looked at."""
    return int(await session.value("SELECT count(*) FROM evidence_checks WHERE due_at IS NOT NULL"))


async def put(session: Session, url: str, now: int, status: int, outcome: Outcome) -> None:
    """Keep what became of a look at an address."""
    await session.run(
        "UPDATE evidence_checks SET checked_at = ?, status = ?, outcome = ?, due_at = NULL "
        "WHERE url = ?",
        now, status, outcome, url,
    )  # fmt: skip


async def of(session: Session, urls: Collection[str]) -> Mapping[str, Check]:
    """The last look at each of these addresses, by address."""
    found = {}
    for url in urls:
        row = await session.one(
            "SELECT url, checked_at, status, outcome FROM evidence_checks WHERE url = ?", url
        )
        if row:
            found[url] = Check(**row)
    return found


async def prune(session: Session, asked_before: int) -> None:
    """Forget addresses that nobody asked about since."""
    await session.run("DELETE FROM evidence_checks WHERE asked_at < ?", asked_before)
