"""Who vouches for a member, as its page shows it: from the log, in the words of those who do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pecfed.domain import vouching
from pecfed.domain.attestation import Attestation
from pecfed.domain.difference import Change, difference
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.statement import Statement
from pecfed.domain.text import NONE, Texts
from pecfed.language.charter import Charter, Commitment, Principle, charter, charters
from pecfed.services import setup
from pecfed.store import members, objects, standings
from pecfed.store.database import Session
from pecfed.store.directory import Entry
from pecfed.store.objects import Stored

MOST = 100
"""Endorsements that one page shows."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A member that vouches for this one; `commitments` is empty for the whole statement.

    `note_uri` is where it said so, `is_earlier` that it spoke of an earlier version.
    """

    name: str
    slug: str
    given: vouching.Endorsement
    commitments: Sequence[Commitment]
    comment: Texts
    note_uri: str
    is_earlier: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What the hub's reviewers found; `changes` is what is declared otherwise since then."""

    given: vouching.Attestation
    confirmed: Sequence[Principle]
    questioned: Sequence[Principle]
    comment: Texts
    note_uri: str
    changes: Sequence[Change]
    titles: dict[str, Texts]


@dataclass(frozen=True, slots=True)
class Vouched:
    """Everybody who vouches for a member's statement."""

    vouchers: Sequence[Voucher]
    review: Review | None
    label: vouching.Label | None


async def vouched(session: Session, entry: Entry, today: date) -> Vouched | None:
    """Who vouches for a member; None where nobody does, or it declares nothing."""
    now, uri = entry.declared, entry.member.uri
    if uri is None or now is None:
        return None
    facts = await standings.facts(session, uri)
    text = charter(now.charter) if now.charter in charters() else None
    given = [each for each in facts.counting() if each.valid_until >= today]
    digest = facts.statement.digest if facts.statement else ""
    # those who speak of the statement as it is now come first, the newest before the others
    given.sort(key=lambda each: (each.digest == digest, each.since), reverse=True)
    vouchers = [
        found
        for each in given[:MOST]
        if (found := await _voucher(session, uri, each, text, digest)) is not None
    ]
    attested = facts.attested()
    if attested is not None and attested.valid_until < today:
        attested = None
    review = await _review(session, uri, attested, now, text) if attested else None
    label = next(
        (
            each
            for each in facts.labels
            if entry.standing == "labelled" and attested and each.attestation == attested.credential
        ),
        None,
    )
    return Vouched(vouchers, review, label) if vouchers or review else None


async def _voucher(
    session: Session,
    member_uri: str,
    given: vouching.Endorsement,
    text: Charter | None,
    digest: str,
) -> Voucher | None:
    who = await members.by_uri(session, given.endorser)
    if who is None or who.state != "member":
        return None
    stored = await _with(session, given.endorser, "endorsement", member_uri, given.credential)
    content = stored.content if stored else None
    known = {each.id: each for each in text.commitments} if text else {}
    return Voucher(
        name=who.name,
        slug=who.slug,
        given=given,
        commitments=[known[each] for each in given.commitments if each in known],
        comment=content.comment if isinstance(content, Endorsement) else NONE,
        note_uri=stored.uri if stored else "",
        is_earlier=given.digest != digest,
    )


async def _review(
    session: Session,
    member_uri: str,
    given: vouching.Attestation,
    now: Statement,
    text: Charter | None,
) -> Review:
    hub = await setup.the_hub(session)
    stored = await _with(session, hub.uri, "attestation", member_uri, given.credential)
    content = stored.content if stored else None
    changes: Sequence[Change] = ()
    before = await objects.version(session, member_uri, given.digest)
    if before is not None and before != now:
        order = [each.id for each in text.commitments] if text else ()
        changes = [each for each in difference(before, now, order) if each.what != "same"]
    principles = text.principles if text else ()
    return Review(
        given=given,
        confirmed=[each for each in principles if given.principles.get(each.id) == "confirmed"],
        questioned=[each for each in principles if given.principles.get(each.id) == "questioned"],
        comment=content.comment if isinstance(content, Attestation) else NONE,
        note_uri=stored.uri if stored else "",
        changes=changes,
        titles={each.id: each.title for each in text.commitments} if text else {},
    )


async def _with(
    session: Session, actor_uri: str, kind: str, member_uri: str, credential: str
) -> Stored | None:
    """The Note that holds a credential."""
    found = await objects.about_member(session, actor_uri, kind, member_uri)
    for each in found:
        content = each.content
        if isinstance(content, Endorsement | Attestation) and content.uid == credential:
            return each
    return None
