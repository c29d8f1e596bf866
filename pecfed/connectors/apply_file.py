"""The apply file: everything a platform announces, in one TOML file (docs/apply-file.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pecfed import clock
from pecfed.domain import hashtag
from pecfed.domain.content import Content
from pecfed.domain.event import Event
from pecfed.domain.picture import Picture
from pecfed.domain.place import Place
from pecfed.domain.poll import Poll
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Declared, Statement
from pecfed.domain.text import texts
from pecfed.domain.uris import site_of
from pecfed.domain.wanted import Wanted
from pecfed.language.schema import Problem, problems
from pecfed.language.toml_file import InvalidFileError, parse
from pecfed.store.pictures import Gallery

DEFAULT_ZONE = "Europe/Paris"
LAST_YEAR = "9998"  # what Python can still count in every time zone


def checked(path: Path) -> Mapping[str, Any]:
    """The file's table, in which nothing is wrong.

    Raises:
        RefusedError: the file is refused, with every problem, where it is, and what
            would be right.
    """
    table = parse(path)
    found = problems("apply", table)
    found = found or _beyond_the_schema(table)
    if found:
        raise InvalidFileError(path, found)
    return table


def username_in(table: Mapping[str, Any]) -> str:
    """The user name that a checked file gives its actor, or ""."""
    return str(table.get("actor", {}).get("username", ""))


def read(path: Path, *, actor_uri: str, username: str, language: str, name: str) -> Wanted:
    """`wanted` of a file whose pictures are only looked at.

    Raises:
        RefusedError: as `checked`, or a picture is refused.
    """
    return wanted(
        checked(path),
        actor_uri=actor_uri,
        username=username,
        language=language,
        name=name,
        gallery=Gallery(path, site_of(actor_uri)),
    )


def wanted(
    table: Mapping[str, Any],
    *,
    actor_uri: str,
    username: str,
    language: str,
    name: str,
    gallery: Gallery,
) -> Wanted:
    """What a checked file wants published by the actor `actor_uri`.

    `username` and `name` stand in where the file gives none; `language` names the
    language of texts that don't say theirs; `gallery` takes in the pictures.

    Raises:
        RefusedError: a picture is refused.
    """
    contents: list[Content] = []
    charter = table.get("charter")
    if charter:
        contents.append(_statement(charter, actor_uri, language))
    for at, item in enumerate(table.get("event", ())):
        picture = gallery.take(item, "picture", f"/event/{at}", language)
        contents.append(_event(item, language, picture))
    for at, item in enumerate(table.get("resource", ())):
        picture = gallery.take(item, "picture", f"/resource/{at}", language)
        contents.append(_resource(item, language, picture))
    contents += [_poll(item, language) for item in table.get("poll", ())]
    actor = table.get("actor", {})
    return Wanted(
        username=actor.get("username", username),
        profile=Profile.from_table(
            actor,
            actor.get("name") or name,
            language,
            icon=gallery.take(actor, "icon", "/actor", language),
            banner=gallery.take(actor, "banner", "/actor", language),
        ),
        contents=tuple(contents),
        declared_given=bool(charter and "declared" in charter),
        profile_given="actor" in table,
    )


def _beyond_the_schema(table: Mapping[str, Any]) -> list[Problem]:
    """What a schema can't say: uids are unique, zones exist, ends come after beginnings."""
    found = []
    for kind in ("event", "resource", "poll"):
        seen: dict[str, int] = {}
        for number, item in enumerate(table.get(kind, ())):
            if item["uid"] in seen:
                found.append(
                    _problem(
                        f"/{kind}/{number}/uid",
                        f"{item['uid']!r} is already the uid of {kind} {seen[item['uid']]}; "
                        "each needs its own",
                    )
                )
            seen[item["uid"]] = number
            found += [
                _problem(
                    f"/{kind}/{number}/tags/{at}",
                    f"{word!r} is no hashtag: letters, digits and _ only, and not digits alone",
                )
                for at, word in enumerate(item.get("tags", ()))
                if not hashtag.is_hashtag(word)
            ]
    for number, item in enumerate(table.get("poll", ())):
        found += _wrong_with_poll(f"/poll/{number}", item)
    for number, item in enumerate(table.get("event", ())):
        path = f"/event/{number}"
        try:
            zone = _zone(item.get("timezone", ""))
        except ZoneInfoNotFoundError:
            found.append(
                _problem(
                    f"{path}/timezone",
                    f"{item['timezone']!r} is no time zone; write one as Europe/Paris",
                )
            )
            continue
        late = [key for key in ("start", "end", "deadline") if item.get(key, "") >= LAST_YEAR]
        if late:
            found += [
                _problem(f"{path}/{key}", f"{item[key]} is not in a year before {LAST_YEAR}")
                for key in late
            ]
            continue
        start, end, _ = _times(item, zone)
        if end is not None and end < start:
            found.append(
                _problem(f"{path}/end", f"{item['end']} is before the start, {item['start']}")
            )
    charter = table.get("charter", {})
    declared = charter.get("declared", clock.now().date().isoformat())
    if charter and charter["valid_until"] < declared:
        found.append(
            _problem(
                "/charter/valid_until",
                f"{charter['valid_until']} is before the day the statement is made, {declared}",
            )
        )
    return found


def _wrong_with_poll(path: str, item: Mapping[str, Any]) -> list[Problem]:
    """Options differ, since votes name them, and are there in the question's languages."""
    found = []
    options = item["options"]
    seen: set[str] = set()
    wanted = set(item["question"]) if isinstance(item["question"], Mapping) else set()
    for number, option in enumerate(options):
        texts_of = set(option.values()) if isinstance(option, Mapping) else {option}
        again = sorted(texts_of & seen)
        if again:
            found.append(_problem(f"{path}/options/{number}", f"{again[0]!r} is an option already"))
        missing = sorted(wanted - set(option)) if isinstance(option, Mapping) else []
        if missing:
            found.append(
                _problem(
                    f"{path}/options/{number}",
                    f"the question is also asked in {missing[0]}: write the option in it, too",
                )
            )
        seen |= texts_of
    try:
        _zone(item.get("timezone", ""))
    except ZoneInfoNotFoundError:
        words = f"{item['timezone']!r} is no time zone; write one as Europe/Paris"
        return [*found, _problem(f"{path}/timezone", words)]
    if item["ends"] >= LAST_YEAR:
        found.append(
            _problem(f"{path}/ends", f"{item['ends']} is not in a year before {LAST_YEAR}")
        )
    return found


def _problem(path: str, words: str) -> Problem:
    return Problem(path, f"{path}: {words}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ValueError, OSError):
        raise ZoneInfoNotFoundError(name) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _times(item: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime | None, bool]:
    """Start, end and whether whole days are meant; an all-day end is the midnight after."""
    start, end = item["start"], item.get("end")
    if len(start) == 10:
        last = date.fromisoformat(end or start) + timedelta(days=1)
        return (
            _fixed(datetime.combine(date.fromisoformat(start), time(), zone)),
            _fixed(datetime.combine(last, time(), zone)),
            True,
        )
    return _fixed(_moment(start, zone)), _fixed(_moment(end, zone)) if end else None, False


def _deadline(text: str, zone: ZoneInfo) -> datetime:
    """The moment itself; a day means its last minute."""
    if len(text) == 10:
        return _fixed(datetime.combine(date.fromisoformat(text), time(23, 59), zone))
    return _fixed(_moment(text, zone))


def _fixed(moment: datetime) -> datetime:
    """The same moment with its offset alone, as the wire and the database write it."""
    return datetime.fromisoformat(moment.isoformat())


def _statement(charter: Mapping[str, Any], actor_uri: str, language: str) -> Statement:
    return Statement(
        member=actor_uri,
        charter=charter["version"],
        declared=charter.get("declared", clock.now().date().isoformat()),
        valid_until=charter["valid_until"],
        commitments=tuple(
            Declared(
                commitment=commitment,
                level=item["level"],
                explanation=texts(item.get("explanation"), language),
                evidence=tuple(item.get("evidence", ())),
            )
            for commitment, item in charter["commitments"].items()
        ),
    )


def _event(item: Mapping[str, Any], language: str, picture: Picture | None) -> Event:
    zone = _zone(item.get("timezone", ""))
    start, end, all_day = _times(item, zone)
    return Event(
        uid=item["uid"],
        name=texts(item["name"], language),
        start=start,
        end=end,
        all_day=all_day,
        timezone=zone.key,
        description=texts(item.get("description"), language),
        place=Place.from_table(item.get("location")),
        online_url=item.get("online_url", ""),
        url=item.get("url", ""),
        kind=item.get("kind", "event"),
        deadline=_deadline(item["deadline"], zone) if "deadline" in item else None,
        status=item.get("status", "scheduled"),
        working_group=item.get("working_group", ""),
        source=tuple(item.get("source", ())),
        tags=hashtag.own(item.get("tags", ()), "event"),
        picture=picture,
    )


def _resource(item: Mapping[str, Any], language: str, picture: Picture | None) -> Resource:
    return Resource(
        uid=item["uid"],
        name=texts(item["name"], language),
        kind=item["kind"],
        openness=item["openness"],
        license=item.get("license", ""),
        description=texts(item.get("description"), language),
        url=item.get("url", ""),
        version=item.get("version", ""),
        languages=tuple(item.get("languages", ())),
        released=item.get("released", ""),
        working_group=item.get("working_group", ""),
        authors=tuple(item.get("authors", ())),
        source=tuple(item.get("source", ())),
        picture=picture,
        tags=hashtag.own(item.get("tags", ()), "resource"),
    )


def _poll(item: Mapping[str, Any], language: str) -> Poll:
    """A poll; an option that is one string is the same in each of the question's languages."""
    question = texts(item["question"], language)
    return Poll(
        uid=item["uid"],
        question=question,
        options=tuple(
            dict.fromkeys(question, option) if isinstance(option, str) else texts(option, language)
            for option in item["options"]
        ),
        ends=_deadline(item["ends"], _zone(item.get("timezone", ""))),
        multiple=item.get("multiple", False),
        tags=hashtag.own(item.get("tags", ()), "question"),
    )
