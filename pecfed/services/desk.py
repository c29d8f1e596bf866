"""The curator's desk: a reviewer decides about what waits, and the decision takes effect.

The pages and the command line call the same functions. A decision made in a page waits
for the setting `undo_seconds`: until then nobody was told, and it can be undone without
a trace in public.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from pecfed import clock
from pecfed.domain.account import may
from pecfed.domain.log import person
from pecfed.domain.membership import REASONS
from pecfed.domain.queue import ACTS, MAX_MESSAGE, Decision
from pecfed.errors import RefusedError, UsageError
from pecfed.language.charter import charter
from pecfed.services import contest
from pecfed.services.effects import Desk, carry_out
from pecfed.services.queue import SYSTEM, move, the_item
from pecfed.store import accounts, queue
from pecfed.store.database import Session
from pecfed.store.queue import Item

TWO = frozenset({"join", "statement", "endorsement", "appeal"})
"""What two reviewers must agree on, where the setting `reviewers` asks for two."""
PUT_OFF = timedelta(days=7)
ANSWER_WITHIN = timedelta(days=30)
"""How long an item is put off, and an answer awaited, where no day is given."""
FARTHEST = timedelta(days=3660)  # a day that is named lies within


async def decide(
    session: Session,
    desk: Desk,
    number: int,
    decision: Decision,
    *,
    by: str,
    version: int | None = None,
    press: str = "",
    at_once: bool = False,
) -> Item:
    """A reviewer decides about an item; as it is then.

    Args:
        session: the transaction.
        desk: this node.
        number: of the item.
        decision: what, why, and the words for the member.
        by: who decides: operator, operator:NAME or reviewer:NAME.
        version: of the item when it was looked at; None for whatever it is now.
        press: names one press of a button; the second time it arrives nothing happens.
        at_once: whether it takes effect now, and not after `undo_seconds`.

    Raises:
        NotFoundError: there is no such item.
        UsageError: the decision lacks something, or names what there isn't.
        RefusedError: somebody else was faster (`changed_meanwhile`), the item is done, a
            second reviewer must be another one, or who decided can't judge an appeal.
    """
    item = await the_item(session, number, hold=True)
    if press and await queue.pressed(session, press) is not None:
        return item
    _check_version(item, version)
    decision = complete(item.kind, decision, clock.now().date())
    if item.kind == "appeal":
        await _check_judge(session, item, by)
    if item.state in {"asked", "later"}:
        item = await move(session, item, "return", by=SYSTEM)
    step = partial(
        move, session, item, by=by, decision=decision, act=decision.act, reason=decision.reason,
        words=decision.message, press=press,
    )  # fmt: skip
    due = clock.now_ms() + desk.settings.undo_seconds * 1000
    two = desk.settings.reviewers > 1 and item.kind in TWO and decision.act in {"publish", "refuse"}
    if item.state == "proposed":
        item = await _second(session, item, decision, by=by, due=due, press=press)
    elif two:
        item = await step("propose")
    elif decision.act == "later" and not decision.message:
        item = await step("later", due_at=clock.midnight(decision.until))
    else:
        item = await step("decide", due_at=due)
    if at_once and item.state == "decided":
        return await carry_out(session, desk, item)
    return item


async def _second(
    session: Session, item: Item, decision: Decision, *, by: str, due: int, press: str
) -> Item:
    """The second of two reviewers: the same counts, anything else sends it back to both."""
    assert item.decision is not None
    if person(by) == person(item.by):
        raise RefusedError(
            f"item {item.id}: you have decided already; another reviewer must agree",
            status=409, code="another_reviewer",
        )  # fmt: skip
    if not decision.same_as(item.decision):
        return await move(
            session, item, "object", by=by, act=f"object-{decision.act}", reason=decision.reason,
            words=decision.message, press=press,
        )  # fmt: skip
    agreed = item.decision
    if decision.message and not agreed.message:
        agreed = replace(agreed, message=decision.message, language=decision.language)
    return await move(
        session, item, "second", by=by, decision=agreed, seconded_by=by, keep=True, due_at=due,
        reason=decision.reason, words=decision.message, press=press,
    )  # fmt: skip


async def undo(
    session: Session, number: int, *, by: str, version: int | None = None, press: str = ""
) -> Item:
    """Take back a decision that has not taken effect, a proposal, or what was put off.

    A question that went out stays asked, but the item is open again.

    Raises:
        NotFoundError: there is no such item.
        RefusedError: there is nothing to undo (any more), or somebody else was faster.
    """
    item = await the_item(session, number, hold=True)
    if press and await queue.pressed(session, press) is not None:
        return item
    if item.state == "done":
        raise RefusedError(
            f"item {number} is done: its decision took effect", status=409, code="wrong_state"
        )
    _check_version(item, version)
    return await move(session, item, "undo", by=by, press=press)


async def note(session: Session, number: int, text: str, *, by: str, press: str = "") -> Item:
    """Leave a note for the other reviewers; nobody else reads it.

    Raises:
        NotFoundError: there is no such item.
        UsageError: there is no text, or too much.
    """
    item = await the_item(session, number, hold=True)
    said = text.strip()
    if not said or len(said) > MAX_MESSAGE:
        raise UsageError(f"a note has 1 to {MAX_MESSAGE} characters", code="no_note")
    if not press or await queue.pressed(session, press) is None:
        await queue.act(
            session, item.id, clock.now_ms(), by=by, act="note", words=said, press=press
        )
    return item


async def _check_judge(session: Session, item: Item, by: str) -> None:
    """Refuse to let somebody judge an appeal against what they decided, where another could.

    Raises:
        RefusedError: it is for somebody else.
    """
    decided = await contest.deciders(session, item)
    if person(by) not in decided:
        return
    could = {each.name for each in await accounts.everyone(session) if may(each.role, "reviewer")}
    if item.state == "proposed":  # who proposed is no second one
        could.discard(person(item.by))
    if could - decided:
        raise RefusedError(
            "an appeal is for somebody who didn't decide before", status=409, code="own_appeal"
        )


def _check_version(item: Item, version: int | None) -> None:
    """Refuse to decide about an item that isn't as it was looked at.

    Raises:
        RefusedError: somebody else, or the member, was faster.
    """
    if version is not None and version != item.version:
        raise RefusedError(
            f"item {item.id} has changed since you looked at it (it is {item.state} now): "
            "look again, then decide",
            status=409,
            code="changed_meanwhile",
        )


def complete(kind: str, decision: Decision, today: date) -> Decision:
    """A decision with what it leaves open filled in, once it is one that can be carried out.

    Raises:
        UsageError: it lacks something, or names what there isn't.
    """
    message = decision.message.strip()
    if decision.act not in ACTS:
        raise UsageError(f"{decision.act!r}: choose one of {', '.join(ACTS)}", code="pick_some")
    if decision.act != "later" and not decision.reason:
        raise UsageError(
            f"{decision.act}: give a reason, one of {', '.join(REASONS)}", code="no_reason"
        )
    if decision.reason and decision.reason not in REASONS:
        raise UsageError(
            f"reason {decision.reason!r}: choose one of {', '.join(REASONS)}", code="no_reason"
        )
    if decision.act == "ask" and not message:
        raise UsageError("ask: write the question", code="no_question")
    if len(message) > MAX_MESSAGE:
        raise UsageError(f"a message has at most {MAX_MESSAGE} characters", code="too_long")
    _check_ids(kind, decision)
    if decision.label and (decision.questioned or (kind, decision.act) != ("statement", "publish")):
        raise UsageError(
            "the label goes with a statement of which every principle is confirmed", code="no_label"
        )
    return replace(decision, message=message, until=_until(decision, today))


def _check_ids(kind: str, decision: Decision) -> None:
    """Refuse commitments and principles that the charter doesn't have, or that don't belong here.

    Raises:
        UsageError: naming them.
    """
    text = charter()
    for given, known, fits in (
        (decision.commitments, {each.id for each in text.commitments}, decision.act == "ask"),
        (
            decision.questioned,
            {each.id for each in text.principles},
            (kind, decision.act) == ("statement", "publish"),
        ),
    ):
        if unknown := [each for each in given if each not in known]:
            raise UsageError(f"{unknown[0]!r} is none of {', '.join(sorted(known))}")
        if given and not fits:
            raise UsageError(f"{decision.act}: {given[0]!r} doesn't belong to such a decision")


def _until(decision: Decision, today: date) -> str:
    """The day that a decision names, or the usual one.

    Raises:
        UsageError: it is no day, past, or too far away.
    """
    usual = {"later": PUT_OFF, "ask": ANSWER_WITHIN}.get(decision.act)
    if decision.act == "refuse" or (not decision.until and usual is None):
        return ""
    if not decision.until:
        assert usual is not None
        return (today + usual).isoformat()
    try:
        day = date.fromisoformat(decision.until)
    except ValueError:
        raise UsageError(
            f"{decision.until!r} is no day; write it as 2027-05-12", code="no_day"
        ) from None
    if not today < day <= today + FARTHEST:
        raise UsageError(f"{decision.until}: choose a day to come, within ten years", code="no_day")
    return day.isoformat()
