"""Endorsements: a member vouches for another; at a hub, they are heard and written into the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pecfed import clock
from pecfed.domain import credential as vc
from pecfed.domain.about import About, last_day
from pecfed.domain.endorsement import (
    MOST_COMMENT,
    MOST_IN_A_DAY,
    Endorsement,
    check_who,
    chosen,
)
from pecfed.domain.statement import Statement
from pecfed.domain.text import NONE, Texts, pick
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import credentials, log, publish, queue
from pecfed.settings import Settings
from pecfed.store import log as lines
from pecfed.store import members, memberships, objects, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored
from pecfed.store.remotes import RemoteActor

DAY = 86_400_000  # milliseconds
TAKEN_BACK = "asked-by-member"
"""The reason code of what its own author takes back."""


async def endorse(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    settings: Settings,
    *,
    member: RemoteActor,
    statement_uri: str,
    statement: Statement,
    commitments: Sequence[str] = (),
    comment: Texts = NONE,
) -> str:
    """Our actor vouches for a member's statement as it was just read; the Note's uri.

    `commitments` are ids of the charter, none of them for the whole statement. The hubs of
    our actor and the member are told. One it gave for the same text before is taken back.

    Raises:
        UsageError: the statement has no such commitment, or the comment is too long.
        RefusedError: our actor is nobody's member, vouches for itself, or says nothing
            new; the statement is over, or not the member's.
    """
    check_who(actor.uri, member.uri)
    if statement.member != member.uri:
        raise RefusedError(f"{statement_uri} is not {member.handle}'s", code="not_its_author")
    if any(len(text) > MOST_COMMENT for text in comment.values()):
        raise UsageError(f"the comment is longer than {MOST_COMMENT} characters")
    picked = chosen(statement, commitments)
    inboxes = await _told(session, actor, member)
    about = About.of(statement, statement_uri, name=member.name, handle=member.handle)
    today = clock.now().date()
    until = last_day(today, settings.endorsement_days, statement.valid_until)
    for stored, given in await _given(session, actor, member.uri):
        if given.about.digest != about.digest or not _holds(given, today):
            continue
        if (given.commitments, dict(given.comment)) == (picked, dict(comment)):
            raise RefusedError(
                f"{actor.username} vouches for that already, until {given.valid_until}",
                status=409,
                code="known",
            )
        await _end(session, uris, actor, stored, given, inboxes)
    language = _language(actor, settings)
    made = await credentials.issue(
        session,
        uris,
        actor,
        vc.Endorsement(about, picked, pick(comment, language)[1]),
        valid_until=until,
        language=language,
    )
    content = Endorsement(
        endorser=actor.uri,
        about=about,
        given=today.isoformat(),
        valid_until=until,
        credential=dict(made.document),
        commitments=picked,
        comment=dict(comment),
    )
    return await publish.create(session, uris, actor, content, inboxes)


async def take_back(session: Session, uris: Uris, actor: LocalActor, member_uri: str) -> int:
    """Our actor no longer vouches for that member; how many endorsements that ends.

    Raises:
        NotFoundError: it never did.
    """
    found = await _given(session, actor, member_uri)
    if not found:
        raise NotFoundError(f"{actor.username} doesn't vouch for {member_uri}")
    member = await remotes.get(session, member_uri)
    inboxes = await _told(session, actor, member)
    for stored, given in found:
        await _end(session, uris, actor, stored, given, inboxes)
    return len(found)


async def why_not(session: Session, given: Endorsement, uri: str) -> str:
    """Why a hub passes over what a member says in the Note `uri`; "" when it counts."""
    if await members.state_of(session, given.endorser) != "member":
        return "not a member's"
    if given.endorser == given.about.member:
        return "nobody vouches for itself"
    if await members.state_of(session, given.about.member, hold=True) != "member":
        return "about nobody who is listed here"
    statement = await objects.version(session, given.about.member, given.about.digest)
    if statement is None or statement.member != given.about.member:
        return "about a statement that isn't here"
    if not set(given.commitments) <= {each.commitment for each in statement.commitments}:
        return "about commitments on which nothing is declared"
    before = await objects.with_uid(session, given.endorser, "endorsement", given.uid)
    if before is not None and before.uri != uri:
        return "given before"
    known = await objects.get(session, uri)
    if known is not None:
        # it may have a new proof, by a new key; what was given isn't corrected but taken back
        same = isinstance(known.content, Endorsement) and known.content.uid == given.uid
        return "" if same else "another than was given before"
    since = clock.now_ms() - DAY
    if await lines.endorsed_since(session, given.endorser, since) >= MOST_IN_A_DAY:
        return "too many in a day"
    return ""


async def heard(session: Session, settings_days: int, given: Endorsement, uri: str) -> None:
    """A hub counts an endorsement, which is in the Note `uri`, from now on.

    It holds as long as it says, but no longer than those given here do (`settings_days`).
    """
    until = last_day(date.fromisoformat(given.given), settings_days, given.valid_until, wanted="")
    await log.record(
        session,
        "endorse",
        subject=given.about.member,
        by=given.endorser,
        facts={
            "credential": given.uid,
            "endorser": given.endorser,
            "digest": given.about.digest,
            "commitments": list(given.commitments),
            "valid_until": until,
        },
    )
    await queue.open_item(
        session,
        "endorsement",
        subject=given.about.member,
        ref=uri,
        facts={"endorser": given.endorser, "commitments": list(given.commitments)},
    )


async def gone(session: Session, given: Endorsement, uri: str) -> None:
    """An endorsement that a hub counted was taken back by who gave it."""
    await log.record(
        session,
        "unendorse",
        subject=given.about.member,
        by=given.endorser,
        reason=TAKEN_BACK,
        facts={"credential": given.uid},
    )
    await queue.close_item(
        session, "endorsement", subject=given.about.member, ref=uri,
        decision="withdrawn", by=given.endorser, reason=TAKEN_BACK,
    )  # fmt: skip


async def _given(
    session: Session, actor: LocalActor, member_uri: str
) -> list[tuple[Stored, Endorsement]]:
    found = await objects.about_member(session, actor.uri, "endorsement", member_uri)
    return [(each, each.content) for each in found if isinstance(each.content, Endorsement)]


async def _end(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    stored: Stored,
    given: Endorsement,
    inboxes: Sequence[str],
) -> None:
    await credentials.revoke(session, given.uid, TAKEN_BACK)
    await publish.delete(session, uris, actor, stored, inboxes)


async def _told(session: Session, actor: LocalActor, member: RemoteActor | None) -> list[str]:
    """The inboxes of the hubs where our actor is a member, and of whom it is about.

    Raises:
        RefusedError: it is nobody's member: no directory would count what it says.
    """
    hubs = [
        await remotes.get(session, row["hub_uri"])
        for row in await memberships.of_actor(session, actor.id)
        if row["state"] == "member"
    ]
    if not hubs:
        raise RefusedError(
            f"{actor.username} is not a member of any hub, so that its word would count nowhere; "
            "see: pecfed join",
            code="no_membership",
        )
    # shared inboxes, so that a hub that follows us gets it once
    return [each.shared_inbox for each in (*hubs, member) if each is not None]


def _holds(given: Endorsement, today: date) -> bool:
    return given.valid_until >= today.isoformat()


def _language(actor: LocalActor, settings: Settings) -> str:
    """The language of the words in the credential: the actor's own first one that we write."""
    mine = (each for each in (*actor.profile.languages, settings.language) if each in {"fr", "en"})
    return next(mine, "fr")
