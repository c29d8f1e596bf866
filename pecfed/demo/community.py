"""Who plays in the demo: the files of `actors/community/`, and the address each one gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pecfed.connectors import apply_file, invited_file
from pecfed.connectors.invited_file import Invited
from pecfed.domain.content import kind_of
from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
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
class Community:
    """The whole cast; `after` is what the file of `changed` says in the second act."""

    hub: Part
    members: tuple[Part, ...]
    invited: tuple[Invited, ...]
    changed: Part
    after: Wanted

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
    changed = next(part for part in members if part.name == CHANGED)
    return Community(
        hub=hub,
        members=members,
        invited=tuple(invited_file.read(folder / "invited.toml", language=LANGUAGE)),
        changed=changed,
        after=_wanted(folder / "changes" / f"{CHANGED}-after.toml", changed.username, changed.url),
    )


def _members(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.toml") if path.stem not in NO_MEMBERS)


def _part(path: Path, role: str, port: int) -> Part:
    username = apply_file.username_in(apply_file.checked(path)) or path.stem
    url = f"http://{HOST}:{port}"
    return Part(path.stem, role, username, url, _wanted(path, username, url))


def _wanted(path: Path, username: str, url: str) -> Wanted:
    return apply_file.read(
        path, actor_uri=Uris(url).actor(username), username=username, language=LANGUAGE,
        name=username,
    )  # fmt: skip
