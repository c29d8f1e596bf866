"""The label: given on what the hub attests, and taken back."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed import clock
from pecfed.domain import credential as vc
from pecfed.domain import standing
from pecfed.domain.about import last_day
from pecfed.domain.attestation import people
from pecfed.domain.label import Label
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import attest, credentials, log, publish
from pecfed.settings import Settings
from pecfed.store import members, remotes, standings
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def give(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    settings: Settings,
    name: str,
    *,
    by: Sequence[str],
    reason: str = "meets-criteria",
    valid_until: str = "",
) -> str:
    """A member may show the label as long as the hub's attestation stands; the credential's id.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: the reason or the day is wrong.
        RefusedError: its statement as it is now isn't attested, it has the label already, or
            more reviewers must agree.
    """
    attest.check_reason(reason)
    deciders = people(by, settings.reviewers)
    of = await attest.subject(session, name)
    facts = await standings.facts(session, of.about.member)
    today = clock.now().date()
    now, because = standing.on(facts, today)
    rests_on = facts.attested()
    if rests_on is None or now not in {"attested", "labelled"}:
        why = f" ({because})" if because else ""
        raise RefusedError(
            f"{of.entry.slug} is {now}{why}: the label is for those whose statement is attested",
            status=409,
            code="not_attested",
        )
    if now == "labelled":
        raise RefusedError(f"{of.entry.slug} has the label", status=409, code="known")
    until = last_day(
        today, settings.label_days, rests_on.valid_until.isoformat(), wanted=valid_until
    )
    for stored, _ in await attest.standing_labels(session, hub, of.about.member):
        # one that expired, or rested on an attestation that is no more
        await attest.end(session, uris, hub, stored, by=deciders[0], reason="", told=())
    made = await credentials.issue(
        session,
        uris,
        hub,
        vc.Label(of.about, rests_on.credential),
        valid_until=until,
        language=settings.language,
    )
    content = Label(
        about=of.about,
        attestation=rests_on.credential,
        page=f"{uris.base}/label/{of.entry.slug}",
        given=today.isoformat(),
        valid_until=until,
        credential=dict(made.document),
    )
    await publish.create(session, uris, hub, content, [of.actor.shared_inbox])
    await log.record(
        session,
        "label",
        subject=of.about.member,
        by=deciders[0],
        reason=reason,
        facts={
            "credential": made.uri,
            "attestation": rests_on.credential,
            "valid_until": until,
        },
        private={"with": list(deciders[1:])} if deciders[1:] else {},
    )
    return made.uri


async def take(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    *,
    by: str,
    reason: str,
    message: str = "",
) -> int:
    """A member may no longer show the label; how many labels that ends.

    Raises:
        NotFoundError: there is no such entry, or it has no label.
        UsageError: there is no such reason.
    """
    attest.check_reason(reason)
    entry = await members.the_entry(session, name, hold=True)
    found = await attest.standing_labels(session, hub, entry.uri or "")
    if not found:
        raise NotFoundError(f"{entry.slug} has no label")
    actor = await remotes.get(session, entry.uri or "")
    for stored, _ in found:
        await attest.end(
            session, uris, hub, stored, by=by, reason=reason, message=message,
            told=[actor.shared_inbox] if actor else [],
        )  # fmt: skip
    return len(found)
