"""Once a year a hub asks each member "still true?", who answers by one of three links.

Each link is a secret for one answer, works for sixty days, and does nothing until the button
on its page is pressed: what only looks at links (previews, scanners of mail) answers nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import cast

from pecfed import clock
from pecfed.domain.liveness import ANSWER_WITHIN, ANSWERS, DAY, Answer
from pecfed.domain.review import Review
from pecfed.domain.text import Texts
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import archiving, log, notices, queue, review
from pecfed.services.likeness import subject
from pecfed.settings import Settings
from pecfed.store import liveness, members, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member

AT_ONCE = 20
"""Members asked in one transaction, so that a yearly wave holds up nobody."""
ASKING: Texts = {
    "fr": "Bonjour ! Une fois par an, {hub} demande à ses membres si leur fiche est encore "
    "juste : {page}\n\nToujours vrai : {true}\n\nÀ modifier : {change}\n\nÀ archiver : {archive}"
    "\n\nChaque lien ouvre une page qui demande confirmation ; ils servent jusqu’au {until}. "
    "Ne les transmettez à personne. Sans réponse, la fiche reste, en gris.",
    "en": "Hello! Once a year {hub} asks its members whether their entry is still true: {page}"
    "\n\nStill true: {true}\n\nTo be changed: {change}\n\nTo be archived: {archive}\n\nEach link "
    "opens a page that asks you to confirm; they work until {until}. Pass them on to nobody. "
    "Without an answer the entry stays, in grey.",
}


def path(token: str) -> str:
    """The path of a link's page."""
    return f"/still-true/{token}"


def hashed(token: str) -> str:
    """What is kept of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def ask(session: Session, uris: Uris, hub: LocalActor, entry: Member) -> bool:
    """Ask one member now, by a direct note; False where we don't know its actor's inbox.

    The links of an earlier question stop working. The tokens stand in the note that waits
    to be delivered, and nowhere else.
    """
    actor = await remotes.get(session, entry.uri) if entry.uri else None
    if actor is None or actor.gone_at is not None:
        return False
    now = clock.now_ms()
    await liveness.needed(session, entry.id, now)
    tokens = {answer: secrets.token_urlsafe(24) for answer in ANSWERS}
    until_at = now + ANSWER_WITHIN
    await liveness.asked(
        session, entry.id, now, [(hashed(tokens[answer]), answer) for answer in ANSWERS], until_at
    )
    until = clock.from_ms(until_at).date().isoformat()
    words = {answer: uris.base + path(token) for answer, token in tokens.items()} | {
        "hub": hub.profile.name,
        "page": f"{uris.base}/members/{entry.slug}",
        "until": until,
    }
    message = {tag: text.format(**words) for tag, text in ASKING.items()}
    asked = Review("still-true", actor.uri, message=message, until=until)
    await review.send(session, uris, hub, actor, asked)
    return True


async def ask_due(session: Session, uris: Uris, hub: LocalActor, settings: Settings) -> int:
    """Ask the members whose year is over; how many."""
    before = clock.now_ms() - settings.still_true_days * DAY
    due = await liveness.to_ask(session, before, AT_ONCE)
    for entry in due:
        life = await liveness.of(session, entry.id, hold=True)
        if life is None or life.signs.asked_at is not None:
            continue  # another process was faster
        if not await ask(session, uris, hub, entry):
            await liveness.affirmed(session, entry.id, clock.now_ms())  # its silence is told
    return len(due)


async def tell_unanswered(session: Session, settings: Settings) -> None:
    """What waits for a reviewer because nobody answered, or looked at it, for so long."""
    now = clock.now_ms()
    for entry in await liveness.unanswered(session, now - ANSWER_WITHIN, AT_ONCE):
        await _stale(session, entry, "no-answer", now)
    for entry in await liveness.old_facts(session, now - settings.still_true_days * DAY, AT_ONCE):
        await _stale(session, entry, "old-facts", now)


async def _stale(session: Session, entry: Member, why: str, now: int) -> None:
    facts = {"name": entry.name, "entry": entry.slug, "why": why}
    await liveness.told(session, entry.id, "stale", now)
    await queue.open_item(session, "stale", subject=subject(entry), facts=facts)
    await notices.notice(
        session, "stale", subject=subject(entry), to="reviewers", facts={"name": entry.name},
        ref=clock.from_ms(now).date().isoformat(),
    )  # fmt: skip


async def read(session: Session, token: str, *, hold: bool = False) -> tuple[Member, Answer]:
    """What the link with that token is for; `hold` as in `members.find`.

    Raises:
        NotFoundError: it never worked, or no longer does.
    """
    found = await liveness.link(session, hashed(token), clock.now_ms())
    entry = await members.by_id(session, found[0], hold=hold) if found else None
    if found is None or entry is None or entry.state != "member":
        raise NotFoundError("no such link", safe="this link was used already, or its time is over")
    return entry, cast(Answer, found[1])


async def answered(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    token: str,
    *,
    successor: str = "",
    is_closed: bool = False,
) -> tuple[Member, Answer]:
    """The button on a link's page was pressed: the entry, and what was answered.

    All links of the question stop working. `successor` and `is_closed` as in
    `archiving.archive`, where that is the answer.

    Raises:
        NotFoundError: the link doesn't work (any more).
        UsageError: the successor is no web address.
    """
    entry, answer = await read(session, token, hold=True)
    now = clock.now_ms()
    by = subject(entry)
    if answer == "archive":
        reason = "closed" if is_closed else "asked-by-member"
        return await archiving.archive(
            session, uris, hub, entry.slug, by=by, reason=reason, successor=successor,
            is_closed=is_closed,
        ), answer  # fmt: skip
    if answer == "true":
        await affirm(session, entry, by=by)
    else:  # it is asked as if now: nobody looks again before the time for an answer is over
        await liveness.asked(session, entry.id, now, (), now)
        await _said(session, entry, answer, by)
    return entry, answer


async def affirm(session: Session, entry: Member, *, by: str) -> None:
    """An entry is said to be true today, with its line in the log.

    Raises:
        RefusedError: it isn't listed, so that there is nothing to say of it.
    """
    if entry.state not in {"member", "invited"}:
        raise RefusedError(f"{entry.slug} is {entry.state}, not listed", code="wrong_state")
    now = clock.now_ms()
    await liveness.needed(session, entry.id, now)
    await liveness.affirmed(session, entry.id, now)
    await _said(session, entry, "true", by)


async def _said(session: Session, entry: Member, answer: Answer, by: str) -> None:
    await log.record(
        session, "still-true", subject=subject(entry), by=by, facts={"answer": answer},
        is_public=entry.state == "member",
    )  # fmt: skip
    await queue.close_item(session, "stale", subject=subject(entry), decision=answer, by=by)


async def changed(session: Session) -> None:
    """Whoever was asked and has published or corrected its statement since has answered by that."""
    for entry, at in await liveness.changed_since_asked(session):
        await liveness.affirmed(session, entry.id, at)
        await queue.close_item(
            session, "stale", subject=subject(entry), decision="changed", by=subject(entry)
        )
