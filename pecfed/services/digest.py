"""On a hub: once a week, a Note of what is new in the directory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.domain.note import Note
from pecfed.domain.resource import Resource
from pecfed.domain.text import pick
from pecfed.domain.uris import Uris
from pecfed.language import dates, hashtags
from pecfed.services import publish
from pecfed.store import actors, digests, directory
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.directory import Listed
from pecfed.store.members import Member
from pecfed.store.paging import Query

HOUR = 7
"""Of Monday, UTC: from then on the week is told."""
AHEAD = timedelta(days=14)
FARTHEST_BACK = timedelta(days=31)
MOST = 5
"""Lines of one kind."""
LONGEST = 120
"""Characters of a name."""
WORDS = {
    "fr": {
        "title": "Cette semaine dans l’annuaire",
        "members": "Bienvenue :",
        "events": "À venir :",
        "resources": "Nouvelles ressources partagées :",
        "until": "jusqu’au {day}",
        "by": "{name} ({who})",
        "more": "… et {n} de plus",
        "all": "Tout l’annuaire :",
    },
    "en": {
        "title": "This week in the directory",
        "members": "Welcome:",
        "events": "Coming up:",
        "resources": "Newly shared resources:",
        "until": "until {day}",
        "by": "{name} ({who})",
        "more": "… and {n} more",
        "all": "The whole directory:",
    },
}


def week_of(now: datetime) -> str:
    """The Monday whose digest is due at that moment, as an ISO date."""
    monday = now.date() - timedelta(days=now.weekday())
    if now < datetime.combine(monday, time(HOUR), now.tzinfo):
        monday -= timedelta(days=7)
    return monday.isoformat()


async def is_due(session: Session) -> bool:
    """Whether there is a hub, and nobody has looked at its week."""
    week = week_of(clock.now())
    hub = next((each for each in await actors.everyone(session) if each.card == "hub"), None)
    if hub is None or week_of(clock.from_ms(hub.created_at)) == week:
        return False  # its first Monday is still to come
    return not await digests.told(session, week)


async def tell(session: Session, uris: Uris, hub: LocalActor) -> str:
    """Tell of this week, unless somebody has or there is nothing to tell; the Note's uri or "".

    The week is taken in the same transaction, so that of several processes one tells,
    and one that is killed leaves it to the next.
    """
    now = clock.now()
    week = week_of(now)
    before = await digests.last(session)
    if not await digests.claim(session, week, clock.to_ms(now)):
        return ""
    earliest = clock.to_ms(now - FARTHEST_BACK)
    since = max(hub.created_at if before is None else before, earliest)
    joined = await digests.new_members(session, since, 10 * MOST)
    coming = await directory.list_events(
        session,
        Query(now.date(), limit=10 * MOST, since=clock.to_ms(now), until=clock.to_ms(now + AHEAD)),
    )
    shared = await directory.list_resources(session, Query(now.date(), limit=10 * MOST))
    events = [each for each in coming.items if _stands(each)]
    resources = [each for each in shared.items if each.stored.published_at >= since]
    if not (joined or events or resources):
        return ""
    texts = {tag: text(tag, uris, hub, joined, events, resources) for tag in ("fr", "en")}
    note = Note(uris.new_object(), texts, tags=(hashtags.community(),))
    uri = await publish.create(session, uris, hub, note)
    await digests.set_note(session, week, uri)
    return uri


def _stands(listed: Listed) -> bool:
    content = listed.stored.content
    return isinstance(content, Event) and content.status in {"scheduled", "tentative"}


def text(
    language: str,
    uris: Uris,
    hub: LocalActor,
    joined: Sequence[Member],
    events: Sequence[Listed],
    resources: Sequence[Listed],
) -> str:
    """The Note in one language: a paragraph for each kind of news, a line for each item."""
    words = WORDS[language]
    parts = [
        (
            words["members"],
            [f"{_cut(each.name)} {uris.base}/members/{each.slug}" for each in joined],
        ),
        (words["events"], [_event_line(each, hub, language) for each in events]),
        (words["resources"], [_resource_line(each, hub, language) for each in resources]),
    ]
    paragraphs = [f"📬 {words['title']}"]
    for title, lines in parts:
        if lines:
            shown = [f"• {line}" for line in lines[:MOST]]
            if len(lines) > MOST:
                shown.append(words["more"].format(n=len(lines) - MOST))
            paragraphs.append("\n".join([title, *shown]))
    return "\n\n".join([*paragraphs, f"{words['all']} {uris.directory}"])


def _event_line(listed: Listed, hub: LocalActor, language: str) -> str:
    event = listed.stored.content
    assert isinstance(event, Event)
    if event.kind == "call" and event.deadline:
        when = WORDS[language]["until"].format(day=dates.day(event.deadline, language))
    else:
        when = dates.span(event.start, event.end, all_day=event.all_day, language=language)
    return _named(listed, event, hub, language, when)


def _resource_line(listed: Listed, hub: LocalActor, language: str) -> str:
    resource = listed.stored.content
    assert isinstance(resource, Resource)
    return _named(listed, resource, hub, language)


def _named(
    listed: Listed, content: Event | Resource, hub: LocalActor, language: str, when: str = ""
) -> str:
    """Its name, whose it is, when it is, and where it can be read."""
    who = listed.member.name if listed.member else hub.profile.name
    name = WORDS[language]["by"].format(
        name=_cut(pick(content.name, language)[1] or content.uid), who=_cut(who)
    )
    when = f", {when}" if when else ""
    return f"{name}{when} {listed.stored.url or listed.stored.uri}"


def _cut(name: str) -> str:
    one_line = " ".join(name.split())
    return one_line if len(one_line) <= LONGEST else one_line[: LONGEST - 1] + "…"
