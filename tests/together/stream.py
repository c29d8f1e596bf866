"""A platform that never rests: creates, updates and deletes, one after another."""

from __future__ import annotations

import asyncio
import random
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from pecfed.app import open_node
from pecfed.domain.content import Content
from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from pecfed.domain.wanted import Wanted
from pecfed.services import apply, setup
from pecfed.settings import load
from pecfed.store.database import Session
from tests.together.nodes import Node

LIVE = 30


@dataclass
class Stream:
    """Applies change after change on a node that another process serves, in a thread.

    `pause` is in seconds; `published` is what stands after the last change, by kind
    and uid.
    """

    node: Node
    chance: random.Random
    pause: float = 0.02
    changes: int = 0
    published: dict[tuple[str, str], Content] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Begin."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the change under way."""
        self._stop.set()
        self._thread.join()

    def _next(self) -> None:
        """Think of one change."""
        number = self.changes = self.changes + 1
        live = list(self.published)
        deed = self.chance.choice(("create", "create", "update", "update", "delete"))
        if not live or (deed == "create" and len(live) < LIVE):
            made = _event(number) if number % 2 else _resource(number)
            self.published["event" if number % 2 else "resource", made.uid] = made
        elif deed == "delete":
            del self.published[self.chance.choice(live)]
        else:
            key = self.chance.choice(live)
            known = self.published[key]
            name = {"fr": f"Version {number}"}
            if isinstance(known, Event):
                self.published[key] = replace(known, name=name)
            elif isinstance(known, Resource):
                self.published[key] = replace(known, name=name, version=str(number))

    async def _run(self) -> None:
        async with open_node(load(self.node.dir)) as node:
            actor = await node.database.read(setup.speaker)
            while not self._stop.is_set():
                self._next()
                wanted = Wanted(actor.username, actor.profile, tuple(self.published.values()))

                async def carry_out(session: Session, wanted: Wanted = wanted) -> object:
                    return await apply.carry_out(session, node.uris, actor, wanted, prune=True)

                await node.database.write(carry_out)
                await asyncio.sleep(self.pause)


def _event(number: int) -> Event:
    start = datetime(2099, 1, 1, 18, tzinfo=UTC) + timedelta(hours=number)
    return Event(
        f"e{number}", {"fr": f"Événement {number}"}, start, start + timedelta(hours=2),
        timezone="Europe/Paris",
    )  # fmt: skip


def _resource(number: int) -> Resource:
    return Resource(
        f"r{number}", {"fr": f"Ressource {number}"}, "document", "public", "CC0-1.0",
        version=str(number),
    )  # fmt: skip
