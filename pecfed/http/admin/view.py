"""What a reviewer sees beside an item of the queue: who, what changed, what evidence answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pecfed import clock
from pecfed.domain.difference import Change, difference
from pecfed.domain.queue import STATES, State
from pecfed.domain.statement import Statement, digest
from pecfed.language.charter import Commitment, Principle, charter, charters
from pecfed.services import duplicates, evidence
from pecfed.store import directory, members, objects, queue, reports
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.evidence_checks import Check
from pecfed.store.members import Member
from pecfed.store.queue import Done, Item
from pecfed.store.reports import Report

SHOWN: Mapping[str, tuple[State, ...]] = {
    "waiting": ("open", "proposed"),
    "decided": ("decided",),
    "asked": ("asked",),
    "later": ("later",),
    "done": ("done",),
    "all": STATES,
}
"""What the filter of the queue offers."""
DEAD = frozenset({"gone", "refused", "unreachable"})


@dataclass(frozen=True, slots=True)
class Section:
    """A principle with what is declared under it; None for commitments of another charter."""

    principle: Principle | None
    changes: Sequence[tuple[Commitment | None, Change]]


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list; `counts` say how many commitments are new, gone or changed."""

    item: Item
    name: str
    slug: str
    counts: Mapping[str, int]
    dead: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything that stands on an item's page.

    `before` is the version that was reviewed last, else the one shown before, else None;
    `others` are other items that wait about the same subject.
    """

    item: Item
    name: str
    entry: Entry | None
    statement: Statement | None
    before: Statement | None
    sections: Sequence[Section]
    counts: Mapping[str, int]
    checks: Mapping[str, Check]
    report: Report | None
    acts: Sequence[Done]
    others: Sequence[Item]
    pair: Sequence[Entry] = ()
    """Of a `duplicate`: the entry that would stay, and the one that would be part of it."""

    @property
    def principles(self) -> Sequence[tuple[Principle, bool]]:
        """What an attestation goes through, and whether there is anything to confirm on it."""
        if self.statement is None or self.statement.charter not in charters():
            return ()
        said = {each.commitment for each in self.statement.commitments}
        return [
            (each, not said.isdisjoint(item.id for item in each.commitments))
            for each in charter(self.statement.charter).principles
        ]

    @property
    def declared(self) -> Sequence[Commitment]:
        """The commitments that a question can be about."""
        named = {each.commitment for each in self.statement.commitments} if self.statement else ()
        return [each for each in charter().commitments if each.id in named]


async def row(session: Session, item: Item) -> Row:
    """An item as it stands in a list."""
    entry = await members.find(session, item.subject)
    now, before = await _versions(session, item)
    counts = Counter(each.what for each in difference(before, now)) if now and before else {}
    checks = await evidence.checks(session, now)
    return Row(
        item=item,
        name=entry.name if entry else item.subject,
        slug=entry.slug if entry else "",
        counts={what: counts[what] for what in ("new", "changed", "gone") if what in counts},
        dead=sum(check.outcome in DEAD for check in checks.values()),
    )


async def view(session: Session, item: Item) -> View:
    """An item with everything beside it."""
    found = await members.find(session, item.subject)
    entry = None
    if found is not None:
        (entry,) = await directory.entries(session, [found], clock.now().date())
    now, before = await _versions(session, item)
    if now is None and item.kind == "join" and entry is not None:
        now = entry.declared
    changes = difference(before, now, [each.id for each in charter().commitments]) if now else []
    related = await queue.of_subject(session, item.subject)
    return View(
        item=item,
        name=entry.member.name if entry else item.subject,
        entry=entry,
        statement=now,
        before=before,
        sections=_sections(now, changes),
        counts=Counter(each.what for each in changes),
        checks=await evidence.checks(session, now, before),
        report=await reports.get(session, int(item.ref)) if _is_report(item) else None,
        acts=await queue.acts(session, item.id),
        others=[each for each in related if each.state != "done" and each.id != item.id],
        pair=await _pair(session, item, found),
    )


async def _pair(session: Session, item: Item, found: Member | None) -> Sequence[Entry]:
    """Both entries of a likely double, as far as they are still there."""
    other = await members.by_slug(session, item.ref) if item.kind == "duplicate" else None
    if other is None or found is None:
        return ()
    two = duplicates.in_order(found, other)
    return await directory.entries(session, two, clock.now().date())


def _is_report(item: Item) -> bool:
    return item.kind == "report" and item.ref.isdecimal()


async def _versions(session: Session, item: Item) -> tuple[Statement | None, Statement | None]:
    """The version that an item is about, and the one to compare it with."""
    wanted = str(item.facts.get("digest") or "")
    now = await objects.version(session, item.subject, wanted) if wanted else None
    if now is None:
        return None, None
    reviewed = await queue.last(session, "statement", item.subject, "", "publish")
    if reviewed is not None and reviewed.id != item.id:
        known = str(reviewed.facts.get("digest") or "")
        return now, await objects.version(session, item.subject, known)
    uri = str(item.facts.get("statement") or "")
    return now, await objects.version_before(session, uri, digest(now.to_value()))


def _sections(now: Statement | None, changes: Sequence[Change]) -> Sequence[Section]:
    """Changes by principle of the statement's charter; those of no principle come last."""
    if now is None:
        return []
    by_id = {each.commitment: each for each in changes}
    found: list[Section] = []
    text = charter(now.charter) if now.charter in charters() else None
    for principle in text.principles if text else ():
        its = [(each, by_id.pop(each.id)) for each in principle.commitments if each.id in by_id]
        if its:
            found.append(Section(principle, its))
    if by_id:
        found.append(Section(None, [(None, each) for each in by_id.values()]))
    return found
