"""The demo's acts: a community comes together, a member changes something, they vouch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pecfed.app import open_node
from pecfed.demo.community import Community, Part
from pecfed.demo.operators import Operator, settings_of
from pecfed.demo.outside import Outside, Seen, until
from pecfed.demo.processes import Processes
from pecfed.demo.progress import Progress
from pecfed.domain.content import kind_of
from pecfed.domain.text import pick
from pecfed.domain.wanted import Change
from pecfed.federation.client import Client

ARRIVE_SECONDS = 60.0
CHANGE_SECONDS = 20.0
# Between two looks. While everybody starts, looking costs what starting needs; later, a
# change is timed by it.
FIRST_ACT_PAUSE = 0.1
SECOND_ACT_PAUSE = 0.01
DEEDS = {"create": "event", "update": "correction", "delete": "withdrawal"}
TOLD = {"create": "publishes one more", "update": "corrects a", "delete": "withdraws a"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo came to: figures as the hub's API gives them, deliveries as the nodes do."""

    hub: str
    figures: Mapping[str, int]
    standings: Mapping[str, str]
    delivered: int
    failed: int
    propagation_ms: Mapping[str, int]


class Story:
    """One run of the demo in `folder`, on databases that `new_database` makes."""

    def __init__(
        self,
        community: Community,
        folder: Path,
        new_database: Callable[[], str],
        progress: Progress,
    ) -> None:
        self._community = community
        self._folder = folder
        self._new_database = new_database
        self._progress = progress
        self._operators: dict[str, Operator] = {}

    async def play(self, processes: Processes, stack: AsyncExitStack) -> Outcome:
        """All acts, to the end; the nodes' databases are closed with `stack`.

        Raises:
            NotArrivedError: something didn't reach the hub in time.
            PecfedError: a node can't be made or asked.
        """
        await self._found(processes, stack)
        hub = self._operators[self._community.hub.name]
        client = hub.node.client
        outside = Outside(client, self._community.hub.url)
        await self._first_act(processes, client, outside)
        propagation_ms = await self._second_act(outside)
        await self._third_act(outside)
        counts = await self._settled()
        seen = await outside.seen()
        return Outcome(
            hub=self._community.hub.url,
            figures=seen.figures(),
            standings=seen.standings(),
            delivered=counts["delivered"],
            failed=counts["failed"],
            propagation_ms=propagation_ms,
        )

    async def _found(self, processes: Processes, stack: AsyncExitStack) -> None:
        """Make each node; while the next one is made, it starts to serve."""
        for part in self._community.parts:
            folder = self._folder / part.name
            folder.mkdir(mode=0o700)
            database = await asyncio.to_thread(self._new_database)
            node = await stack.enter_async_context(open_node(settings_of(part, folder, database)))
            operator = self._operators[part.name] = Operator(part, node)
            await operator.begin()
            processes.start(part.name, part.url, folder)

    async def _first_act(self, processes: Processes, client: Client, outside: Outside) -> None:
        """Everybody joins and announces, until a visitor of the hub sees it all."""
        hub_answers = asyncio.Event()
        await together(
            self._open_hub(processes, client, hub_answers),
            *(
                self._enter(part, processes, client, hub_answers)
                for part in self._community.members
            ),
            self._fill(outside, hub_answers),
        )

    async def _open_hub(
        self, processes: Processes, client: Client, hub_answers: asyncio.Event
    ) -> None:
        hub = self._community.hub
        operator = self._operators[hub.name]
        await operator.announce()
        await operator.invite(self._community)
        await processes.answers(hub.name, client)
        self._tell(
            hub,
            f"serves {hub.url}; {_counted(hub)} of the public history, "
            f"{len(self._community.invited)} organisations invited",
        )
        hub_answers.set()

    async def _enter(
        self, part: Part, processes: Processes, client: Client, hub_answers: asyncio.Event
    ) -> None:
        """One member: declares, asks, is accepted, announces."""
        member, hub = self._operators[part.name], self._operators[self._community.hub.name]
        commitments = await member.declare()
        await processes.answers(part.name, client)
        self._tell(part, f"serves {part.url}; {part.title} declares {commitments} commitments")
        await hub_answers.wait()
        await member.join(hub.part.url)
        self._tell(part, "asks the hub for membership")

        async def unread() -> list[str]:
            return [] if await hub.has_read(part) else [part.handle]

        async def unheard() -> list[str]:
            return [] if await member.is_heard() else [part.handle]

        await until(
            unread,
            seconds=ARRIVE_SECONDS,
            pause=FIRST_ACT_PAUSE,
            what="a Join and its statement didn't reach the hub",
        )
        await hub.accept(part)
        self._tell(hub.part, f"has read the statement of {part.title}, and accepts it")
        await until(
            unheard,
            seconds=ARRIVE_SECONDS,
            pause=FIRST_ACT_PAUSE,
            what="the hub's Accept and Follow didn't arrive",
        )
        await member.announce()
        self._tell(part, f"announces {_counted(part)}")

    async def _fill(self, outside: Outside, hub_answers: asyncio.Event) -> None:
        """Look at the hub from outside until everything is there."""
        await hub_answers.wait()
        community = self._community
        items = community.items()
        wanted = {
            "members": len(community.members),
            "invited": len(community.invited),
            "statements": len(community.members),
            "events": sum(kind == "event" for kind, _, _ in items),
            "resources": sum(kind == "resource" for kind, _, _ in items),
        }

        async def missing() -> list[str]:
            seen: Seen = await outside.seen()
            figures = seen.figures()
            # the invited are there from the beginning: nothing to watch
            self._progress.fill(
                {name: (figures[name], wanted[name]) for name in wanted if name != "invited"}
            )
            return await outside.missing(community, seen)

        await until(
            missing,
            seconds=ARRIVE_SECONDS,
            pause=FIRST_ACT_PAUSE,
            what="this didn't arrive at the hub",
        )
        figures = ", ".join(f"{number} {name}" for name, number in wanted.items())
        self._progress.tell(f"the hub's API and pages show {figures}")

    async def _second_act(self, outside: Outside) -> dict[str, int]:
        """One platform changes three things, one after the other; each one's milliseconds."""
        part = self._community.changed
        member = self._operators[part.name]
        took = {}
        for change in await member.changes_to(self._community.after):
            before = time.perf_counter()
            await member.change(change)

            async def missing(change: Change = change) -> list[str]:
                return await outside.awaits(change, part.handle)

            await until(
                missing,
                seconds=CHANGE_SECONDS,
                pause=SECOND_ACT_PAUSE,
                what="this change didn't arrive at the hub",
            )
            took[DEEDS[change.verb]] = round((time.perf_counter() - before) * 1000)
            self._tell(
                part,
                f"{TOLD[change.verb]} {change.kind}, {_name(change)}: "
                f"on the hub's page after {took[DEEDS[change.verb]]} ms",
            )
        return took

    async def _third_act(self, outside: Outside) -> None:
        """Members vouch for each other, the hub for some; then one changes what it declared."""
        vouching, hub = self._community.vouching, self._operators[self._community.hub.name]
        for endorsing in vouching.endorsing:
            await self._operators[endorsing.by.name].endorse(endorsing)
            what = ", ".join(endorsing.commitments) or "all that it declares"
            self._tell(endorsing.by, f"vouches for {endorsing.of.title}: {what}")
        for attesting in vouching.attesting:
            await hub.attest(attesting)
            more = ", and gives it the label" if attesting.label else ""
            self._tell(hub.part, f"attests what {attesting.of.title} declares{more}")
        changed = self._operators[vouching.changed.name]
        for change in await changed.changes_to(vouching.after):
            await changed.change(change)
        self._tell(vouching.changed, "changes its statement, after it was attested")

        async def missing() -> list[str]:
            return await outside.not_standing(vouching.standing)

        await until(
            missing,
            seconds=ARRIVE_SECONDS,
            pause=FIRST_ACT_PAUSE,
            what="these standings didn't come about",
        )
        shown = ", ".join(
            f"{handle.partition('@')[0]} {standing}"
            for handle, standing in vouching.standing.items()
        )
        self._progress.tell(f"the hub's API and pages show {shown}")

    async def _settled(self) -> Counter[str]:
        """The nodes' deliveries and letters, once none is waiting any more."""

        async def waiting() -> list[str]:
            return [
                f"{n} at {operator.part.name}"
                for operator in self._operators.values()
                if (n := (await operator.counts())["waiting"])
            ]

        await until(
            waiting,
            seconds=ARRIVE_SECONDS,
            pause=FIRST_ACT_PAUSE,
            what="deliveries were still waiting",
        )
        total: Counter[str] = Counter()
        for operator in self._operators.values():
            total += await operator.counts()
        return total

    def _tell(self, part: Part, text: str) -> None:
        self._progress.tell(f"{part.name:<10} {text}")


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things at once; the first that fails ends the others, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _counted(part: Part) -> str:
    kinds = Counter(kind_of(content) for content in part.wanted.contents)
    if kinds["question"]:
        return f"{kinds['event']} events, {kinds['resource']} resources and a poll"
    return f"{kinds['event']} events and {kinds['resource']} resources"


def _name(change: Change) -> str:
    content: Any = change.after or (change.before.content if change.before else None)
    return f"“{pick(content.name, 'en')[1]}”"
