"""An actor's own content as an apply file (docs/apply-file.md): what it exports, it can apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from pecfed.domain.content import Content, kind_of
from pecfed.domain.event import Event
from pecfed.domain.poll import Poll
from pecfed.domain.profile import Profile
from pecfed.domain.statement import Statement

LISTS = ("event", "resource")
"""The kinds of content that a file names one by one."""


def write(username: str, profile: Profile, contents: Iterable[Content], pictures: str = "") -> str:
    """The file's text; pictures are named as files in the folder `pictures`.

    Plain notes are left out: a node writes them by itself.
    """
    table: dict[str, Any] = {"actor": {"username": username} | _filled(profile.to_data(), pictures)}
    for content in contents:
        if isinstance(content, Statement):
            table["charter"] = _charter(content)
        elif isinstance(content, Poll):
            table.setdefault("poll", []).append(_poll(content))
        elif kind_of(content) in LISTS:
            data = content.to_data()
            if isinstance(content, Event):
                data |= _times(content)
            table.setdefault(kind_of(content), []).append(_filled(data, pictures))
    return tomli_w.dumps(table, multiline_strings=False)


def write_charter(statement: Statement) -> str:
    """The `[charter]` of a file alone, to be put in the place of an older one."""
    return tomli_w.dumps({"charter": _charter(statement)}, multiline_strings=False)


def _filled(data: Mapping[str, Any], pictures: str) -> dict[str, Any]:
    """A table without what is empty, places and pictures as a file has them."""
    table = {name: value for name, value in data.items() if value not in (None, "", [], {}, False)}
    # these two are true where a file doesn't say so
    table |= {name: False for name in ("discoverable", "indexable") if data.get(name) is False}
    if "place" in table:
        table["location"] = table.pop("place")
    for name in ("picture", "icon", "banner"):
        if name in table:
            file = urlsplit(table[name]["url"]).path.rpartition("/")[2]
            table[name] = {"file": f"{pictures}/{file}", "alt": table[name]["alt"]}
    for past in table.get("history", ()):
        if not past["source"]:
            del past["source"]
    return table


def _times(event: Event) -> dict[str, Any]:
    """Times as TOML has them; an event of whole days ends on its last day."""
    times: dict[str, Any] = {"all_day": None, "start": event.start, "end": event.end}
    if event.all_day:
        last = (event.end or event.start).date() - timedelta(days=1)
        times |= {"start": event.start.date(), "end": max(last, event.start.date())}
    return times | {"deadline": event.deadline}


def _poll(poll: Poll) -> dict[str, Any]:
    """What was asked; how it was answered stands in the outbox."""
    table: dict[str, Any] = {
        "uid": poll.uid,
        "question": dict(poll.question),
        "options": [dict(option) for option in poll.options],
        "ends": poll.ends,
    }
    return table | _filled({"multiple": poll.multiple, "tags": list(poll.tags)}, "")


def _charter(statement: Statement) -> dict[str, Any]:
    return {
        "version": statement.charter,
        "declared": date.fromisoformat(statement.declared),
        "valid_until": date.fromisoformat(statement.valid_until),
        "commitments": {
            each.commitment: {"level": each.level}
            | ({"explanation": dict(each.explanation)} if each.explanation else {})
            | ({"evidence": list(each.evidence)} if each.evidence else {})
            for each in statement.commitments
        },
    }
