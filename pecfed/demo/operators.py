"""What the people behind the nodes do: make a node, apply a file, join, accept, publish.

They use the services that the command line uses, each on its own node's database,
while that node serves in a process of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pecfed.demo.community import LANGUAGE, Attesting, Community, Endorsing, Part
from pecfed.domain.statement import Statement
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Change, Wanted
from pecfed.federation.endorsing import read_statement
from pecfed.federation.node import Node
from pecfed.federation.speakers import add_speaker
from pecfed.language.charter import charter
from pecfed.language.wire import as_uri
from pecfed.services import (
    apply,
    attest,
    endorse,
    join,
    label,
    membership,
    publish,
    setup,
)
from pecfed.settings import Settings, make
from pecfed.settings_file import write
from pecfed.store import deliveries, follows, inbox, members, memberships, objects
from pecfed.store.database import Session
from pecfed.store.objects import Stored

REASON = "meets-criteria"


def settings_of(part: Part, folder: Path, database: str) -> Settings:
    """The settings that `pecfed init --development` would write."""
    return make(
        folder,
        {
            "role": part.role,
            "url": part.url,
            "database": database,
            "language": LANGUAGE,
            "development": True,
        },
    )


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at one node."""

    part: Part
    node: Node

    async def begin(self) -> None:
        """Make keys for the node and its actor, and write its settings: now it can be served."""
        await add_speaker(self.node, "instance", "instance", self.node.settings.host)
        await add_speaker(self.node, self.part.username, self.part.role, self.part.title)
        write(self.node.settings)

    async def declare(self) -> int:
        """Publish the profile and the statement alone; how many commitments it answers."""
        statements = [c for c in self.part.wanted.contents if isinstance(c, Statement)]
        await self._apply(replace(self.part.wanted, contents=tuple(statements)))
        return sum(len(statement.commitments) for statement in statements)

    async def announce(self) -> None:
        """Publish everything that the file says."""
        await self._apply(self.part.wanted)

    async def _apply(self, wanted: Wanted) -> None:
        async def work(session: Session) -> None:
            actor = await setup.speaker(session, self.part.username)
            await apply.carry_out(session, self.node.uris, actor, wanted, prune=False)

        await self.node.database.write(work)

    async def changes_to(self, wanted: Wanted) -> Sequence[Change]:
        """What it would take to publish another file in place of what is published."""

        async def work(session: Session) -> Sequence[Change]:
            actor = await setup.speaker(session, self.part.username)
            found = await apply.compare(session, actor, wanted)
            return (*found.changes, *found.gone)

        return await self.node.database.read(work)

    async def change(self, change: Change) -> None:
        """Publish one thing more, correct one, or withdraw one."""

        async def work(session: Session) -> None:
            actor, uris = await setup.speaker(session, self.part.username), self.node.uris
            if change.before is None:
                assert change.after is not None
                await publish.create(session, uris, actor, change.after)
                return
            assert isinstance(change.before, Stored)
            if change.after is None:
                await publish.delete(session, uris, actor, change.before)
            else:
                await publish.update(session, uris, actor, change.before, change.after)

        await self.node.database.write(work)

    async def join(self, hub_url: str) -> None:
        """Ask the hub at that address for membership."""
        node = self.node
        directory = await node.fetcher.document(f"{hub_url}/directory")
        hub = await node.remotes.refresh(as_uri(directory.get("attributedTo")))

        async def work(session: Session) -> None:
            actor = await setup.speaker(session, self.part.username)
            await join.ask(session, node.uris, actor, hub)

        await node.database.write(work)

    async def is_heard(self) -> bool:
        """Whether the hub has accepted this node's actor, and follows it."""

        async def work(session: Session) -> bool:
            actor = await setup.speaker(session, self.part.username)
            states = [row["state"] for row in await memberships.of_actor(session, actor.id)]
            return states == ["member"] and await follows.count_followers(session, actor.id) > 0

        return await self.node.database.read(work)

    async def invite(self, community: Community) -> None:
        """At the hub: list organisations from public sources."""

        async def work(session: Session) -> None:
            for each in community.invited:
                await membership.invite(session, each.slug, each.profile, each.source)

        await self.node.database.write(work)

    async def has_read(self, member: Part) -> bool:
        """At the hub: whether that member has asked, and its statement is there to be read."""

        async def work(session: Session) -> bool:
            entry = await members.find(session, member.handle)
            if entry is None or entry.state != "asked" or entry.uri is None:
                return False
            return bool(await objects.of_actor(session, entry.uri, "statement"))

        return await self.node.database.read(work)

    async def accept(self, member: Part) -> None:
        """At the hub: let a member in."""

        async def work(session: Session) -> None:
            hub = await setup.the_hub(session)
            await membership.decide(
                session, self.node.uris, hub, member.handle, "accept", reason=REASON
            )

        await self.node.database.write(work)

    async def endorse(self, endorsing: Endorsing) -> None:
        """Read what another member declares, where it stands, and vouch for it."""
        node, of = self.node, endorsing.of
        actor = await node.remotes.refresh(Uris(of.url).actor(of.username))
        uri, statement = await read_statement(node, actor)

        async def work(session: Session) -> None:
            me = await setup.speaker(session, self.part.username)
            await endorse.endorse(
                session,
                node.uris,
                me,
                node.settings,
                member=actor,
                statement_uri=uri,
                statement=statement,
                commitments=endorsing.commitments,
                comment=endorsing.comment,
            )

        await node.database.write(work)

    async def attest(self, attesting: Attesting) -> None:
        """At the hub: say that every principle is confirmed, and give the label or not."""
        node, name = self.node, attesting.of.handle

        async def work(session: Session) -> None:
            hub = await setup.the_hub(session)
            of = await attest.subject(session, name)
            principles = charter(of.statement.charter).principles
            await attest.attest(
                session,
                node.uris,
                hub,
                node.settings,
                name,
                principles={each.id: "confirmed" for each in principles},
                by=["operator"],
                comment=attesting.comment,
            )
            if attesting.label:
                await label.give(session, node.uris, hub, node.settings, name, by=["operator"])

        await node.database.write(work)

    async def counts(self) -> Counter[str]:
        """Deliveries and letters by state, as `pecfed status` tells them."""
        out = await self.node.database.read(deliveries.counts)
        letters = await self.node.database.read(inbox.counts)
        return Counter(
            waiting=out["waiting"] + out["retrying"] + letters["waiting"],
            delivered=out["delivered"],
            failed=out["parked"] + letters["parked"],
        )
