"""On a hub: what waits for a reviewer comes into the queue, and goes when it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.log import ROLES
from pecfed.domain.queue import ACTS, Act, Decision, Kind, Step, after
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import log
from pecfed.services.notices import notice
from pecfed.store import members, queue
from pecfed.store.database import Session
from pecfed.store.queue import Item

TOLD = frozenset({"join", "statement", "endorsement", "report"})
"""Of what waits those kinds that are told here; the others tell of themselves."""
SYSTEM = "hub"
"""Who acts where nobody does: time, or an event elsewhere."""


async def open_item(
    session: Session, kind: Kind, *, subject: str, ref: str = "", facts: Mapping[str, Any] = {}
) -> int:
    """Something waits for a reviewer; the item's number.

    One item waits for each kind, subject and ref. Opened again with the same facts it
    stays as it is; with others it has these from now on, and what was decided about the
    former ones and has not taken effect is dropped, since it was about something else.

    Args:
        session: the transaction of what makes it wait.
        kind: a kind of domain/queue.py.
        subject: the actor's uri, or the slug of an entry without an actor.
        ref: what of the subject's it is about, as the uri of a statement; "" for itself.
        facts: JSON values that a reviewer should see, small ones.
    """
    is_new = await queue.add(session, kind, subject, ref, facts, clock.now_ms())
    item = await queue.waiting(session, kind, subject, ref)
    assert item is not None
    if is_new and kind in TOLD:
        entry = await members.find(session, subject)
        told = {"name": entry.name if entry else subject, "path": f"/admin/queue/{item.id}"}
        await notice(
            session, kind, subject=subject, to="reviewers", facts=told, ref=f"queue {item.id}"
        )
    if item.facts != facts:
        await move(session, item, "change", by=SYSTEM, facts=facts)
    return item.id


async def close_item(
    session: Session,
    kind: Kind,
    *,
    subject: str,
    ref: str = "",
    decision: str,
    by: str,
    reason: str = "",
) -> bool:
    """What waited was settled elsewhere: by a command, or by the member; False if nothing waited.

    Args:
        session: the transaction of what settled it.
        kind: of the item.
        subject: of the item.
        ref: of the item.
        decision: in a word, what happened: publish, refuse, withdrawn, left …
        by: who did it.
        reason: the reason code, if there is one.
    """
    item = await queue.waiting(session, kind, subject, ref)
    if item is None:
        return False
    act = is_act(decision)
    made = Decision(act, reason) if act else None
    await move(session, item, "close", by=by, decision=made, act=decision, reason=reason)
    return True


async def reviewed(session: Session, subject: str) -> str:
    """The digest of the statement of that actor's which was reviewed last; "" for none."""
    last = await queue.last(session, "statement", subject, "", "publish")
    return str(last.facts.get("digest") or "") if last else ""


async def goes_along(session: Session, old: str, new: str) -> None:
    """An entry is another actor's from now on: its request goes along, what else waited is over."""
    for item in await queue.of_subject(session, old):
        if item.state == "done":
            continue
        await close_item(session, item.kind, subject=old, ref=item.ref, decision="moved", by=old)
        if item.kind == "join":
            await open_item(session, "join", subject=new, facts=item.facts)


async def drop_proposals(session: Session, name: str) -> None:
    """An account decides nothing any more: what it proposed is open again, for two others."""
    for item in await queue.proposed_by(session, [f"{role}:{name}" for role in ROLES]):
        await move(session, item, "undo", by=SYSTEM)


async def hear(session: Session, item: Item, words: str, *, by: str) -> None:
    """A member says something about an item, which is held.

    What waits for its words, or was put off, is open again; to anything else they are
    added, and neither decision nor version change.
    """
    if after(item.state, "answer") is not None:
        await move(session, item, "answer", by=by, words=words)
    else:
        await queue.act(session, item.id, clock.now_ms(), by=by, act="answer", words=words)


async def move(
    session: Session,
    item: Item,
    step: Step,
    *,
    by: str,
    decision: Decision | None = None,
    seconded_by: str = "",
    keep: bool = False,
    due_at: int | None = None,
    facts: Mapping[str, Any] | None = None,
    act: str = "",
    reason: str = "",
    words: str = "",
    note_uri: str = "",
    press: str = "",
) -> Item:
    """Take a step with an item, which is held, and write the act down.

    Args:
        session: the transaction.
        item: as it is now.
        step: of the table in domain/queue.py.
        by: who acts.
        decision: what stands on the item from now on, decided by whoever acts.
        seconded_by: who agreed with the one who decided before.
        keep: whether what was decided stands as it is, by whom it was.
        due_at: when it takes effect, or the item comes back; milliseconds since 1970.
        facts: new facts.
        act: the word for what was done; the step's own when left out.
        reason: the reason code.
        words: the message or note.
        note_uri: the id of the review that told the member.
        press: the press of a button that this is.

    Raises:
        RefusedError: the item's state doesn't allow that.
    """
    state = after(item.state, step)
    if state is None:
        raise RefusedError(
            f"item {item.id} is {item.state}: can't {step} it", status=409, code="wrong_state"
        )
    now = clock.now_ms()
    decider = by if decision else ""
    if keep:
        decision, decider = decision or item.decision, item.by
        seconded_by = seconded_by or item.seconded_by
    await queue.put(
        session, item, state, now, decision=decision, by=decider, seconded_by=seconded_by,
        due_at=due_at, facts=facts,
    )  # fmt: skip
    await queue.act(
        session, item.id, now, by=by, act=act or step, reason=reason, words=words,
        decision=decision, note_uri=note_uri, press=press,
    )  # fmt: skip
    if is_somebody(by):
        await log.record(
            session, "desk", subject=item.subject, by=by, reason=reason, is_public=False,
            facts={"item": item.id, "kind": item.kind, "act": act or step},
            before={"item": item.state}, after={"item": state},
            private={"message": words} if words else {},
        )  # fmt: skip
    return await the_item(session, item.id)


def is_somebody(by: str) -> bool:
    """Whether an operator or reviewer acts, and not time or a member."""
    return by != SYSTEM and by.partition(":")[0] in ROLES


async def the_item(session: Session, number: int, *, hold: bool = False) -> Item:
    """The item with that number.

    Raises:
        NotFoundError: there is none.
    """
    found = await queue.get(session, number, hold=hold)
    if found is None:
        raise NotFoundError(f"the queue has no item {number}; see: pecfed queue list")
    return found


def is_act(word: str) -> Act | None:
    """The word as an act of a reviewer, where it is one."""
    return next((act for act in ACTS if act == word), None)
