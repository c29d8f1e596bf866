"""Reviews come in: kept once, within bounds, from those who may write them; and are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from pecfed import clock
from pecfed.domain.review import MAX_MESSAGE, Review
from pecfed.domain.statement import Statement, digest
from pecfed.domain.text import clean, pick
from pecfed.domain.uris import Uris, host_of
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import contest as contest_rules
from pecfed.services import effects
from pecfed.services import review as sending
from pecfed.services.notices import notice
from pecfed.store import actors, blocks, members, memberships, objects, remotes, reviews
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor
from pecfed.store.reviews import Letter

OF_A_HUB = frozenset({"ask", "publish", "refuse", "later", "still-true"})
"""What a hub writes to those who asked it, or are its members."""
OF_A_MEMBER = frozenset({"answer", "appeal", "right-of-reply"})
"""What they write to the hub."""
CONTESTING = ("right-of-reply", "take-back", "appeal")
"""How a member contests a hub's decision; taking a reply back is an empty one."""
AMONG_MEMBERS = frozenset({"endorse-please"})
"""What members write to each other."""
WAITING = ("ask", "endorse-please")
"""What, once it is sent, waits for the other's word."""
MAX_A_DAY = 20
"""Reviews of one actor that are kept in a day …"""
MAX_A_DAY_OF_HOST = 60
"""… and of one host."""
MAX_WAITING = 100
"""Requests for an endorsement that wait for one of our actors."""
MAX_SENT = 500
"""Requests of our own that are looked through, the newest first."""
DAY = 86_400_000  # milliseconds

Heard = Callable[[Session, Uris, Letter], Awaitable[None]]


async def _answered(session: Session, _uris: Uris, letter: Letter) -> None:
    """What a reviewer asked about waits for the reviewer again."""
    said, by = letter.review, letter.other_uri
    await effects.answered(session, by, said.reply_to, pick(said.message, "fr")[1], by)


HEARD: Mapping[str, Heard] = {
    "answer": _answered,
    "right-of-reply": contest_rules.replied,
    "appeal": contest_rules.appealed,
}
"""What else happens when a hub hears a review of a member, by its act."""
NOTICES: Mapping[str, str] = {
    "ask": "question",
    "publish": "decision",
    "refuse": "decision",
    "later": "decision",
    "still-true": "still-true",
    "endorse-please": "endorse-please",
    "answer": "answer",
    "appeal": "appeal",
    "right-of-reply": "reply",
}


async def received(
    session: Session, uris: Uris, uri: str, author: RemoteActor, to: LocalActor, review: Review
) -> str:
    """Keep a review that was sent to an actor of ours; what came of it, in a word."""
    if await reviews.by_uri(session, uri) is not None:
        return "known"
    if not await _may_write(session, author.uri, to, review.act):
        return "not theirs to say"
    now, host = clock.now_ms(), host_of(author.uri)
    of_actor, of_host = await reviews.room(session, author.uri, host, now - DAY)
    if of_actor >= MAX_A_DAY or of_host >= MAX_A_DAY_OF_HOST:
        return "too many in a day"
    if review.act in AMONG_MEMBERS and (
        await reviews.count_open(session, to.id, sorted(AMONG_MEMBERS)) >= MAX_WAITING
    ):
        return "too many wait"
    await reviews.add(
        session,
        uri=uri,
        actor_id=to.id,
        other_uri=author.uri,
        host=host,
        handle=author.handle,
        name=author.name,
        is_sent=False,
        review=replace(review, to=to.uri),
        state="open",
        now=now,
    )
    letter = await reviews.by_uri(session, uri)
    assert letter is not None
    if review.act in HEARD:
        await HEARD[review.act](session, uris, letter)
    await _tell(session, to, letter)
    return review.act


async def _may_write(session: Session, author_uri: str, to: LocalActor, act: str) -> bool:
    """Whether that is theirs to say: a hub to who asked it, a member to its hub, or each other."""
    if to.card == "hub":
        return act in OF_A_MEMBER and await members.state_of(session, author_uri) is not None
    if act in OF_A_HUB:
        return await memberships.get(session, to.id, author_uri) is not None
    return act in AMONG_MEMBERS


async def _tell(session: Session, to: LocalActor, letter: Letter) -> None:
    """A notice for who runs this node."""
    kind = NOTICES.get(letter.review.act)
    if kind is None:
        return
    is_hub = to.card == "hub"
    await notice(
        session,
        kind,
        subject=letter.other_uri,
        to="reviewers" if is_hub else "operators",
        facts={"name": letter.name or letter.handle, "path": _path(to, letter, is_hub=is_hub)},
        ref=letter.uri,
    )


def _path(to: LocalActor, letter: Letter, *, is_hub: bool) -> str:
    """Where on this node it is dealt with."""
    if is_hub:
        return "/admin/queue"
    if letter.review.act in AMONG_MEMBERS:
        return "/admin/requests"
    return f"/admin/assessment/{to.username}"


async def waiting(session: Session, actor: LocalActor) -> int:
    """How many reviews nobody has answered or put aside that were sent to an actor of ours."""
    return await reviews.count_open(session, actor.id, sorted(OF_A_HUB | AMONG_MEMBERS))


async def the_letter(session: Session, actor: LocalActor, number: int) -> Letter:
    """A received review of that actor's, held.

    Raises:
        NotFoundError: there is none with that number.
    """
    found = await reviews.get(session, number, hold=True)
    if found is None or found.actor_id != actor.id or found.is_sent:
        raise NotFoundError(f"{actor.username} got no review {number}")
    return found


def words(text: str, language: str) -> dict[str, str]:
    """A message as its writer typed it, by language.

    Raises:
        UsageError: there is no text, or too much.
    """
    said = clean(text.replace("\r\n", "\n"), len(text) + 1)
    if not said or len(said) > MAX_MESSAGE:
        raise UsageError(f"write 1 to {MAX_MESSAGE} characters", code="bad_message")
    return {language: said}


async def answer(
    session: Session, uris: Uris, actor: LocalActor, number: int, text: str, language: str
) -> str:
    """Answer a hub's question; the answer's uri. The question is done with.

    Raises:
        NotFoundError: there is no such question.
        UsageError: there is no text, or too much.
        RefusedError: the hub is blocked, or was never read.
    """
    message = words(text, language)
    question = await the_letter(session, actor, number)
    if question.review.act not in OF_A_HUB:
        raise NotFoundError(f"{number} is no question of a hub")
    said = Review(
        act="answer",
        about=question.review.about,
        digest=await _current(session, actor, question.review),
        commitments=question.review.commitments,
        message=message,
    )
    uri = await _send(session, uris, actor, question.other_uri, said, reply_to=question.uri)
    await reviews.set_state(session, question.id, "done")
    return uri


async def _current(session: Session, actor: LocalActor, asked: Review) -> str:
    """The digest of the statement as it is now: it may have changed since somebody asked."""
    found = await objects.of_actor(session, actor.uri, "statement", limit=1)
    content = found[0].content if found else None
    if isinstance(content, Statement) and found[0].uri == asked.about:
        return digest(content.to_value())
    return ""


async def ask_endorsement(
    session: Session, uris: Uris, actor: LocalActor, to_uri: str, text: str, language: str
) -> str:
    """Ask another member to endorse the statement of an actor of ours; the request's uri.

    Raises:
        RefusedError: nothing is published, it was asked already, or it can't be written to.
        UsageError: there is too much text.
    """
    found = await objects.of_actor(session, actor.uri, "statement", limit=1)
    content = found[0].content if found else None
    if not isinstance(content, Statement):
        raise RefusedError(
            f"{actor.username} has published no statement yet", status=409, code="no_statement"
        )
    asked = Review(
        act="endorse-please",
        about=found[0].uri,
        digest=digest(content.to_value()),
        message=words(text, language) if text.strip() else {},
    )
    if await reviews.is_asked(session, actor.id, to_uri, asked.act, asked.digest):
        raise RefusedError(
            f"{to_uri} was asked already about this statement", status=409, code="asked"
        )
    return await _send(session, uris, actor, to_uri, asked)


async def endorsed(session: Session, actor: LocalActor, endorser_uri: str, of_digest: str) -> None:
    """Somebody whom our actor asked has endorsed its statement; the request is done with.

    Nobody is told of an endorsement that wasn't asked for: it stands among the conversations.
    """
    for letter in await reviews.of_actor(session, actor.id, MAX_SENT, acts=sorted(AMONG_MEMBERS)):
        asked = letter.is_sent and letter.other_uri == endorser_uri and letter.state == "open"
        if asked and letter.review.digest == of_digest:
            await reviews.set_state(session, letter.id, "done")
            await notice(
                session,
                "endorsement",
                subject=endorser_uri,
                facts={
                    "name": letter.name or letter.handle,
                    "path": f"/admin/assessment/{actor.username}/endorsements",
                },
                ref=letter.uri,
            )


async def contest(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    hub_uri: str,
    act: str,
    text: str,
    language: str,
) -> str:
    """Contest what a hub decided about an actor of ours; the review's uri.

    `act` is one of `CONTESTING`: a reply that the hub shows, taking it back, or an appeal.

    Raises:
        UsageError: the act is none, or there is no text, or too much.
        RefusedError: the actor never asked that hub, or it can't be written to.
    """
    if act not in CONTESTING:
        raise UsageError(f"choose one of {', '.join(CONTESTING)}")
    if await memberships.get(session, actor.id, hub_uri) is None:
        raise RefusedError(
            f"{actor.username} never asked {hub_uri}", status=409, code="no_membership"
        )
    message = {} if act == "take-back" else words(text, language)
    said = Review(
        act="appeal" if act == "appeal" else "right-of-reply", about=actor.uri, message=message
    )
    return await _send(session, uris, actor, hub_uri, said)


async def settle(session: Session, actor: LocalActor, number: int) -> Letter:
    """A received review needs nothing more.

    Raises:
        NotFoundError: there is none with that number.
    """
    found = await the_letter(session, actor, number)
    await reviews.set_state(session, found.id, "done")
    return replace(found, state="done")


async def _send(
    session: Session, uris: Uris, actor: LocalActor, to_uri: str, said: Review, reply_to: str = ""
) -> str:
    """Send a review and keep it beside those that came.

    Raises:
        RefusedError: the other is unknown, ours, or blocked.
    """
    to = await remotes.get(session, to_uri)
    if to is None or await actors.by_uri(session, to_uri) is not None:
        raise RefusedError(f"{to_uri} can't be written to from here", code="unknown_actor")
    if await blocks.blocked(session, [to_uri]):
        raise RefusedError(f"{to_uri} is blocked: end the block first", code="blocked")
    uri = await sending.send(session, uris, actor, to, said, reply_to=reply_to)
    await reviews.add(
        session,
        uri=uri,
        actor_id=actor.id,
        other_uri=to.uri,
        host=host_of(to.uri),
        handle=to.handle,
        name=to.name,
        is_sent=True,
        review=replace(said, to=to.uri, handle=to.handle, reply_to=reply_to),
        state="open" if said.act in WAITING else "done",
        now=clock.now_ms(),
    )
    return uri
