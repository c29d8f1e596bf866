"""On a hub: its working groups pass on what members address to them, and moderators withdraw it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pecfed import clock
from pecfed.domain.membership import REASONS
from pecfed.domain.text import pick
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, UsageError
from pecfed.language.cast import card
from pecfed.language.charter import WorkingGroup, charter
from pecfed.services import announcing, log, publish
from pecfed.store import activities, actors, members, objects, passed_on, withdrawn
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.objects import Stored
from pecfed.store.passed_on import Passed

WHOLE_CHARACTERS = 65_536  # of an activity that is passed on whole; a larger one only by its id
NEW_PER_HOUR = 60  # of one member, by one group
TOLD_PER_HOUR = 20  # Announces about one object, by one group
TOLD_OF_MEMBER = 200  # … and about all that is one member's


@dataclass(frozen=True, slots=True)
class Offered:
    """What a member sends to a group: an activity of its own about an object.

    `activity` is passed on whole, as it came; None where the object alone is pointed at, and
    the author may be another member. `groups` are the ids of those it is addressed to.
    """

    verb: Literal["Create", "Update", "Announce"]
    object_uri: str
    author_uri: str
    title: str
    url: str
    groups: Collection[str]
    activity: Mapping[str, Any] | None


def describe(group: WorkingGroup, language: str) -> tuple[str, dict[str, str]]:
    """Name and summary of a group's actor, from the charter and the card."""
    topics = {tag: ", ".join(words) for tag, words in group.topics.items()}
    words = card("group").summary
    summary = {
        tag: f"{about[:1].upper()}{about[1:]}.\n\n{words[tag]}" for tag, about in topics.items()
    }
    return pick(group.name, language)[1], summary


def id_of(actor: LocalActor) -> str:
    """The charter's id of a group's actor, or ""."""
    for group in charter().working_groups:
        if group.username == actor.username and actor.card == "group":
            return group.id
    return ""


def name_of(written: str) -> str:
    """The name in a group's handle, written as such, as its handle or as its id in the charter."""
    name = written.removeprefix("@").partition("@")[0]
    return next((each.username for each in charter().working_groups if each.id == name), name)


async def everyone(session: Session) -> Sequence[LocalActor]:
    """The group actors of this node."""
    return [actor for actor in await actors.everyone(session) if actor.card == "group"]


async def keep_described(
    session: Session, uris: Uris, group: WorkingGroup, language: str
) -> Literal["missing", "changed", "known", "taken"]:
    """Bring a group's profile in step with the charter; what was found."""
    actor = await actors.by_username(session, group.username)
    if actor is None:
        return "missing"
    if actor.card != "group":
        return "taken"
    name, summary = describe(group, language)
    profile = replace(actor.profile, name=name, summary=summary)
    if profile == actor.profile:
        return "known"
    await publish.update_profile(session, uris, actor, profile)
    return "changed"


async def directory_object(session: Session, uri: str) -> Stored | None:
    """An object of somebody else's that the directory keeps, unless it was withdrawn."""
    found = await objects.get(session, uri)
    return found if found and found.actor_id is None and found.deleted_at is None else None


async def pass_on(session: Session, uris: Uris, offered: Offered, sender_uri: str) -> list[str]:
    """Have the groups announce it in both spellings; the names of those that did.

    Lemmy reads the activity, whole (FEP-1b12), Mastodon the object's id. Each object is
    announced once, a correction of what stands announced as an activity alone; what was
    withdrawn stays so. Only of members, and within bounds.
    """
    known = {each.actor_id: each for each in await passed_on.of_object(session, offered.object_uri)}
    if not known and not offered.groups:
        return []
    for uri in sorted({sender_uri, offered.author_uri}):
        # what one member sends is counted one after the other
        if await members.state_of(session, uri, hold=True) != "member":
            return []
    now = clock.now_ms()
    if await withdrawn.holds(session, offered.object_uri, offered.author_uri, now):
        return []
    said = []
    for group in await everyone(session):
        before = known.get(group.id)
        if before is None:
            new = group.uri in offered.groups
            done = new and await _begin(session, uris, group, offered)
        else:
            done = offered.verb == "Update" and await _tell(session, uris, group, before, offered)
        if done:
            said.append(group.username)
    return said


async def _begin(session: Session, uris: Uris, group: LocalActor, offered: Offered) -> bool:
    """A group announces an object that it never announced before."""
    now = clock.now_ms()
    since = now - announcing.HOUR
    states: tuple[passed_on.State, ...] = ("shown", "withdrawn")
    count = await passed_on.count_since(session, group.id, offered.author_uri, since, *states)
    if count >= NEW_PER_HOUR:
        return False
    whole = json.dumps(offered.activity, ensure_ascii=False) if offered.activity else ""
    if len(whole) > WHOLE_CHARACTERS:
        whole = ""
    added = await passed_on.add(
        session,
        actor_id=group.id,
        object_uri=offered.object_uri,
        author_uri=offered.author_uri,
        state="shown",
        now=now,
        title=offered.title,
        url=offered.url,
        activity=whole,
    )
    if added:
        await _say(session, uris, group, offered.object_uri, offered.author_uri, whole)
    return added


async def _say(
    session: Session, uris: Uris, group: LocalActor, object_uri: str, author_uri: str, whole: str
) -> None:
    """Both spellings, the whole activity first; one after the other towards each server."""
    if whole:
        await announcing.announce(session, uris, group, object_uri, author_uri, json.loads(whole))
    await announcing.announce(session, uris, group, object_uri, author_uri)


async def _tell(
    session: Session, uris: Uris, group: LocalActor, known: Passed, offered: Offered
) -> bool:
    """A group passes on a correction of what it announced."""
    if known.state != "shown" or known.author_uri != offered.author_uri or not offered.activity:
        return False
    return await _whole(session, uris, group, known, offered.activity)


async def _whole(
    session: Session, uris: Uris, group: LocalActor, known: Passed, activity: Mapping[str, Any]
) -> bool:
    """Pass on one more activity about an object, whole, if that isn't too much or too large."""
    if len(json.dumps(activity, ensure_ascii=False)) > WHOLE_CHARACTERS:
        return False
    since = clock.now_ms() - announcing.HOUR
    told = await activities.announced_since(session, group.id, known.object_uri, since)
    if told >= TOLD_PER_HOUR:
        return False
    told = await activities.announced_of_author(session, group.id, known.author_uri, since)
    if told >= TOLD_OF_MEMBER:
        return False
    await announcing.announce(session, uris, group, known.object_uri, known.author_uri, activity)
    return True


async def deleted(
    session: Session,
    uris: Uris,
    before: Sequence[Passed],
    activity: Mapping[str, Any],
    author_uri: str,
) -> list[str]:
    """An author withdrew what groups announced: they pass its Delete on, whole.

    `before` is what stood announced until then; the Announces themselves are taken back
    with the object (`announcing.gone`), which is what Mastodon reads.
    """
    said = []
    for group in await everyone(session) if before else ():
        known = next((each for each in before if each.actor_id == group.id), None)
        if known is None or known.state != "shown" or known.author_uri != author_uri:
            continue
        if await _whole(session, uris, group, known, activity):
            said.append(group.username)
    return said


async def _chosen(session: Session, object_uri: str, name: str) -> list[tuple[LocalActor, Passed]]:
    """The groups (or the one of that name) that have announced an object, and what they keep.

    Raises:
        UsageError: there is no such group.
        NotFoundError: none of them announced it.
    """
    found = [group for group in await everyone(session) if name in {"", group.username}]
    if not found:
        raise UsageError(f"there is no group {name!r}; see: pecfed groups list")
    kept = [
        (group, known)
        for group in found
        if (known := await passed_on.get(session, group.id, object_uri)) is not None
    ]
    if not kept:
        raise NotFoundError(f"{object_uri}: no group announced it; see: pecfed groups show NAME")
    return kept


async def withdraw(
    session: Session, uris: Uris, object_uri: str, *, name: str, reason: str, message: str
) -> list[str]:
    """A moderator takes an object off the groups (or the one named); the names of those.

    Its Announces are undone, it is shown no more, and never announced again unless restored.

    Raises:
        UsageError: there is no such reason, or no such group.
        NotFoundError: no group announced it.
    """
    if reason not in REASONS:
        raise UsageError(f"reason {reason!r}: choose one of {', '.join(REASONS)}")
    done = []
    for group, known in await _chosen(session, object_uri, name):
        if known.state != "shown":
            continue
        await announcing.take_back(session, uris, group, object_uri)
        now = clock.now_ms()
        await passed_on.set_state(session, group.id, object_uri, "withdrawn", now, reason=reason)
        await _log(session, group, known, "withdraw", reason, message)
        done.append(group.username)
    return done


async def restore(session: Session, uris: Uris, object_uri: str, *, name: str) -> list[str]:
    """A moderator puts back what was withdrawn: it is announced again; the names of the groups.

    Raises:
        UsageError: there is no such group.
        NotFoundError: no group announced it, or its author has withdrawn it.
    """
    done = []
    for group, known in await _chosen(session, object_uri, name):
        if await withdrawn.holds(session, object_uri, known.author_uri, clock.now_ms()):
            raise NotFoundError(f"{object_uri}: its author has withdrawn it")
        if known.state == "shown":
            continue
        await passed_on.set_state(session, group.id, object_uri, "shown", clock.now_ms())
        await _say(session, uris, group, object_uri, known.author_uri, known.activity)
        await _log(session, group, known, "restore", "resolved", "")
        done.append(group.username)
    return done


async def _log(
    session: Session, group: LocalActor, known: Passed, deed: str, reason: str, message: str
) -> None:
    """A line about an author: what became of something that it addressed to a group."""
    state = await members.state_of(session, known.author_uri)
    if state is not None:
        await log.record(
            session,
            f"group-{deed}",
            subject=known.author_uri,
            by="operator",
            reason=reason,
            facts={"group": group.username, "object": known.object_uri},
            private={"message": message} if message else {},
            is_public=state in {"member", "suspended"},
        )
