"""What a decision does when it takes effect: one line in the table for each kind and act.

Everything happens in one transaction with the item's mark: the change, the line in the
log, and the word to the member.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pecfed import clock
from pecfed.domain.log import person
from pecfed.domain.membership import Deed
from pecfed.domain.queue import Act, Decision, Kind
from pecfed.domain.review import Review
from pecfed.domain.suspicion import CAUSES
from pecfed.domain.uris import Uris
from pecfed.errors import PecfedError, RefusedError
from pecfed.language.charter import charter
from pecfed.services import (
    archiving,
    attest,
    claim,
    contest,
    duplicates,
    label,
    log,
    membership,
    operator,
    review,
    setup,
    still_true,
    suspicion,
)
from pecfed.services.queue import SYSTEM, hear, move, the_item
from pecfed.settings import Settings
from pecfed.store import liveness, members, objects, queue, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.queue import Item


@dataclass(frozen=True, slots=True)
class Desk:
    """Where decisions are made: this node, in whose name members are told, and its settings."""

    uris: Uris
    actor: LocalActor
    settings: Settings


async def the_desk(session: Session, uris: Uris, settings: Settings) -> Desk:
    """The desk of this node: in the name of the hub, or of the first actor that a node has.

    Raises:
        UsageError: the node has no actor yet.
    """
    if settings.is_hub:
        return Desk(uris, await setup.the_hub(session), settings)
    return Desk(uris, await setup.first_speaker(session), settings)


Told = bool
"""Whether the effect has told the member already, with reason and message."""
Effect = Callable[[Session, Desk, Item, Decision, str], Awaitable[Told]]
"""Carries out what a decision on an item means, in the name of whoever decided."""


async def accept(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """Who asks to join becomes a member; its Accept has no words, a review brings these."""
    await membership.decide(
        session, desk.uris, desk.actor, item.subject, "accept", reason=decision.reason,
        message=decision.message, by=by,
    )  # fmt: skip
    return not decision.message


async def refuse(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """Who asks to join is refused, by a Reject with reason and message."""
    await membership.decide(
        session, desk.uris, desk.actor, item.subject, "refuse", reason=decision.reason,
        message=decision.message, by=by,
    )  # fmt: skip
    return True


async def attest_statement(
    session: Session, desk: Desk, item: Item, decision: Decision, by: str
) -> Told:
    """The hub attests the version that was looked at, and gives the label where that was decided.

    The attestation reaches the member by itself; words for it alone come in a review.
    """
    digest = str(item.facts.get("digest") or "")
    statement = await objects.version(session, item.subject, digest)
    if statement is None:
        raise RefusedError("the statement is gone", status=409, code="statement_changed")
    deciders = [each for each in (by, item.seconded_by) if each]
    findings = {
        each.id: "questioned" if each.id in decision.questioned else "confirmed"
        for each in charter(statement.charter).principles
    }
    await attest.attest(
        session, desk.uris, desk.actor, desk.settings, item.subject, principles=findings,
        by=deciders, digest=digest, reason=decision.reason, valid_until=decision.until,
    )  # fmt: skip
    if decision.label:
        await label.give(
            session, desk.uris, desk.actor, desk.settings, item.subject, by=deciders,
            reason=decision.reason, valid_until=decision.until,
        )  # fmt: skip
    return not decision.message


async def drop_endorsement(
    session: Session, _desk: Desk, item: Item, decision: Decision, by: str
) -> Told:
    """An endorsement counts no longer; the endorsed reads why."""
    given = await objects.get(session, item.ref)
    if given is not None and given.deleted_at is None:
        await log.record(
            session, "unendorse", subject=item.subject, by=by, reason=decision.reason,
            facts={"credential": given.content.uid},
            private={"message": decision.message} if decision.message else {},
        )  # fmt: skip
    return False


async def close_report(
    session: Session, _desk: Desk, item: Item, _decision: Decision, by: str
) -> Told:
    """A report is dealt with; whoever reported hears nothing of it."""
    await operator.close(session, int(item.ref), by=by)
    return True


async def merge(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """Two entries are one: the one that speaks for itself stays."""
    into, part = await duplicates.of_pair(session, item.subject, item.ref)
    await duplicates.merge(
        session, desk.uris, desk.actor, into.slug, part.slug, by=by, reason=decision.reason,
        message=decision.message,
    )  # fmt: skip
    return True


async def keep_apart(
    session: Session, _desk: Desk, item: Item, decision: Decision, by: str
) -> Told:
    """Two entries are two, for good."""
    await duplicates.keep_apart(session, item.subject, item.ref, by=by, reason=decision.reason)
    return True


async def found_true(
    session: Session, _desk: Desk, item: Item, decision: Decision, by: str
) -> Told:
    """A reviewer has looked, and found the entry true."""
    entry = await members.find(session, item.subject, hold=True)
    if entry is not None:
        await still_true.affirm(session, entry, by=by)
    return not decision.message


async def archive(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """An entry that nobody stands by any more is archived; its page stays."""
    await archiving.archive(
        session, desk.uris, desk.actor, item.subject, by=by, reason=decision.reason,
        message=decision.message, is_closed=decision.reason == "closed",
    )  # fmt: skip
    return True


async def trust_again(
    session: Session, _desk: Desk, item: Item, decision: Decision, by: str
) -> Told:
    """A doubt is cleared up: a label that it hid may be seen again."""
    entry = await members.find(session, item.subject, hold=True)
    life = await liveness.of(session, entry.id) if entry is not None else None
    if item.ref in CAUSES and life is not None and life.hidden_at is not None:
        await suspicion.unhide(session, item.subject, by=by, reason=decision.reason)
    return not decision.message


async def distrust(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """A member is in other hands: suspended; of a look-alike its asking is decided by itself."""
    entry = await members.find(session, item.subject, hold=True)
    if item.ref not in CAUSES or entry is None or entry.state != "member":
        return not decision.message
    await membership.decide(
        session, desk.uris, desk.actor, item.subject, "suspend", reason=decision.reason,
        message=decision.message, by=by,
    )  # fmt: skip
    return True


async def grant(session: Session, desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """An appeal is granted: what was suspended or refused is in again; else it is said, and done.

    What a statement's attestation or label became is for a reviewer to give anew.
    """
    entry = await members.find(session, item.subject)
    deed: Deed | None = {"suspended": "restore", "refused": "accept"}.get(  # type: ignore[assignment]
        entry.state if entry else ""
    )
    await _judged(session, item, "appeal-granted", decision, by)
    if deed is None:
        return False
    await membership.decide(
        session, desk.uris, desk.actor, item.subject, deed, reason="appeal",
        message=decision.message, by=by,
    )  # fmt: skip
    return not decision.message


async def dismiss(session: Session, _desk: Desk, item: Item, decision: Decision, by: str) -> Told:
    """An appeal is dismissed: the decision stands, and the member hears why."""
    await _judged(session, item, "appeal-dismissed", decision, by)
    return False


async def _judged(session: Session, item: Item, act: str, decision: Decision, by: str) -> None:
    entry = await members.find(session, item.subject)
    facts: dict[str, Any] = {"against": str(item.facts.get("against", ""))}
    if {person(by), person(item.seconded_by)} & await contest.deciders(session, item):
        facts["by_decider"] = True  # nobody else could, and everybody may know
    await log.record(
        session, act, subject=item.subject, by=by, reason=decision.reason, facts=facts,
        is_public=entry is not None and entry.state in contest.SHOWN_STATES,
    )  # fmt: skip


async def take_off(session: Session, _desk: Desk, item: Item, _decision: Decision, by: str) -> Told:
    """An organisation that was listed unasked is taken off for good."""
    entry = await members.find(session, item.subject, hold=True)
    if entry is not None and entry.state == "invited":
        await claim.take_off(session, entry, by=by)
    return True


async def settle_claim(
    session: Session, _desk: Desk, item: Item, _decision: Decision, _by: str
) -> Told:
    """What an invited organisation asked has been dealt with."""
    await claim.close(session, int(item.ref))
    return True


EFFECTS: Mapping[tuple[Kind, Act], Effect] = {
    ("join", "publish"): accept,
    ("join", "refuse"): refuse,
    ("statement", "publish"): attest_statement,
    ("endorsement", "refuse"): drop_endorsement,
    ("appeal", "publish"): grant,
    ("appeal", "refuse"): dismiss,
    ("claim", "publish"): settle_claim,
    ("claim", "refuse"): settle_claim,
    ("take-off", "publish"): take_off,
    ("take-off", "refuse"): settle_claim,
    ("report", "publish"): close_report,
    ("report", "refuse"): close_report,
    ("duplicate", "publish"): merge,
    ("duplicate", "refuse"): keep_apart,
    ("stale", "publish"): found_true,
    ("stale", "refuse"): archive,
    ("silent", "refuse"): archive,
    ("suspicion", "publish"): trust_again,
    ("suspicion", "refuse"): distrust,
}
"""Where no line stands, the item is closed with its reason and the member told, no more."""


async def carry_out(session: Session, desk: Desk, item: Item) -> Item:
    """A decision takes effect; the item as it is then.

    Raises:
        RefusedError: what it decides is no longer possible.
    """
    decision = item.decision
    assert item.state == "decided" and decision is not None
    told = False
    if decision.act in {"publish", "refuse"}:
        # done first: what the effect settles elsewhere finds nothing waiting any more
        done = await move(session, item, "effect", by=SYSTEM, keep=True)
        effect = EFFECTS.get((item.kind, decision.act))
        if effect is not None:
            told = await effect(session, desk, item, decision, item.by)
        if not told:
            await _tell(session, desk, item, decision)
        return done
    note_uri = await _tell(session, desk, item, decision)
    return await move(
        session, item, "send" if decision.act == "ask" else "later", by=SYSTEM, act="sent",
        due_at=clock.midnight(decision.until), note_uri=note_uri, keep=True,
    )  # fmt: skip


async def _tell(session: Session, desk: Desk, item: Item, decision: Decision) -> str:
    """Tell the member in a review; its uri, "" where there is nobody or nothing to tell."""
    to = await remotes.get(session, item.subject)
    if to is None or (decision.act == "publish" and not decision.message):
        return ""
    language = decision.language or desk.settings.language
    said = Review(
        act=decision.act,
        about=str(item.facts.get("statement") or item.subject),
        digest=str(item.facts.get("digest") or ""),
        commitments=decision.commitments,
        reason=decision.reason,
        message={language: decision.message} if decision.message else {},
        until=decision.until,
    )
    return await review.send(session, desk.uris, desk.actor, to, said)


async def due(session: Session, desk: Desk, number: int) -> bool:
    """An item's time has come: its decision takes effect, or it comes back; False if not any more.

    Raises:
        RefusedError: what was decided is no longer possible.
    """
    item = await the_item(session, number, hold=True)
    if item.due_at is None or item.due_at > clock.now_ms():
        return False
    if item.state == "decided":
        await carry_out(session, desk, item)
    else:
        await move(session, item, "return", by=SYSTEM)
    return True


async def failed(session: Session, number: int, error: PecfedError) -> None:
    """A decision could not take effect: it is open again, with the cause for the reviewers."""
    item = await the_item(session, number, hold=True)
    if item.state == "decided" and item.due_at is not None and item.due_at <= clock.now_ms():
        await move(session, item, "fail", by=SYSTEM, words=error.message)


async def answered(session: Session, subject: str, note_uri: str, text: str, by: str) -> bool:
    """A member answered a reviewer's question (`queue.hear`); False where nothing waits.

    Args:
        session: the transaction.
        subject: the member's actor.
        note_uri: the review that is answered, "" where that isn't told.
        text: what it says.
        by: who answered, an actor's uri.
    """
    number = await queue.told_by(session, note_uri) if note_uri else None
    item = await queue.get(session, number, hold=True) if number is not None else None
    if item is not None and (item.subject != subject or item.state == "done"):
        item = None
    if item is None:
        found = [await queue.waiting(session, kind, subject, "") for kind in ("statement", "join")]
        item = next((each for each in found if each is not None), None)
    if item is None:
        return False
    await hear(session, item, text, by=by)
    return True
