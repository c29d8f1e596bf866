"""On a hub: keeping what members publish in step with its origin."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.content import Content, kind_of
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.statement import Statement, digest
from pecfed.domain.uris import Uris
from pecfed.services import announcing, endorse, evidence, log, queue
from pecfed.store import daily, members, objects, withdrawn
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored

MEMORY = 40 * 86_400_000  # milliseconds
REVIEWED = frozenset({"asked", "member", "suspended"})
"""States whose actor's statement is kept; only members' events and resources are."""
MOST_CHANGES = 50
"""Changes of one member's statements that are kept in a day, each with its line in the log."""
MOST_CHANGES_ASKED = 5
"""… of an applicant's, who may be anybody; the log has none of them."""


async def keep(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    *,
    uri: str,
    actor_uri: str,
    content: Content,
    url: str,
    published_at: int,
    updated_at: int,
    policy: str,
    per_hour: int,
    announce: bool = True,
    created: bool = False,
) -> str:
    """Keep a member's object as its origin has it now; what came of it, in a word.

    An older version than the one we have, one that was withdrawn, and one of
    somebody who is no member are passed over. `policy` and `per_hour`
    (settings.announce, announce_per_hour) and `announce` decide whether a new one is
    passed on to the hub's followers; with its own Create (`created`), one counts as
    new that a reading was faster to bring.
    """
    # versions of one member's objects, and their end, are taken one after another
    state = await members.state_of(session, actor_uri, hold=True)
    kind = kind_of(content)
    if state not in REVIEWED or (state == "asked" and kind != "statement"):
        return "not a member's"
    if await withdrawn.holds(session, uri, actor_uri, clock.now_ms()):
        return "withdrawn before"
    known = await objects.get(session, uri)
    if known is not None:
        if known.actor_uri != actor_uri or known.actor_id is not None:
            return "somebody else's"
        if known.deleted_at is not None:
            return "withdrawn before"
        if known.kind != kind:
            return "of another kind"
    is_change = known is None or (updated_at >= known.updated_at and content != known.content)
    if kind == "statement" and is_change and not await _may_change(session, actor_uri, state):
        return "changed too often today"  # a later reading brings what it is by then
    if (known is None or created) and announce and state == "member":
        await announcing.offer(
            session,
            uris,
            hub,
            object_uri=uri,
            author_uri=actor_uri,
            kind=kind,
            policy=policy,
            per_hour=per_hour,
        )
    if known is not None:
        if updated_at < known.updated_at:
            return "older than ours"
        if updated_at == known.updated_at and content == known.content:
            return "known"
    await objects.keep(
        session,
        uri=uri,
        actor_uri=actor_uri,
        actor_id=None,
        content=content,
        url=url,
        published_at=published_at,
        updated_at=updated_at,
    )
    if isinstance(content, Statement):
        await log.declared(session, actor_uri)
        await _to_review(session, uri, actor_uri, content)
        await evidence.look(session, content)
    return "kept"


async def _may_change(session: Session, actor_uri: str, state: str) -> bool:
    """Whether one more change of a statement is kept today, which is counted."""
    most = MOST_CHANGES_ASKED if state == "asked" else MOST_CHANGES
    today = clock.now().date().isoformat()
    return await daily.take(session, actor_uri, "changes", 1, most, today) > 0


async def withdraw(session: Session, uris: Uris, uri: str, actor_uri: str) -> bool:
    """A member withdrew something; True when it was shown here until now.

    The id is remembered for good, so that a Create which arrives late, or again,
    brings nothing back; of an applicant, who may be anybody, for a while. Of those who
    have no entry nothing is remembered: nothing of theirs is kept either.
    """
    state = await members.state_of(session, actor_uri, hold=True)
    known = await objects.get(session, uri)
    if known is not None and known.actor_uri != actor_uri:
        return False
    now = clock.now_ms()
    if known is not None or state in {"member", "suspended"}:
        await withdrawn.add(session, uri, actor_uri, withdrawn.FOR_GOOD)
    elif state is not None:
        await withdrawn.add(session, uri, actor_uri, now + MEMORY)
    await announcing.gone(session, uris, uri, actor_uri)
    if known is None or known.actor_id is not None:
        return False
    await objects.delete(session, uri, now)
    await _reviewed_no_more(session, known)
    return True


async def missing(session: Session, uris: Uris, actor_uri: str, uri: str) -> bool:
    """A member's object is no longer at its origin, though no Delete reached us.

    True when it was shown here until now.
    """
    await members.state_of(session, actor_uri, hold=True)
    known = await objects.get(session, uri)
    if known is None or known.actor_uri != actor_uri or known.actor_id is not None:
        return False
    await announcing.gone(session, uris, uri, actor_uri)
    await objects.delete(session, uri, clock.now_ms())
    await _reviewed_no_more(session, known)
    return known.deleted_at is None


async def _to_review(session: Session, uri: str, actor_uri: str, statement: Statement) -> None:
    """A statement waits for a reviewer, unless this very version was reviewed last."""
    now = digest(statement.to_value())
    last = await queue.reviewed(session, actor_uri)
    if last == now:
        await queue.close_item(
            session, "statement", subject=actor_uri, decision="unchanged", by=actor_uri
        )
        return
    facts = {"statement": uri, "digest": now}
    await queue.open_item(session, "statement", subject=actor_uri, facts=facts)


async def _reviewed_no_more(session: Session, gone: Stored) -> None:
    """A statement or endorsement that was withdrawn counts no more, and waits for no reviewer."""
    if gone.deleted_at is None and isinstance(gone.content, Endorsement):
        await endorse.gone(session, gone.content, gone.uri)
    if gone.kind == "statement":
        await log.declared(session, gone.actor_uri)
    if gone.kind == "statement" and not await objects.of_actor(
        session, gone.actor_uri, "statement", limit=1
    ):
        await queue.close_item(
            session, "statement", subject=gone.actor_uri, decision="withdrawn", by=gone.actor_uri
        )
