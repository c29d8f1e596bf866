"""The apply file: everything a platform announces, in one TOML file (docs/apply-file.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

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
from pecfed.language.written_times import LAST_YEAR, deadline, times, zone_of
from pecfed.store.pictures import Gallery


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
        wrong = _wrong_with_times(path, item, "start", "end", "deadline")
        if wrong:
            found += wrong
            continue
        start, end, _ = times(item, zone_of(item.get("timezone", "")))
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
    return found + _wrong_with_times(path, item, "ends")


def _wrong_with_times(path: str, item: Mapping[str, Any], *keys: str) -> list[Problem]:
    """Zones exist, and years can be counted in."""
    try:
        zone_of(item.get("timezone", ""))
    except ZoneInfoNotFoundError:
        words = f"{item['timezone']!r} is no time zone; write one as Europe/Paris"
        return [_problem(f"{path}/timezone", words)]
    return [
        _problem(f"{path}/{key}", f"{item[key]} is not in a year before {LAST_YEAR}")
        for key in keys
        if item.get(key, "") >= LAST_YEAR
    ]


def _problem(path: str, words: str) -> Problem:
    return Problem(path, f"{path}: {words}")


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
    zone = zone_of(item.get("timezone", ""))
    start, end, all_day = times(item, zone)
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
        deadline=deadline(item["deadline"], zone) if "deadline" in item else None,
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
        ends=deadline(item["ends"], zone_of(item.get("timezone", ""))),
        multiple=item.get("multiple", False),
        tags=hashtag.own(item.get("tags", ()), "question"),
    )
