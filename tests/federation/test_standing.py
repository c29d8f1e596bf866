"""Standing between real servers: it follows from what was signed, and from nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain import log, vouching
from pecfed.domain.standing import on
from pecfed.federation import proofs
from pecfed.services import gather, membership
from tests.cast import Peer
from tests.federation.sending import send
from tests.foreign import a_statement
from tests.servers import Server


async def public(ruche: Server, reader: Peer, path: str) -> str:
    """What anybody reads there."""
    headers = {"Accept": "application/activity+json"}
    async with reader.http.get(f"{ruche.url}{path}", headers=headers) as response:
        assert response.status == 200, path
        return await response.text()


async def told(ruche: Server, of: Peer) -> str:
    """The standing of a member as the API tells it."""
    items = json.loads(await public(ruche, of, "/api/v1/members"))["items"]
    return next(str(each["standing"]) for each in items if each["uri"] == of.uri)


async def justified(ruche: Server, of: Peer) -> str:
    """The standing that a stranger finds who has the copy of the log and nothing else."""
    lines = (await public(ruche, of, "/log.jsonl")).splitlines()
    found = log.verify_lines(lines)
    assert found.head is not None
    hub = json.loads(await public(ruche, of, f"/actors/{ruche.username}"))
    proofs.verify(found.head, proofs.read_keys(hub), clock.now())
    acts = []
    for line in lines[:-1]:
        entry = json.loads(line)["entry"]
        at = clock.to_ms(clock.from_iso(entry["at"]))
        act = log.read(at, json.dumps(entry), "")
        if act is not None:
            acts.append(act)
    return on(vouching.read(of.uri, acts), clock.now().date())[0]


async def acts(ruche: Server, of: Peer) -> list[tuple[str, bool]]:
    """What was written about a member, and whether it is public."""
    rows = await ruche.rows(
        "SELECT a.act, l.is_public FROM log_acts a JOIN log l ON l.n = a.n "
        "WHERE a.subject = ? ORDER BY a.n",
        of.uri,
    )
    return [(act, bool(is_public)) for act, is_public in rows if act != "desk"]


async def joined(ruche: Server, corbeau: Peer, **more: Any) -> dict[str, Any]:
    """Corbeau asks, with a statement, and is accepted; its statement."""
    statement = a_statement(corbeau, **more)
    corbeau.serve(statement)
    featured = {"id": f"{corbeau.uri}/featured", "type": "OrderedCollection"}
    corbeau.serve(featured | {"orderedItems": [statement["id"]]})
    corbeau.serve(corbeau.actor(featured=featured["id"]))
    await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    await ruche.quiet()
    return dict(statement)


async def test_what_an_applicant_declares_is_public_once_it_is_a_member(
    ruche: Server, corbeau: Peer
) -> None:
    """No line before; then the copy alone justifies what the directory shows."""
    await joined(ruche, corbeau)
    assert await acts(ruche, corbeau) == [("ask", False)]
    assert corbeau.uri not in await public(ruche, corbeau, "/log.jsonl")
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await ruche.quiet()
    assert await acts(ruche, corbeau) == [
        ("ask", False), ("accept", True), ("declare", True),
    ]  # fmt: skip
    assert await told(ruche, corbeau) == await justified(ruche, corbeau) == "declared"


async def test_it_follows_what_the_member_signs(ruche: Server, corbeau: Peer) -> None:
    """Another text, the same again, taken back: a line each where something changed."""
    statement = await joined(ruche, corbeau)
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await ruche.quiet()
    before = len(await acts(ruche, corbeau))
    value = statement["charterStatement"]
    now = clock.stamp(clock.now())
    changed = statement | {"updated": now, "charterStatement": value | {"validUntil": "2099-01-01"}}
    corbeau.serve(changed)
    assert await send(corbeau, ruche, corbeau.activity("Update", changed)) == "kept"
    again = changed | {"updated": clock.stamp(clock.now() + timedelta(seconds=1))}
    corbeau.serve(again)
    await send(corbeau, ruche, corbeau.activity("Update", again))
    assert (await acts(ruche, corbeau))[before:] == [("declare", True)]
    digests = await ruche.rows(
        "SELECT count(DISTINCT digest) FROM statement_versions WHERE object_uri = ?",
        statement["id"],
    )
    assert digests == [(2,)], "the version before is kept"
    await send(corbeau, ruche, corbeau.activity("Delete", statement["id"]))
    assert (await acts(ruche, corbeau))[before:] == [("declare", True), ("withdraw", True)]
    assert await told(ruche, corbeau) == await justified(ruche, corbeau) == "withdrawn"


async def test_who_claims_a_standing_has_none_of_it(ruche: Server, corbeau: Peer) -> None:
    """Whatever a member's own documents say of it."""
    statement = await joined(ruche, corbeau, standing="labelled", label="gold")
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await ruche.quiet()
    claiming = statement | {"standing": "labelled", "attestation": {"digest": "0" * 64}}
    corbeau.serve(corbeau.actor(standing="labelled"))
    await send(corbeau, ruche, corbeau.activity("Update", claiming))
    await send(corbeau, ruche, corbeau.activity("Update", corbeau.actor(standing="labelled")))
    assert await told(ruche, corbeau) == await justified(ruche, corbeau) == "declared"


async def changes(
    ruche: Server, corbeau: Peer, statement: dict[str, Any], count: int, after: int = 0
) -> list[str]:
    """What becomes of so many versions of a statement, one after the other, three by turns."""
    said, value, now = [], statement["charterStatement"], clock.now()
    for number in range(count):
        until = f"2099-01-{1 + number % 3:02}"
        changed = statement | {
            "updated": clock.stamp(now + timedelta(seconds=number + after)),
            "charterStatement": value | {"validUntil": until},
        }
        corbeau.serve(changed)
        said.append(await send(corbeau, ruche, corbeau.activity("Update", changed)))
    return said


async def test_an_applicant_makes_the_log_no_longer(ruche: Server, corbeau: Peer) -> None:
    """Anybody can ask: however often it changes its statement, no line tells of it."""
    statement = await joined(ruche, corbeau)
    lines = await ruche.value("SELECT count(*) FROM log")
    most = gather.MOST_CHANGES_ASKED
    said = await changes(ruche, corbeau, statement, most + 1)
    assert said == ["kept"] * (most - 1) + ["changed too often today"] * 2
    assert await ruche.value("SELECT count(*) FROM log") == lines
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await ruche.quiet()
    assert await told(ruche, corbeau) == await justified(ruche, corbeau) == "declared"


async def test_a_member_changes_its_statement_so_often_in_a_day(
    ruche: Server, corbeau: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after that waits for another day."""
    statement = await joined(ruche, corbeau)
    await ruche.decide(corbeau.uri, "accept", "meets-criteria")
    await ruche.quiet()
    monkeypatch.setattr(gather, "MOST_CHANGES", 4)
    assert await changes(ruche, corbeau, statement, 5) == [
        "kept", "kept", "kept", "changed too often today", "changed too often today",
    ]  # fmt: skip
    assert [name for name, _ in await acts(ruche, corbeau)].count("declare") == 4
    await ruche.write(lambda s: s.run("UPDATE members SET counted_on = '2026-01-01'"))
    assert await changes(ruche, corbeau, statement, 2, after=60) == ["kept", "kept"]


async def test_who_asks_and_leaves_all_day_is_not_heard(ruche: Server, corbeau: Peer) -> None:
    """Each time is a line of the log, which only grows."""
    for _ in range(membership.MOST_ASKS):
        assert await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri)) == "asked"
        await send(corbeau, ruche, corbeau.activity("Leave", ruche.actor_uri))
        assert await ruche.state_of(corbeau.uri) == "left"
    lines = await ruche.value("SELECT count(*) FROM log")
    note = await send(corbeau, ruche, corbeau.activity("Join", ruche.actor_uri))
    assert "times today" in note
    assert await ruche.value("SELECT count(*) FROM log") == lines
