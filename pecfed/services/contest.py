"""Due process at a hub: a member's right of reply, its appeal, and how fast it is answered."""

from __future__ import annotations

from collections.abc import Mapping

from pecfed import clock
from pecfed.domain.contest import (
    DAY,
    MAX_REPLY,
    UNCERTAIN,
    AnswerTime,
    Contested,
    answer_time,
    decision,
    standing_decision,
)
from pecfed.domain.log import person
from pecfed.domain.membership import REASONS
from pecfed.domain.queue import Act, Kind
from pecfed.domain.suspicion import CAUSES
from pecfed.domain.text import clean
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, UsageError
from pecfed.language.criteria import criteria
from pecfed.services import log
from pecfed.services.queue import hear, open_item
from pecfed.store import log as lines
from pecfed.store import member_replies, members, queue
from pecfed.store.database import Session
from pecfed.store.member_replies import MemberReply
from pecfed.store.members import Member
from pecfed.store.queue import Item
from pecfed.store.reviews import Letter

SHOWN_STATES = frozenset({"member", "archived"})
"""Whose entry is public without its reply; of the others a reply is all there is."""
WAITING = "waiting"
"""Why a reply isn't shown: a person looks at it first."""
YEAR = 365 * DAY
SECONDED: Mapping[str, tuple[Kind, Act, tuple[str, ...]]] = {
    "refuse": ("join", "refuse", ("",)),
    "suspend": ("suspicion", "refuse", CAUSES),
    "question": ("statement", "publish", ("",)),
}
"""Which item of the queue a decision comes from, and how it ended: the log names one of two."""


async def contested(session: Session, entry: Member) -> Contested | None:
    """The decision about an entry that its member can contest, as the log has it."""
    history = await members.history(session, entry.id)
    return standing_decision((each.deed, each.reason, each.at, each.facts) for each in history)


async def deciders(session: Session, appeal: Item) -> set[str]:
    """The people who made the decision that an appeal contests, by the log and the queue."""
    against = str(appeal.facts.get("against", ""))
    entry = await members.by_uri(session, appeal.subject)
    history = await lines.of_member(session, entry.id) if entry else []
    acts = [each.act for each in reversed(history)]
    made = next((each for each in acts if decision(each.act, each.facts) == against), None)
    if made is None:
        return set()
    found = {made.by, *made.private.get("with", ())}
    if against in SECONDED:
        kind, act, refs = SECONDED[against]
        for ref in refs:
            item = await queue.last(session, kind, appeal.subject, ref, act)
            if item is not None and item.by == made.by:
                found.add(item.seconded_by)
    return {person(each) for each in found if each}


async def replied(session: Session, _uris: Uris, letter: Letter) -> None:
    """A member uses its right of reply, or (by an empty text) takes its reply back.

    It is shown beside what it contests, word for word, and only then; the reply of
    somebody who was refused or suspended for abuse waits for a person.
    """
    entry = await members.by_uri(session, letter.other_uri)
    if entry is None:
        return
    texts = {tag: clean(text, MAX_REPLY) for tag, text in letter.review.message.items()}
    texts = {tag: text for tag, text in texts.items() if text}
    is_public = entry.state in SHOWN_STATES
    if not texts:
        if await member_replies.remove(session, letter.other_uri):
            await log.record(
                session, "reply-withdrawn", subject=letter.other_uri, by=letter.other_uri,
                is_public=is_public,
            )  # fmt: skip
        return
    against = await contested(session, entry)
    if against is None:
        return
    hidden = WAITING if not is_public and against.reason in UNCERTAIN else ""
    await member_replies.put(session, letter.other_uri, letter.uri, texts, hidden, clock.now_ms())
    await log.record(
        session, "reply", subject=letter.other_uri, by=letter.other_uri, is_public=is_public,
        facts={"against": against.act}, private={"message": texts},
    )  # fmt: skip


async def appealed(session: Session, _uris: Uris, letter: Letter) -> None:
    """A member asks for another look at a decision, within the published term.

    It waits in the queue for somebody who didn't decide before; what is said later about
    the same decision is added to it. Beyond the term, or where there is nothing to contest,
    it is a letter and no more.
    """
    entry = await members.by_uri(session, letter.other_uri)
    against = await contested(session, entry) if entry else None
    if entry is None or against is None:
        return
    if clock.now_ms() - against.at > criteria().days("appeal") * DAY:
        return
    about = {
        "against": against.act,
        "reason": against.reason,
        "decided": clock.from_ms(against.at).date().isoformat(),
    }
    waits = await queue.waiting(session, "appeal", letter.other_uri, "")
    if waits is not None and waits.facts.items() >= about.items():
        words = "\n\n".join(letter.review.message.values())
        await hear(session, waits, words, by=letter.other_uri)
        return
    await open_item(
        session,
        "appeal",
        subject=letter.other_uri,
        facts=about | {"message": dict(letter.review.message), "letter": letter.uri},
    )
    await log.record(
        session, "appeal", subject=letter.other_uri, by=letter.other_uri,
        is_public=entry.state in SHOWN_STATES, facts={"against": against.act},
    )  # fmt: skip


async def answer(
    session: Session, entry: Member
) -> tuple[Contested, MemberReply] | tuple[None, None]:
    """What a listed member contests, with its reply; nothing once the decision no longer stands."""
    reply = await member_replies.get(session, entry.uri) if entry.uri else None
    against = await contested(session, entry) if reply and not reply.hidden else None
    return (against, reply) if against and reply else (None, None)


async def shown(session: Session, slug: str) -> tuple[Member, Contested, MemberReply] | None:
    """An entry that isn't public, by its slug, where its member has replied in public to why."""
    entry = await members.find(session, slug) if slug.isprintable() else None
    if entry is None or entry.uri is None or entry.state not in {"suspended", "refused", "left"}:
        return None
    reply = await member_replies.get(session, entry.uri)
    against = await contested(session, entry)
    if reply is None or reply.hidden or against is None:
        return None
    return entry, against, reply


async def set_shown(session: Session, name: str, *, hide: str, by: str) -> MemberReply:
    """The operator hides a reply for a reason (`hide`), or ("") shows it; logged either way.

    Raises:
        UsageError: there is no such reason.
        NotFoundError: that entry has no reply.
    """
    if hide and hide not in REASONS:
        raise UsageError(f"reason {hide!r}: choose one of {', '.join(REASONS)}")
    entry = await members.find(session, name)
    reply = await member_replies.get(session, entry.uri) if entry and entry.uri else None
    if entry is None or reply is None:
        raise NotFoundError(f"{name!r} has no reply; see: replies list")
    if await member_replies.set_hidden(session, reply.actor_uri, hide):
        await log.record(
            session, "reply-hidden" if hide else "reply-shown", subject=reply.actor_uri, by=by,
            reason=hide, is_public=entry.state in SHOWN_STATES,
        )  # fmt: skip
    found = await member_replies.get(session, reply.actor_uri)
    assert found is not None
    return found


async def answer_times(session: Session) -> AnswerTime:
    """How fast those who asked to enter were answered in the last year, by the log."""
    now = clock.now_ms()
    found = await lines.asks(session, ("ask", "accept", "refuse", "leave"))
    return answer_time(found, now - YEAR, now)
