"""Whatever JSON a peer signs has an effect that the rules allow, or none; and never a 500."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pecfed.domain.uris import same_origin
from tests.conftest import MakeServer
from tests.hostile.conftest import let_in
from tests.hostile.odd import activities, anything, filled
from tests.hostile.peer import Peer, a_peer
from tests.servers import Server, eventually
from tests.together.files import actor, event

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
SENDERS = ("mallory", "fan", "zoe")
ANSWERS = frozenset({202, 400, 401, 403, 404, 413, 415, 429, 503})
WHOSE = {
    "objects": "actor_uri", "followers": "follower_uri", "following": "target_uri",
    "remote_actors": "uri", "remote_keys": "actor_uri", "members": "uri",
    "inbox": "actor_uri", "withdrawn": "actor_uri", "reactions": "actor_uri",
    "messages": "actor_uri", "reports": "actor_uri", "votes": "voter_uri",
}  # fmt: skip
"""Who a row belongs to; only its own rows may change by what somebody sends."""
FIXED = ("actors", "keys", "blocks", "memberships", "answers", "migrations", "digests")
"""What no letter changes at all."""
MOVING = {"read_due_at", "fetched_at", "document", "seen_at"}
"""What may change by itself: a hint has an outbox read, an actor is read anew."""


@dataclass
class Stage:
    """A hub with things of its own, a member who never does anything, and the attacker's three."""

    hub: Server
    peer: Peer
    places: dict[str, str]
    count: int = 0

    def actor(self, sender: str) -> str:
        """The id of one of the three, who are others each time."""
        return f"{self.peer.url}/u/{sender}{self.count}"

    async def enter(self) -> None:
        """Three newcomers: a member, a follower, and one of whom nothing is known."""
        self.count += 1
        for sender in SENDERS:
            self.peer.add(f"{sender}{self.count}")
        fan = self.peer.activity("Follow", self.hub.actor_uri, actor=self.actor("fan"))
        assert (await self.peer.post(f"{self.hub.url}/inbox", fan))[0] == 202
        await let_in(self.hub, self.peer, self.actor("mallory"))

    async def send(self, sender: str, activity: dict[str, Any]) -> int:
        """Sign it as one of the three; the status."""
        me = self.actor(sender)
        places = {
            **self.places, "@me": me, "@mine": f"{self.peer.url}/o/{sender}{self.count}",
            "@new": f"{self.peer.url}/a/{secrets.token_hex(6)}",
        }  # fmt: skip
        body = json.dumps(filled(activity, places)).encode()
        return (await self.peer.post(f"{self.hub.url}/inbox", body, key_uri=f"{me}#main-key"))[0]

    async def state(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that has an owner, or never changes."""
        names = [*WHOSE, *FIXED]

        async def work(session: Any) -> dict[str, list[dict[str, Any]]]:
            found = {}
            for name in names:
                rows = [dict(row) for row in await session.all(f"SELECT * FROM {name}")]
                found[name] = sorted(
                    ({k: v for k, v in row.items() if k not in MOVING} for row in rows), key=repr
                )
            return found

        return await self.hub.read(work)

    def others(self, state: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """What in it isn't the attacker's."""
        return {
            name: [
                row
                for row in rows
                if not same_origin(row.get(WHOSE.get(name, "")) or "", self.peer.url)
            ]
            for name, rows in state.items()
        }


@pytest.fixture
async def stage(make_server: MakeServer, peer: Peer) -> AsyncIterator[Stage]:
    """Everybody in their places, but for the attacker's three."""
    many = dict.fromkeys(
        ("key_fetches_per_minute", "key_fetches_per_host", "strangers_per_minute"), 1_000_000
    )
    hub = await make_server(role="hub", username="ruche", **many)
    await hub.apply(actor("La Ruche") + event("assemblee"))
    async with a_peer() as other:
        victim = other.add("victim")
        await let_in(hub, other, victim)
        await other.post(f"{hub.url}/inbox", other.activity("Follow", hub.actor_uri, actor=victim))
        created = [
            other.event("/o/event", actor=victim),
            {"id": f"{other.url}/o/statement", "type": "Note", "attributedTo": victim,
             "content": "x", "to": [PUBLIC], "charterStatement": {
                "member": victim, "charter": "2018", "declared": "2026-11-20",
                "validUntil": "2027-11-20",
                "commitments": [{"commitment": "governance-1", "level": "planned"}]}},
        ]  # fmt: skip
        for each in created:
            other.serve(each["id"].removeprefix(other.url), each)
            await other.post(f"{hub.url}/inbox", other.activity("Create", each, actor=victim))
        await hub.quiet()
        ours = await hub.value(
            "SELECT uri FROM objects WHERE actor_id IS NOT NULL AND kind = 'event'"
        )
        said = await hub.value("SELECT min(uri) FROM activities")
        assert await hub.value("SELECT count(*) FROM objects WHERE actor_id IS NULL") == 2
        yield Stage(hub, peer, {
            "@hub": hub.actor_uri, "@instance": f"{hub.url}/actor", "@ours": ours, "@said": said,
            "@directory": f"{hub.url}/directory", "@victim": victim, "@event": created[0]["id"],
            "@statement": created[1]["id"], "@gone": f"{peer.url}/o/gone",
            "@odd": f"{peer.url}/o/odd", "@alien": "http://127.0.0.1:9/u/alien",
        })  # fmt: skip


@given(
    letters=st.lists(st.tuples(st.sampled_from(SENDERS), activities()), min_size=4, max_size=8),
    odd=anything,
)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_is_sent_changes_only_what_is_its_senders(
    stage: Stage, caplog: pytest.LogCaptureFixture, letters: list[Any], odd: Any
) -> None:
    """No 500, nothing parked, nobody else's row is changed, nothing is in another's name."""
    await stage.enter()
    caplog.clear()
    document = {"id": f"{stage.peer.url}/o/odd"} | (odd if isinstance(odd, dict) else {"x": odd})
    stage.peer.documents["/o/odd"] = filled(document, stage.places)
    before = stage.others(await stage.state())
    for sender, activity in letters:
        status = await stage.send(sender, activity)
        assert status in ANSWERS, (status, activity)
    await settled(stage.hub)
    troubles = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert troubles == []
    assert await stage.hub.value("SELECT count(*) FROM inbox WHERE state = 'parked'") == 0
    after = await stage.state()
    changed = {
        name: [row for row in now if row not in before[name]]
        + [row for row in before[name] if row not in now]
        for name, now in stage.others(after).items()
        if now != before[name]
    }
    assert changed == {}
    for row in after["objects"]:
        assert same_origin(row["uri"], row["actor_uri"]), row
    for row in after["followers"]:
        assert row["follower_uri"].rstrip("0123456789") in known(stage), row


def known(stage: Stage) -> set[str]:
    """The actors that there are, without their numbers."""
    return {stage.places["@victim"], *(f"{stage.peer.url}/u/{name}" for name in SENDERS)}


async def settled(hub: Server) -> None:
    """Wait until each letter was looked at once."""

    async def done() -> bool:
        sql = "SELECT count(*) FROM inbox WHERE state = 'waiting' AND error = ''"
        return not await hub.value(sql)

    await eventually(done)
