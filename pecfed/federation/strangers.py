"""Actors that were read and of which nothing is kept yet: in memory, bounded, for a moment.

A stranger leaves no row before something of its is kept. Where hundreds come at once, what
their origins said is remembered until then, so that each is asked but once.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from pecfed.store.remotes import RemoteActor

MOST = 5_000
MOST_CHARACTERS = 16_000_000  # of all their documents; ordinary ones have some thousand each


class Met(NamedTuple):
    """An actor as its origin describes it now, its keys as (uri, PEM), and if that is kept."""

    actor: RemoteActor
    keys: list[tuple[str, str]]
    kept: bool


class Strangers:
    """The latest of them by id; the oldest are forgotten where they grow too many or too large."""

    def __init__(self) -> None:
        self._met: OrderedDict[str, Met] = OrderedDict()
        self._characters = 0

    def get(self, uri: str) -> Met | None:
        """What its origin said of an actor, if that is remembered."""
        return self._met.get(uri)

    def add(self, met: Met) -> None:
        """Remember an actor."""
        self.forget(met.actor.uri)
        self._met[met.actor.uri] = met
        self._characters += len(met.actor.document)
        while len(self._met) > MOST or self._characters > MOST_CHARACTERS:
            self.forget(next(iter(self._met)))

    def forget(self, uri: str) -> None:
        """Forget an actor, for example since it is kept now."""
        met = self._met.pop(uri, None)
        if met is not None:
            self._characters -= len(met.actor.document)
