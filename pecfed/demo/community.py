"""Who plays in the demo: the files of `actors/community/`, and the address each one gets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pecfed import clock
from pecfed.connectors import apply_file, invited_file
from pecfed.connectors.invited_file import Invited
from pecfed.domain.content import kind_of
from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Statement
from pecfed.domain.text import Texts
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Wanted

HOST = "127.0.0.1"
LANGUAGE = "fr"
NO_MEMBERS = ("hub", "invited")
CHANGED = "velo"

Item = tuple[str, str, str]
"""What the directory shows of something published: its kind, its publisher's handle, its uid."""


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the demo; `name` is its folder and its file, `wanted` what that file says."""

    name: str
    role: str
    username: str
    url: str
    wanted: Wanted

    @property
    def handle(self) -> str:
        """name@host:port, by which the hub lists it."""
        return f"{self.username}@{self.url.partition('//')[2]}"

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.wanted.profile.name

    def items(self) -> set[Item]:
        """The events and resources that the hub must show of it."""
        return {
            (kind_of(content), self.handle, content.uid)
            for content in self.wanted.contents
            if isinstance(content, Event | Resource)
        }


@dataclass(frozen=True, slots=True)
class Endorsing:
    """One member vouches for another, on those commitments, or the whole statement."""

    by: Part
    of: Part
    commitments: tuple[str, ...]
    comment: Texts


@dataclass(frozen=True, slots=True)
class Attesting:
    """The hub attests what a member declares, and gives it the `label` or not."""

    of: Part
    comment: Texts
    label: bool


@dataclass(frozen=True, slots=True)
class Vouching:
    """The third act: who vouches for whom, who changes its statement (`changed`) to what.

    `standing` is what the directory must show in the end, by handle.
    """

    endorsing: tuple[Endorsing, ...]
    attesting: tuple[Attesting, ...]
    changed: Part
    after: Wanted
    standing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Community:
    """The whole cast; `after` is what the file of `changed` says in the second act."""

    hub: Part
    members: tuple[Part, ...]
    invited: tuple[Invited, ...]
    changed: Part
    after: Wanted
    vouching: Vouching

    @property
    def parts(self) -> tuple[Part, ...]:
        """The hub, then its members: each a node."""
        return (self.hub, *self.members)

    def items(self) -> set[Item]:
        """Every event and resource of the first act."""
        return {item for part in self.parts for item in part.items()}


def size(folder: Path) -> int:
    """How many nodes, and so how many ports, the cast in that folder takes."""
    return 1 + len(_members(folder))


def read_community(folder: Path, port: int) -> Community:
    """The cast in that folder: the hub at `port`, each member at one of the ports after it.

    Raises:
        RefusedError: a file is refused, with every problem and where it is.
    """
    hub = _part(folder / "hub.toml", "hub", port)
    members = tuple(
        _part(path, "member", port + place) for place, path in enumerate(_members(folder), 1)
    )
    by_name = {part.name: part for part in members}
    changed = by_name[CHANGED]
    return Community(
        hub=hub,
        members=members,
        invited=tuple(invited_file.read(folder / "invited.toml", language=LANGUAGE)),
        changed=changed,
        after=_wanted(folder / "changes" / f"{CHANGED}-after.toml", changed.username, changed.url),
        vouching=_vouching(folder / "changes", by_name),
    )


def _vouching(folder: Path, by_name: Mapping[str, Part]) -> Vouching:
    """What `changes/vouching.toml` says."""
    said: dict[str, Any] = tomllib.loads((folder / "vouching.toml").read_text("utf-8"))
    changed = by_name[said["change"]["of"]]
    return Vouching(
        endorsing=tuple(
            Endorsing(
                by_name[each["by"]],
                by_name[each["of"]],
                tuple(each.get("commitments", ())),
                each.get("comment", {}),
            )
            for each in said["endorsement"]
        ),
        attesting=tuple(
            Attesting(by_name[each["of"]], each.get("comment", {}), each.get("label", False))
            for each in said["attestation"]
        ),
        changed=changed,
        after=_wanted(folder / said["change"]["file"], changed.username, changed.url),
        standing={by_name[name].handle: each for name, each in said["standing"].items()},
    )


def _members(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.toml") if path.stem not in NO_MEMBERS)


def _part(path: Path, role: str, port: int) -> Part:
    username = apply_file.username_in(apply_file.checked(path)) or path.stem
    url = f"http://{HOST}:{port}"
    return Part(path.stem, role, username, url, _wanted(path, username, url))


def _wanted(path: Path, username: str, url: str) -> Wanted:
    found = apply_file.read(
        path, actor_uri=Uris(url).actor(username), username=username, language=LANGUAGE,
        name=username,
    )  # fmt: skip
    today = clock.now().date()
    contents = (
        in_its_dates(each, today) if isinstance(each, Statement) else each
        for each in found.contents
    )
    return replace(found, contents=tuple(contents))


def in_its_dates(statement: Statement, today: date) -> Statement:
    """The statement so many whole years later that it isn't over, since nobody vouches then."""
    until, years = date.fromisoformat(statement.valid_until), 0
    while until.replace(year=until.year + years) < today:
        years += 1
    if not years:
        return statement
    declared = date.fromisoformat(statement.declared)
    return replace(
        statement,
        declared=declared.replace(year=declared.year + years).isoformat(),
        valid_until=until.replace(year=until.year + years).isoformat(),
    )
