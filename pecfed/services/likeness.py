"""On a hub: which entries look like others, told to reviewers before anybody is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pecfed.domain import confusables, duplicates
from pecfed.domain.duplicates import Why
from pecfed.domain.handle import Handle
from pecfed.domain.text import fold
from pecfed.services import notices, queue
from pecfed.store import actors, likenesses
from pecfed.store.database import Session
from pecfed.store.likenesses import Alike
from pecfed.store.members import Member

CONFUSABLE = "confusable"
"""What a suspicion of this kind is filed under."""
_WHY: Mapping[str, Why] = {"site": "same-site", "name": "same-name"}


class LooksLike(NamedTuple):
    """What an entry may be taken for: `slug` and `name` of the other, `kind` of text."""

    kind: str
    slug: str
    name: str


class Doubt(NamedTuple):
    """What is odd about an entry's handle and name: words in two alphabets, and look-alikes."""

    words: tuple[str, ...]
    like: tuple[LooksLike, ...]

    def facts(self, name: str) -> dict[str, Any]:
        """For the queue."""
        like = [{"kind": it.kind, "entry": it.slug, "name": it.name} for it in self.like]
        return {"name": name, "words": list(self.words), "like": like}


def subject(entry: Member) -> str:
    """What the log and the queue call an entry."""
    return entry.uri or entry.slug


def looks(entry: Member) -> dict[str, tuple[str, str]]:
    """What an entry looks like, and what it is in fact, by kind."""
    name = fold([entry.name])
    found = {
        "site": (duplicates.site_key(entry.profile.url), entry.profile.url),
        "name": (duplicates.name_key(entry.name), name),
        "look": (confusables.skeleton(entry.name), name),
    }
    handle = Handle.read(entry.slug) if entry.uri else None
    if handle is not None:
        found["handle"] = (
            confusables.skeleton(confusables.unicode_handle(str(handle))),
            str(handle),
        )
        found["host"] = (confusables.skeleton(confusables.unicode_host(handle.host)), handle.host)
    return {kind: look for kind, look in found.items() if look[0]}


async def noted(session: Session, entry: Member) -> None:
    """An entry is new, or says something else of itself: look for others that look alike.

    What looks like one organisation twice waits as `duplicate`, what may be taken for
    another as `suspicion`; what no longer does is closed.
    """
    if not await likenesses.note(session, entry.id, looks(entry)):
        return
    for other, why in (await doubles(session, entry)).values():
        await tell_double(session, entry, other, why)
    found = await doubt(session, entry)
    whom = subject(entry)
    if found.words or found.like:
        facts = found.facts(entry.name)
        await queue.open_item(session, "suspicion", subject=whom, ref=CONFUSABLE, facts=facts)
        await notices.notice(
            session, "suspicion", subject=whom, to="reviewers", facts={"name": entry.name},
            ref=CONFUSABLE,
        )  # fmt: skip
    else:
        await queue.close_item(
            session, "suspicion", subject=whom, ref=CONFUSABLE, decision="resolved", by=queue.SYSTEM
        )


async def doubles(session: Session, entry: Member) -> dict[int, tuple[Member, list[Why]]]:
    """The entries that may be the same organisation, each with why, by their database keys."""
    found: dict[int, tuple[Member, list[Why]]] = {}
    for each in await likenesses.alike(session, entry.id):
        if each.kind in _WHY:
            found.setdefault(each.member.id, (each.member, []))[1].append(_WHY[each.kind])
    return found


async def tell_double(session: Session, entry: Member, other: Member, why: list[Why]) -> None:
    """Two entries may be one: put side by side for a reviewer, once for the pair."""
    first, second = sorted((entry, other), key=lambda each: each.id)
    await queue.open_item(
        session,
        "duplicate",
        subject=subject(second),
        ref=first.slug,
        facts={"name": second.name, "entry": second.slug, "other": first.slug,
               "other_name": first.name, "why": sorted(why)},
    )  # fmt: skip
    await notices.notice(
        session, "duplicate", subject=subject(second), to="reviewers",
        facts={"name": second.name, "other": first.name}, ref=first.slug,
    )  # fmt: skip


async def doubt(session: Session, entry: Member) -> Doubt:
    """What an entry's handle and name may be taken for; looked up as it stands now."""
    own = looks(entry)
    words = list(confusables.mixed(entry.name))
    if "handle" in own:
        words += confusables.mixed(confusables.unicode_handle(own["handle"][1]))
    found = [
        LooksLike(each.kind, each.member.slug, each.member.name)
        for each in await likenesses.alike(session, entry.id)
        if _may_be_taken(each, own)
    ]
    return Doubt(tuple(dict.fromkeys(words)), (*found, *await _like_us(session, own)))


def _may_be_taken(other: Alike, own: Mapping[str, tuple[str, str]]) -> bool:
    """Whether the other is written differently though it looks the same."""
    return other.kind in {"look", "handle", "host"} and other.written != own[other.kind][1]


async def _like_us(session: Session, own: Mapping[str, tuple[str, str]]) -> list[LooksLike]:
    """The hub itself, where an entry's name looks like its."""
    for actor in await actors.everyone(session):
        name = actor.profile.name
        if actor.card == "hub" and own.get("look", ("",))[0] == confusables.skeleton(name):
            return [LooksLike("look", actor.username, name)]
    return []
