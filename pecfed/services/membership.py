"""On a hub: who asks, who is accepted, refused, suspended, who leaves; each with its log line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pecfed import clock
from pecfed.domain.claim import known_by
from pecfed.domain.membership import REASONS, THEIRS, Deed, State, after, possible
from pecfed.domain.note import Note
from pecfed.domain.profile import Profile
from pecfed.domain.uris import Uris
from pecfed.errors import RefusedError, UsageError
from pecfed.language import hashtags
from pecfed.services import attest, follow, likeness, log, publish, queue
from pecfed.services.outbox import emit
from pecfed.store import claims, invitations, liveness, members, remotes
from pecfed.store import log as lines
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.store.remotes import RemoteActor

SETTLED = {"accept": "publish", "refuse": "refuse"}
"""The deeds that are a reviewer's decision about who asks."""
MOST_ASKS = 5
"""Times that one actor is taken back into the review record in a day, each a line of the log."""
DAY = 86_400_000  # milliseconds
SAID = 300
"""Characters of a new member's own words in the news of it."""
JOINED = {
    "fr": "👋 {name} ({handle}) rejoint l’annuaire.",
    "en": "👋 {name} ({handle}) joins the directory.",
}


async def invite(
    session: Session, slug: str, profile: Profile, source: Sequence[str]
) -> tuple[Member, bool]:
    """List an organisation from public sources; the entry, and whether it is new or changed.

    An entry with that slug whose organisation has spoken for itself is left alone.

    Raises:
        RefusedError: the organisation asked not to be listed (code `kept_off`).
    """
    if await claims.is_kept_off(session, known_by(slug, profile)):
        raise RefusedError(
            f"{slug} asked not to be listed; it can still join by itself", code="kept_off"
        )
    now = clock.now_ms()
    known = await members.by_slug(session, slug)
    if known is not None:
        changed = known.state == "invited" and known.profile != profile
        if changed:
            await members.describe(session, known.id, slug, profile, now)
            await likeness.noted(session, await members.by_id(session, known.id))
        return known, changed
    entry = await members.add(
        session, slug=slug, uri=None, state="invited", profile=profile, source=source, now=now
    )
    await members.log(session, entry.id, now, "invite", "", "invited", "operator", "", "")
    await likeness.noted(session, entry)
    return entry, True


async def asked(
    session: Session, applicant: RemoteActor, profile: Profile, join_uri: str
) -> Member:
    """An actor asks to be listed: kept in the review record, nothing public.

    Asking twice changes nothing but the Join that will be answered.

    Raises:
        RefusedError: its entry's state doesn't allow it, or it asked and left all day long.
    """
    now = clock.now_ms()
    entry = await members.by_uri(session, applicant.uri, hold=True)
    if entry is not None and entry.state == "left":
        since = now - DAY
        if await lines.count_since(session, applicant.uri, "ask", since) >= MOST_ASKS:
            raise RefusedError(
                f"{entry.slug} asked {MOST_ASKS} times today", status=429, code="too_many"
            )
    if entry is None:
        entry = await add_entry(session, applicant, profile, "asked", deed="ask", by=applicant.uri)
    else:
        state = await move(session, entry, "ask", by=applicant.uri, reason="", message="")
        entry = replace(entry, state=state)
    await members.set_join(session, entry.id, join_uri)
    await members.read_at(session, entry.id, now)
    if entry.state == "asked":
        await queue.open_item(session, "join", subject=applicant.uri)
    return entry


async def add_entry(
    session: Session, actor: RemoteActor, profile: Profile, state: State, *, deed: Deed, by: str
) -> Member:
    """A new entry of an actor, with its first line in the log."""
    now = clock.now_ms()
    entry = await members.add(
        session,
        slug=await _free_slug(session, actor),
        uri=actor.uri,
        state=state,
        profile=profile,
        source=[actor.uri],
        now=now,
    )
    await members.log(session, entry.id, now, deed, "", state, by, "", "")
    await likeness.noted(session, entry)
    return entry


async def _free_slug(session: Session, actor: RemoteActor) -> str:
    """The handle; where another entry has it already, the handle with the actor's own address."""
    taken = await members.by_slug(session, actor.handle)
    return actor.handle if taken is None else actor.uri


async def move(
    session: Session, entry: Member, deed: Deed, *, by: str, reason: str, message: str
) -> State:
    """Carry out a deed on an entry, with its log line when the state changes.

    Raises:
        RefusedError: that deed is not possible in the entry's state.
    """
    state = after(entry.state, deed)
    if state is None:
        can = ", ".join(it for it in possible(entry.state) if it not in THEIRS) or "nothing"
        raise RefusedError(
            f"{entry.slug} is {entry.state}: can't {deed} it (possible: {can})",
            status=409,
            code="wrong_state",
        )
    if state != entry.state:
        await members.set_state(
            session, entry, state, clock.now_ms(), deed=deed, by=by, reason=reason, message=message
        )
        await _settled(session, entry, deed, state, by=by, reason=reason)
        if state == "member" and entry.uri:
            await log.declared(session, entry.uri)  # it had no line before
    if entry.state == "archived":
        await liveness.set_archived(session, entry.id, "", "", is_closed=False)
        await liveness.affirmed(session, entry.id, clock.now_ms())
    return state


async def _settled(
    session: Session, entry: Member, deed: Deed, state: State, *, by: str, reason: str
) -> None:
    """What waited for a reviewer about an entry and is settled by a deed leaves the queue."""
    if entry.uri is None or state == "asked":
        return
    word = SETTLED.get(deed, deed)
    await queue.close_item(session, "join", subject=entry.uri, decision=word, by=by, reason=reason)
    if state in {"left", "refused"}:
        await queue.close_item(
            session, "statement", subject=entry.uri, decision=word, by=by, reason=reason
        )


async def decide(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    name: str,
    deed: Deed,
    *,
    reason: str,
    message: str = "",
    by: str = "operator",
) -> Member:
    """The operator accepts, refuses, suspends, restores or removes an entry.

    What follows is written in the same transaction: the answer to the member, the
    hub's Follow of it, the news to the hub's followers.

    Raises:
        NotFoundError: there is no such entry.
        UsageError: there is no such reason.
        RefusedError: the entry's state doesn't allow it.
    """
    entry = await members.the_entry(session, name, hold=True)
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
    asked = await invitations.of_member(session, entry.id)
    if deed == "accept" and asked is not None and asked.state == "declined" and not entry.join_uri:
        raise RefusedError(
            f"{entry.slug} doesn't want to be listed; it can be asked again: members invite",
            status=409,
            code="declined",
        )
    if deed == "restore" and entry.uri is None:
        raise RefusedError(
            f"{entry.slug} has no actor that could be a member; list it again: members invite",
            status=409,
            code="no_actor",
        )
    if deed == "remove":
        await attest.end_all(session, uris, hub, entry, by=by, reason=reason)
    state = await move(session, entry, deed, by=by, reason=reason, message=message)
    if state != "member":
        await members.read_at(session, entry.id, None)
    actor = await remotes.get(session, entry.uri) if entry.uri else None
    if actor is not None and entry.state != "invited":
        if state == "member":
            await let_in(session, uris, hub, entry, actor, restored=deed == "restore")
        else:
            await ended(session, uris, hub, entry, actor, state, reason, message)
    found = await members.find(session, entry.slug)
    assert found is not None
    return found


def _join(hub: LocalActor, actor: RemoteActor, join_uri: str) -> dict[str, str]:
    """The Join that an answer is about; a Join without an id of its own is told without one."""
    join = {"type": "Join", "actor": actor.uri, "object": hub.uri}
    return {"id": join_uri} | join if join_uri else join


async def let_in(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    entry: Member,
    actor: RemoteActor,
    *,
    restored: bool = False,
    answer: bool = True,
) -> None:
    """Accept, follow, read what was published before, and tell the hub's followers.

    `answer` says whether there is a Join to accept.
    """
    if answer:
        await confirm(session, uris, hub, actor, entry.join_uri)
    await follow.start(session, uris, hub, actor.uri, actor.inbox)
    await members.read_at(session, entry.id, clock.now_ms())
    await emit(
        session,
        uris,
        hub,
        type="Add",
        object_uri=actor.uri,
        intent={"object": actor.uri, "target": uris.directory},
        is_public=True,
    )
    if not restored:
        texts = {tag: welcome(entry.name, actor.handle, entry.profile, tag) for tag in JOINED}
        page = f"{uris.base}/members/{entry.slug}"
        note = Note(uris.new_object(), texts, page, (hashtags.community(),))
        await publish.create(session, uris, hub, note)


def welcome(name: str, handle: str, profile: Profile, language: str) -> str:
    """The news of a new member, and what it says of itself where it says so in that language."""
    opening = JOINED[language].format(name=name, handle=f"@{handle}")
    summary = " ".join(profile.summary.get(language, "").split())
    if len(summary) > SAID:
        summary = summary[: SAID - 1].rsplit(None, 1)[0] + "…"
    return f"{opening}\n\n{summary}".strip()


async def confirm(
    session: Session, uris: Uris, hub: LocalActor, actor: RemoteActor, join_uri: str
) -> None:
    """Tell a member that asks again that it is one."""
    await emit(
        session,
        uris,
        hub,
        type="Accept",
        object_uri=actor.uri,
        intent={"object": _join(hub, actor, join_uri), "to": [actor.uri]},
        inboxes=[actor.inbox],
    )


async def _reject(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    entry: Member,
    actor: RemoteActor,
    state: State,
    reason: str,
    message: str,
) -> None:
    """Tell the member: refused, suspended or removed, with reason and message."""
    await emit(
        session,
        uris,
        hub,
        type="Reject",
        object_uri=actor.uri,
        intent={
            "object": _join(hub, actor, entry.join_uri),
            "to": [actor.uri],
            "state": state,
            "reason": reason,
            "message": message,
        },
        inboxes=[actor.inbox],
    )


async def ended(
    session: Session,
    uris: Uris,
    hub: LocalActor,
    entry: Member,
    actor: RemoteActor,
    state: State,
    reason: str,
    message: str,
) -> None:
    """What follows where an entry is no member's any more; `entry` is as it was before."""
    await _reject(session, uris, hub, entry, actor, state, reason, message)
    if entry.state == "member":
        await _let_go(session, uris, hub, actor)


async def _let_go(session: Session, uris: Uris, hub: LocalActor, actor: RemoteActor) -> None:
    """Take a member off the directory and stop following it."""
    await emit(
        session,
        uris,
        hub,
        type="Remove",
        object_uri=actor.uri,
        intent={"object": actor.uri, "target": uris.directory},
        is_public=True,
    )
    await follow.stop(session, uris, hub, actor.uri, actor.inbox)


async def left(session: Session, uris: Uris, hub: LocalActor, actor: RemoteActor) -> bool:
    """A member (or applicant) leaves; False when it was none."""
    entry = await members.by_uri(session, actor.uri, hold=True)
    if entry is None or after(entry.state, "leave") is None:
        return False
    was = entry.state
    await attest.end_all(session, uris, hub, entry, by=actor.uri, reason="asked-by-member")
    await move(session, entry, "leave", by=actor.uri, reason="asked-by-member", message="")
    if was == "member":
        await _let_go(session, uris, hub, actor)
    await members.read_at(session, entry.id, None)
    return True


async def described(session: Session, actor: RemoteActor, profile: Profile) -> bool:
    """A member changed its profile; False when it has no entry."""
    entry = await members.by_uri(session, actor.uri, hold=True)
    if entry is None:
        return False
    slug = entry.slug
    if slug != actor.handle and await members.by_slug(session, actor.handle) is None:
        slug = actor.handle
    if set(entry.source) - {actor.uri}:
        profile = profile.over(entry.profile)
    await members.describe(session, entry.id, slug, profile, clock.now_ms())
    await likeness.noted(session, await members.by_id(session, entry.id))
    return True
