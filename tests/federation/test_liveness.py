"""A hub looks after its members: probes, silence, the yearly question, and who was taken over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain.liveness import DAY, liveness
from pecfed.services import archiving, setup, still_true, suspicion
from pecfed.store import liveness as lives
from pecfed.store import members, queue
from pecfed.store.database import Session
from pecfed.store.liveness import Life
from pecfed.work import liveness as job
from tests.cast import Peer, new_key
from tests.federation.conftest import let_in_node
from tests.federation.sending import send
from tests.servers import Server, eventually


async def life(hub: Server, who: Peer) -> Life:
    """What the hub knows of a member's life."""
    entry = await hub.entry(who.uri)
    assert entry is not None
    found = await hub.read(lambda session: lives.of(session, entry.id))
    assert found is not None
    return found


async def waiting(hub: Server, kind: Any, who: Peer, ref: str = "") -> Any:
    """The item that waits for a reviewer, or None."""
    return await hub.write(lambda session: queue.waiting(session, kind, who.uri, ref))


async def probe(hub: Server, who: Peer) -> Life:
    """Probe a member's node now."""
    entry = await hub.entry(who.uri)
    assert entry is not None
    await job.one(hub.node, entry)
    return await life(hub, who)


async def test_a_node_is_probed_once_a_day(ruche: Server, member: Peer) -> None:
    """By itself after it was let in, and then not before the next day."""

    async def seen() -> bool:
        await job.once(ruche.node)
        return (await life(ruche, member)).signs.seen_at is not None

    await eventually(seen)
    asked = member.asked(f"/actors/{member.name}")
    assert await job.once(ruche.node) == 0
    assert member.asked(f"/actors/{member.name}") == asked
    with clock.running_ahead(timedelta(days=1, minutes=1)):
        assert await job.once(ruche.node) == 1
    assert member.asked(f"/actors/{member.name}") == asked + 1


async def test_silence_is_told_once_and_ends(ruche: Server, member: Peer) -> None:
    """After a week a reviewer is told; an answer settles it."""
    await probe(ruche, member)
    member.judge = lambda got: 500 if got.method == "GET" else 0
    found = await probe(ruche, member)
    assert found.failure == "HTTP 500" and found.signs.failing_since is not None
    assert await waiting(ruche, "silent", member) is None
    with clock.running_ahead(timedelta(days=7, minutes=1)):
        found = await probe(ruche, member)
        assert liveness(found.signs, clock.now_ms(), 7) == "silent"
        item = await waiting(ruche, "silent", member)
        assert item is not None and item.facts["name"] == "Corbeau"
        notices = "SELECT count(*) FROM notices WHERE kind = 'silent'"
        assert await ruche.value(notices) == 1
        await ruche.write(lambda s: s.run("UPDATE queue SET state = 'done'"))
        await probe(ruche, member)
        assert await waiting(ruche, "silent", member) is None, "a reviewer has dealt with it"
        await ruche.write(lambda s: s.run("UPDATE queue SET state = 'open'"))
        member.judge = None
        found = await probe(ruche, member)
    assert found.signs.failing_since is None and found.failure == ""
    assert await waiting(ruche, "silent", member) is None
    assert await ruche.state_of(member.uri) == "member", "nobody is removed for being silent"


def links(member: Peer) -> dict[str, str]:
    """The links of the last question that reached a member, by their answer."""
    note = member.posted("Create")[-1]["object"]
    assert note["to"] == [member.uri] and note["review"]["act"] == "still-true"
    found = re.findall(r'href="([^"]+/still-true/[^"]+)"', note["contentMap"]["en"])
    return dict(zip(("true", "change", "archive"), found, strict=True))


async def asked(hub: Server, member: Peer) -> dict[str, str]:
    """Ask a member, and wait until the question is there."""
    before = len(member.posted("Create"))
    entry = await hub.entry(member.uri)
    assert entry is not None

    async def ask(session: Session) -> bool:
        me = await setup.the_hub(session)
        return await still_true.ask(session, hub.node.uris, me, entry)

    assert await hub.write(ask)

    async def arrived() -> bool:
        return len(member.posted("Create")) > before

    await eventually(arrived)
    return links(member)


async def press(member: Peer, url: str, **fields: str) -> tuple[int, str]:
    """Press the button of a page."""
    async with member.http.post(url, data=fields) as response:
        return response.status, await response.text()


async def look(member: Peer, url: str) -> tuple[int, str]:
    """Look at a page."""
    async with member.http.get(url, headers={"Accept-Language": "en"}) as response:
        if response.status == 200:
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
        return response.status, await response.text()


async def test_the_question_comes_after_a_year(ruche: Server, member: Peer) -> None:
    """Once, by itself, to the member alone; no answer within sixty days waits for a reviewer."""
    await probe(ruche, member)
    assert not [it for it in member.posted("Create") if it["to"] == [member.uri]]
    with clock.running_ahead(timedelta(days=366)):
        await job.once(ruche.node)

        async def arrived() -> bool:
            return any(it["to"] == [member.uri] for it in member.posted("Create"))

        await eventually(arrived)
        await job.once(ruche.node)
        assert len([it for it in member.posted("Create") if it["to"] == [member.uri]]) == 1
        token = links(member)["true"].rpartition("/")[2]
        kept = "SELECT count(*) FROM still_true WHERE hash = ?"
        assert await ruche.value(kept, token) == 0
        assert await ruche.value(kept, still_true.hashed(token)) == 1
        assert await waiting(ruche, "stale", member) is None
    with clock.running_ahead(timedelta(days=366 + 61)):
        await job.once(ruche.node)
        assert liveness((await life(ruche, member)).signs, clock.now_ms(), 10_000) == "unconfirmed"
        assert (await waiting(ruche, "stale", member)).facts["why"] == "no-answer"
        assert (await look(member, links(member)["true"]))[0] == 404, "its time is over"


async def test_still_true(ruche: Server, member: Peer) -> None:
    """Looking answers nothing; the button does, once, and ends all three links."""
    url = await asked(ruche, member)
    for each in url.values():
        status, page = await look(member, each)
        assert status == 200 and "Corbeau" in page
    assert (await life(ruche, member)).signs.asked_at is not None
    status, page = await press(member, url["true"])
    assert status == 200
    found = await life(ruche, member)
    assert found.signs.asked_at is None
    assert clock.now_ms() - found.signs.affirmed_at < DAY
    for each in url.values():
        assert (await press(member, each))[0] == 404
        assert (await look(member, each))[0] == 404
    assert (await look(member, f"{ruche.url}/still-true/{'x' * 32}"))[0] == 404
    assert await ruche.state_of(member.uri) == "member"


async def test_to_be_changed(ruche: Server, member: Peer) -> None:
    """The question stands for sixty days more; a corrected statement answers it."""
    url = await asked(ruche, member)
    assert (await press(member, url["change"]))[0] == 200
    assert (await life(ruche, member)).signs.asked_at is not None
    assert (await look(member, url["true"]))[0] == 404


async def test_to_be_archived(ruche: Server, member: Peer) -> None:
    """With its successor; the page stays, the list, the Follow and the probes end."""
    url = await asked(ruche, member)
    status, page = await press(member, url["archive"], why="closed", successor="javascript:x")
    assert status == 400 and 'value="javascript:x"' in page
    assert await ruche.state_of(member.uri) == "member"
    status, _ = await press(
        member, url["archive"], why="closed", successor="https://heirs.example/"
    )
    assert status == 200
    assert await ruche.state_of(member.uri) == "archived"
    found = await life(ruche, member)
    assert found.archived_on and found.is_closed
    assert found.successor == "https://heirs.example/"

    async def told() -> bool:
        return bool(member.posted("Reject") and member.posted("Undo"))

    await eventually(told)
    assert member.posted("Reject")[-1]["membership"] == "archived"
    with clock.running_ahead(timedelta(days=3)):
        assert await job.once(ruche.node) == 0

    async def reopen(session: Session) -> members.Member:
        hub = await setup.the_hub(session)
        return await archiving.reopen(session, ruche.node.uris, hub, member.uri, by="operator")

    assert (await ruche.write(reopen)).state == "member"
    assert not (await life(ruche, member)).archived_on


async def test_a_form_of_another_site_answers_nothing(ruche: Server, member: Peer) -> None:
    """Even with the right link."""
    url = await asked(ruche, member)
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with member.http.post(url["archive"], data={"why": "closed"}, headers=headers) as answer:
        assert answer.status == 403
    assert await ruche.state_of(member.uri) == "member"


async def test_an_unproven_move_hides_the_label(ruche: Server, member: Peer, pie: Peer) -> None:
    """By the Move itself and by a probe; once looked at it isn't hidden for the same again."""
    member.serve(member.actor(movedTo=pie.uri))
    move = member.activity("Move", member.uri, target=pie.uri)
    assert await send(member, ruche, move) == "its target doesn't say so"
    assert (await life(ruche, member)).hidden_at is not None
    item = await waiting(ruche, "suspicion", member, "moved-unproven")
    assert item is not None and item.facts["detail"] == pie.uri
    entry = await ruche.write(lambda s: suspicion.unhide(s, member.uri, by="operator"))
    assert await waiting(ruche, "suspicion", member, "moved-unproven") is None
    await probe(ruche, member)
    assert (await life(ruche, member)).hidden_at is None
    member.serve(member.actor(movedTo=f"{pie.url}/actors/another"))
    await probe(ruche, member)
    assert (await life(ruche, member)).hidden_at is not None
    assert entry.state == "member"


async def test_a_move_that_both_confirm_hides_nothing(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """Nor do the keys of the new actor, which are all others."""
    await probe(ruche, member)
    member.serve(member.actor(movedTo=pie.uri))
    pie.serve(pie.actor(alsoKnownAs=[member.uri]))
    await probe(ruche, member)
    assert (await life(ruche, member)).hidden_at is None
    move = member.activity("Move", member.uri, target=pie.uri)
    assert await send(member, ruche, move) == "moved"
    await probe(ruche, pie)
    assert (await life(ruche, pie)).hidden_at is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_other_keys_alone_hide_nothing(ruche: Server, member: Peer) -> None:
    """Keys that are all new make the next probe come at once."""
    await probe(ruche, member)
    key = new_key()
    member.serve(member.actor(key=key))
    await ruche.node.remotes.refresh(member.uri)
    with clock.running_ahead(timedelta(hours=2)):
        assert await job.once(ruche.node) == 1
        assert await job.once(ruche.node) == 0
    assert (await life(ruche, member)).hidden_at is None


async def test_a_node_of_ours_is_told(ruche: Server, lilas: Server) -> None:
    """The question waits in its admin, with the three links; its own probes are answered."""
    await let_in_node(ruche, lilas)
    entry = await ruche.entry(lilas.actor_uri)
    assert entry is not None
    assert (await job.one(ruche.node, entry)).failure == ""

    async def ask(session: Session) -> bool:
        hub = await setup.the_hub(session)
        return await still_true.ask(session, ruche.node.uris, hub, entry)

    assert await ruche.write(ask)

    async def heard() -> Any:
        return await lilas.rows("SELECT act, data FROM reviews WHERE state = 'open'")

    ((act, data),) = await eventually(heard)
    assert act == "still-true" and data.count(f"{ruche.url}/still-true/") == 6
    assert await lilas.value("SELECT count(*) FROM notices WHERE kind = 'still-true'") == 1
