"""Attestations: the hub's reviewers say what they found of a statement, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pecfed import clock
from pecfed.domain import credential as vc
from pecfed.domain.about import About, last_day
from pecfed.domain.attestation import MOST_COMMENT, Attestation, findings, people
from pecfed.domain.label import Label
from pecfed.domain.membership import REASONS
from pecfed.domain.statement import Statement
from pecfed.domain.text import NONE, Texts, pick
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.language.charter import charter
from pecfed.services import credentials, log, publish, queue
from pecfed.settings import Settings
from pecfed.store import members, objects, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.store.objects import Stored
from pecfed.store.remotes import RemoteActor


@dataclass(frozen=True, slots=True)
class Subject:
    """A member whose statement is looked at: its entry, its actor, and the statement now."""

    entry: Member
    actor: RemoteActor
    about: About
    statement: Statement


async def subject(session: Session, name: str) -> Subject:
    """The member of that name (id, handle or actor's address), held, with its statement.

    Raises:
        NotFoundError: there is no such entry.
        RefusedError: it is no member, or declares nothing.
    """
    entry = await members.the_entry(session, name, hold=True)
    actor = await remotes.get(session, entry.uri) if entry.uri else None
    if entry.state != "member" or actor is None:
        raise RefusedError(
            f"{entry.slug} is {entry.state}: only what members declare can be vouched for",
            status=409,
            code="wrong_state",
        )
    found = [
        each for each in await objects.of_actor(session, actor.uri, "statement")
        if isinstance(each.content, Statement)
    ]  # fmt: skip
    if not found:
        raise RefusedError(f"{entry.slug} declares nothing", status=409, code="no_statement")
    # the one that was corrected last is what the directory shows
    stored = max(found, key=lambda each: (each.updated_at, each.id))
    statement = stored.content
    assert isinstance(statement, Statement)
    about = About.of(statement, stored.uri, name=entry.name, handle=actor.handle)
    return Subject(entry, actor, about, statement)


async def attest(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    settings: Settings,
    name: str,
    *,
    principles: Mapping[str, str],
    by: Sequence[str],
    digest: str = "",
    reason: str = "meets-criteria",
    comment: Texts = NONE,
    valid_until: str = "",
) -> str:
    """The hub says what its reviewers found of a member's statement; the credential's id.

    `digest` is that of the version they looked at; `principles` their findings by the id of
    the principle; `by` who they are, as the log names them. What the hub said of the same
    version before is taken back. The member is told, and the hub's followers.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: a finding, the reason, the day or the comment is wrong.
        RefusedError: it is no member, its statement is another by now or is over, or more
            reviewers must agree.
    """
    check_reason(reason)
    deciders = people(by, settings.reviewers)
    if any(len(text) > MOST_COMMENT for text in comment.values()):
        raise UsageError(f"the comment is longer than {MOST_COMMENT} characters")
    of = await subject(session, name)
    if digest and digest != of.about.digest:
        raise RefusedError(
            f"{of.entry.slug} has changed its statement since it was looked at; "
            f"its digest is {of.about.digest} now",
            status=409,
            code="statement_changed",
        )
    text = charter(of.statement.charter)
    wanted = {each.id: [item.id for item in each.commitments] for each in text.principles}
    found = findings(of.statement, wanted, principles)
    today = clock.now().date()
    until = last_day(today, settings.attestation_days, of.statement.valid_until, wanted=valid_until)
    replaced = [
        (stored, given)
        for stored, given in await standing_ones(session, hub, of.about.member)
        if given.about.digest == of.about.digest
    ]
    ids = {given.uid for _, given in replaced}
    resting = [
        stored for stored, label in await standing_labels(session, hub, of.about.member)
        if label.attestation in ids
    ]  # fmt: skip
    for stored in [*resting, *(stored for stored, _ in replaced)]:
        await end(session, uris, hub, stored, by=deciders[0], reason="", told=())
    language = settings.language
    made = await credentials.issue(
        session,
        uris,
        hub,
        vc.Attestation(of.about, found, pick(comment, language)[1]),
        valid_until=until,
        language=language,
    )
    content = Attestation(
        about=of.about,
        principles=found,
        given=today.isoformat(),
        valid_until=until,
        credential=dict(made.document),
        reviewers=len(deciders),
        comment=dict(comment),
    )
    await publish.create(session, uris, hub, content, [of.actor.shared_inbox])
    await log.record(
        session,
        "attest",
        subject=of.about.member,
        by=deciders[0],
        reason=reason,
        facts={
            "credential": made.uri,
            "digest": of.about.digest,
            "charter": of.about.charter,
            "principles": found,
            "valid_until": until,
            "reviewers": len(deciders),
        },
        private={"with": list(deciders[1:])} if deciders[1:] else {},
    )
    await queue.close_item(
        session, "statement", subject=of.about.member, decision="publish", by=deciders[0],
        reason=reason,
    )  # fmt: skip
    return made.uri


async def revoke(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    *,
    by: str,
    reason: str,
    message: str = "",
) -> int:
    """What the hub attests of a member no longer counts, nor its label; how many that ends.

    `message` is for the hub's own memory. The member is told, and the hub's followers.

    Raises:
        NotFoundError: there is no such entry, or the hub attests nothing of it.
        UsageError: there is no such reason.
    """
    check_reason(reason)
    entry = await members.the_entry(session, name, hold=True)
    ended = await end_all(session, uris, hub, entry, by=by, reason=reason, message=message)
    if not ended:
        raise NotFoundError(f"nothing is attested of {entry.slug}")
    return ended


async def end_all(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    entry: Member,
    *,
    by: str,
    reason: str,
    message: str = "",
) -> int:
    """Take back every attestation and label of an entry (it leaves, or is doubted); how many."""
    actor = await remotes.get(session, entry.uri) if entry.uri else None
    if actor is None:
        return 0
    found = [
        *await standing_labels(session, hub, actor.uri),
        *await standing_ones(session, hub, actor.uri),
    ]
    for stored, _ in found:
        await end(
            session,
            uris,
            hub,
            stored,
            by=by,
            reason=reason,
            message=message,
            told=[actor.shared_inbox],
        )
    return len(found)


async def end(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    stored: Stored,
    *,
    by: str,
    reason: str,
    told: Sequence[str],
    message: str = "",
) -> None:
    """Take back one attestation or label of the hub's: its status says so, and its Note."""
    content = stored.content
    assert isinstance(content, Attestation | Label)
    await credentials.revoke(session, content.uid, reason)
    over = replace(content, revoked=clock.now().date().isoformat(), reason=reason)
    await publish.update(session, uris, hub, stored, over, told)
    await log.record(
        session,
        "unlabel" if isinstance(content, Label) else "revoke",
        subject=content.about.member,
        by=by,
        reason=reason,
        facts={"credential": content.uid},
        private={"message": message} if message else {},
    )


async def standing_ones(
    session: Session, hub: LocalActor, member_uri: str
) -> list[tuple[Stored, Attestation]]:
    """The hub's attestations of a member that it hasn't taken back, the newest first."""
    found = await objects.about_member(session, hub.uri, "attestation", member_uri)
    return [
        (each, each.content)
        for each in found
        if isinstance(each.content, Attestation) and not each.content.revoked
    ]


async def standing_labels(
    session: Session, hub: LocalActor, member_uri: str
) -> list[tuple[Stored, Label]]:
    """The hub's labels of a member that it hasn't taken back, the newest first."""
    found = await objects.about_member(session, hub.uri, "label", member_uri)
    return [
        (each, each.content)
        for each in found
        if isinstance(each.content, Label) and not each.content.revoked
    ]


def check_reason(reason: str) -> None:
    """Refuse a reason code that isn't published.

    Raises:
        UsageError: there is no such reason.
    """
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
