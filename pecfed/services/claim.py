"""On a hub: an invited organisation makes an entry its own, or has it taken off for good."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.claim import MAX_WORDS, Kind, known_by
from pecfed.domain.profile import Profile
from pecfed.domain.text import clean
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import log, membership
from pecfed.services.notices import notice
from pecfed.services.queue import close_item, open_item
from pecfed.store import claims, members
from pecfed.store.claims import Claim
from pecfed.store.database import Session
from pecfed.store.members import Member

MOST_UNPROVEN = 200
MOST_OF_ENTRY = 3
THEIRS = "hub"
"""Who took it off, in the log: the program itself, on a proof that the line keeps."""


async def invited(session: Session, slug: str, *, hold: bool = False) -> Member:
    """The entry from public sources with that id.

    Raises:
        NotFoundError: there is none, or its organisation speaks for itself.
    """
    entry = await members.find(session, slug, hold=hold) if slug.isprintable() else None
    if entry is None or entry.state != "invited" or entry.uri is not None:
        raise NotFoundError(
            f"{slug!r} is no invited entry", safe="the directory has no such invited entry"
        )
    return entry


async def proven(
    session: Session, slug: str, kind: Kind, proof_uri: str, *, handle: str = "", words: str = ""
) -> bool:
    """The organisation proved on its own site that it asks; False where it had before.

    Taking off happens here and now. "This is us" marks the entry as known to it, and
    waits for the operator with what it wrote.

    Raises:
        NotFoundError: there is no such invited entry (any more).
    """
    entry = await invited(session, slug, hold=True)
    if kind == "take-off":
        await take_off(session, entry, by=THEIRS, proof_uri=proof_uri)
        return True
    number = await claims.add(
        session,
        member_id=entry.id,
        kind=kind,
        proof_uri=proof_uri,
        handle=handle,
        words=clean(words, MAX_WORDS),
        state="open",
        now=clock.now_ms(),
    )
    if number is None:
        return False
    item = await open_item(session, "claim", subject=entry.slug, ref=str(number), facts={
        "name": entry.name, "proof": proof_uri, "handle": handle, "words": clean(words, MAX_WORDS),
    })  # fmt: skip
    await log.record(  # who was listed unasked may be taken off; the public copy stays for good
        session, "claim", subject=entry.slug, by="hub", facts={"proof": proof_uri}, is_public=False
    )
    await notice(
        session, "claim", subject=entry.slug, to="reviewers", ref=str(number),
        facts={"name": entry.name, "path": f"/admin/queue/{item}"},
    )  # fmt: skip
    return True


async def asked(session: Session, slug: str, words: str) -> None:
    """Somebody asks the operator to take an entry off, and nothing proves who: it waits.

    Raises:
        NotFoundError: there is no such invited entry.
        RefusedError: too many of these wait already.
    """
    entry = await invited(session, slug)
    if (
        await claims.count_unproven(session, entry.id) >= MOST_OF_ENTRY
        or await claims.count_unproven(session) >= MOST_UNPROVEN
    ):
        raise RefusedError("too many wait already", status=429, code="too_many", retry=True)
    number = await claims.add(
        session, member_id=entry.id, kind="take-off", proof_uri="", handle="",
        words=clean(words, MAX_WORDS), state="open", now=clock.now_ms(),
    )  # fmt: skip
    if number is not None:
        item = await open_item(session, "take-off", subject=entry.slug, ref=str(number), facts={
            "name": entry.name, "words": clean(words, MAX_WORDS),
        })  # fmt: skip
        await notice(
            session, "take-off", subject=entry.slug, to="reviewers", ref=str(number),
            facts={"name": entry.name, "path": f"/admin/queue/{item}"},
        )  # fmt: skip


async def take_off(session: Session, entry: Member, *, by: str, proof_uri: str = "") -> None:
    """Off the directory at once and for good: its facts are forgotten, it isn't invited again.

    Raises:
        RefusedError: it isn't an entry from public sources.
    """
    if entry.state != "invited" or entry.uri is not None:
        raise RefusedError(
            f"{entry.slug} speaks for itself: it leaves, or is removed", code="wrong_state"
        )
    now = clock.now_ms()
    await claims.keep_off(session, known_by(entry.slug, entry.profile), entry.slug, now)
    await membership.move(
        session, entry, "remove", by=by, reason="asked-by-member", message=proof_uri
    )
    for each in await claims.listing(session, MOST_UNPROVEN):
        if each.member_id == entry.id:
            await _settle(session, each, entry.slug, by)
    await members.describe(session, entry.id, entry.slug, Profile(entry.slug), now)
    await members.set_source(session, entry.id, ())
    if by == THEIRS:
        await notice(
            session, "take-off", subject=entry.slug, to="reviewers",
            facts={"name": entry.name, "proof": proof_uri},
        )  # fmt: skip


async def close(session: Session, claim_id: int, *, by: str = "operator") -> Claim:
    """The operator has dealt with it.

    Raises:
        NotFoundError: there is no such claim.
    """
    found = await claims.by_id(session, claim_id)
    if found is None:
        raise NotFoundError(f"there is no claim {claim_id}; see: claims list")
    entry = await members.by_id(session, found.member_id)
    await _settle(session, found, entry.slug, by)
    return found


async def _settle(session: Session, found: Claim, slug: str, by: str) -> None:
    """It waits no longer, here and in the queue."""
    await claims.close(session, found.id, clock.now_ms())
    kind: Kind = "take-off" if found.kind == "take-off" else "claim"
    await close_item(session, kind, subject=slug, ref=str(found.id), decision="settled", by=by)
