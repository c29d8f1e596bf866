"""What an actor's file says it wants published, and the difference to what is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from pecfed.domain.content import Content, kind_of
from pecfed.domain.profile import Profile
from pecfed.domain.statement import Statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything a file asks for.

    `declared_given` says whether it dates its statement itself, `profile_given` whether
    it says anything of the actor: one that doesn't leaves the profile as it is.
    """

    username: str
    profile: Profile
    contents: tuple[Content, ...]
    declared_given: bool = False
    profile_given: bool = True


class Published(Protocol):
    """What is known of something published."""

    @property
    def content(self) -> Content:
        """The thing itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `before` is None for what is new, `after` for what is gone."""

    verb: Literal["create", "update", "delete"]
    kind: str
    uid: str
    before: Published | None
    after: Content | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying would do; `profile` is the new profile where that changes.

    `gone` is what the file no longer names: it is withdrawn only when asked for. `kept` is
    what stays as it is, since it is newer than the file.
    """

    changes: tuple[Change, ...]
    gone: tuple[Change, ...]
    profile: Profile | None
    unchanged: int
    kept: tuple[Content, ...] = ()


def difference(
    wanted: Wanted, profile: Profile | None, published: Sequence[Published]
) -> Difference:
    """Compare a file with what its actor has published; pure.

    `profile` is the actor's present one, None where there is no actor yet.
    """
    known = {
        (kind_of(each.content), each.content.uid): each
        for each in published
        if kind_of(each.content) != "note"
    }
    changes = []
    unchanged = 0
    for content in wanted.contents:
        key = (kind_of(content), content.uid)
        before = known.pop(key, None)
        after = _dated(content, before, given=wanted.declared_given)
        if before is None:
            changes.append(Change("create", *key, None, after))
        elif before.content != after:
            changes.append(Change("update", *key, before, after))
        else:
            unchanged += 1
    gone = tuple(Change("delete", *key, before, None) for key, before in known.items())
    same_profile = profile is not None and (profile == wanted.profile or not wanted.profile_given)
    return Difference(
        tuple(changes),
        gone,
        None if same_profile else wanted.profile,
        unchanged + (1 if same_profile else 0),
    )


def _dated(content: Content, before: Published | None, *, given: bool) -> Content:
    """A statement that doesn't date itself keeps its date for as long as it says the same."""
    if not isinstance(content, Statement) or given or before is None:
        return content
    old = before.content
    assert isinstance(old, Statement)
    kept = replace(content, declared=old.declared)
    return kept if kept == old else content
