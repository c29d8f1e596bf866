"""What strangers say and like is bounded: in number, in size, in time, in what it sets off."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain import conversation as bounds
from pecfed.domain.retention import KEEP_SAID
from pecfed.services import conversation, publish
from pecfed.store import objects
from pecfed.store.database import Session
from pecfed.work import prune
from tests.conftest import MakeServer
from tests.hostile.peer import Peer
from tests.servers import Server

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
THING = '[[resource]]\nuid = "a"\nname = "A"\nkind = "software"\nopenness = "public"\n'


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Both: bounds are counted by the database."""
    name: str = request.param
    return name


async def a_thing(hub: Server) -> str:
    """Something to talk about."""
    await hub.apply(THING)
    found = await hub.read(lambda session: objects.of_actor(session, hub.actor_uri, "resource"))
    return found[0].uri


def a_note(peer: Peer, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{peer.url}/n/{number}", "type": "Note", "attributedTo": peer.mallory,
        "content": f"<p>{number}</p>", "to": [PUBLIC],
    } | more  # fmt: skip


async def post(peer: Peer, hub: Server, activity: Any) -> int:
    status, text = await peer.post(f"{hub.url}/inbox", activity)
    assert status < 500, text
    return status


async def test_thousands_of_likes_from_made_up_ids(hub: Server) -> None:
    """One host makes a number that it can't exceed; another's like still counts."""
    about = await a_thing(hub)
    came: Counter[str] = Counter()

    async def work(session: Session) -> None:
        for number in range(bounds.MAX_REACTIONS_OF_HOST + 500):
            actor = f"https://farm.example/u/{number}"
            came[await conversation.reacted(session, "like", about, actor, "")] += 1
        came[await conversation.reacted(session, "like", about, "https://good.example/u", "")] += 1

    await hub.write(work)
    assert came == {"liked": bounds.MAX_REACTIONS_OF_HOST + 1, "too many": 500}


async def test_signed_likes_of_made_up_actors(make_server: MakeServer, peer: Peer) -> None:
    """Their keys are fetched at a bounded rate, and the rest is told to wait."""
    hub = await make_server(role="hub", username="ruche", key_fetches_per_host=10)
    about = await a_thing(hub)
    statuses = []
    for number in range(40):
        actor = peer.add(f"u{number}")
        statuses.append(await post(peer, hub, peer.activity("Like", about, actor=actor)))
    assert statuses.count(202) <= 10 and statuses.count(429) >= 30
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM reactions") <= 10


async def test_a_chatterbox(hub: Server, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many messages of an actor in a day, so many about one thing."""
    about = await a_thing(hub)
    monkeypatch.setattr(bounds, "MAX_OF_ACTOR", 5)
    for number in range(8):
        note = a_note(peer, number, inReplyTo=about)
        assert await post(peer, hub, peer.activity("Create", note)) == 202
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM messages") == 5
    monkeypatch.setattr(bounds, "MAX_OF_ACTOR", 100)
    monkeypatch.setattr(bounds, "MAX_ABOUT", 6)
    for number in range(8, 12):
        await post(peer, hub, peer.activity("Create", a_note(peer, number, inReplyTo=about)))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM messages") == 6


async def test_reports_without_end(hub: Server, peer: Peer) -> None:
    """One host may have so many open ones."""
    about = await a_thing(hub)
    for _ in range(bounds.MAX_REPORTS_OF_HOST + 5):
        await post(peer, hub, peer.activity("Flag", [about] * 200, content="x" * 50_000))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM reports") == bounds.MAX_REPORTS_OF_HOST
    assert await hub.value("SELECT max(length(content) + length(about)) FROM reports") < 5000


BOMBS = {
    "nested": "<div>" * 9000 + "x",
    "unclosed": "<a href='" + "x" * 50_000,
    "anchors": '<a href="https://x.example/1">' * 1500,
    "spaces": "<a " + " " * 60_000,
    "entities": "&amp;" * 10_000,
    "marks": "a" + "\u0301" * 30_000,
    "breaks": "<br>" * 12_000,
    "script": "<script>" + "x" * 50_000 + "</script><style>y</style>",
    "quotes": '<a class="' + "class='" * 7000,
    "svg": '<svg onload="x"><math><mtext></table><mglyph><style><img src=x onerror=y>',
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_bombs_of_markup(hub: Server, peer: Peer, bomb: str) -> None:
    """Read in a moment, kept as a short text without any markup."""
    about = await a_thing(hub)
    note = a_note(peer, 1, inReplyTo=about, content=BOMBS[bomb], summary=BOMBS[bomb][:60_000])
    began = time.monotonic()
    status = await post(peer, hub, peer.activity("Create", note))
    await hub.quiet()
    assert time.monotonic() - began < 5
    rows = await hub.rows("SELECT content, links FROM messages")
    assert len(rows) == (status == 202)
    for content, links in rows:
        assert len(content) <= bounds.MAX_TEXT
        assert len(json.loads(links)) <= bounds.MAX_LINKS
        for part in ("<script", "<svg", "<img", "<a ", "onerror"):
            assert part not in content


@pytest.mark.parametrize(
    "more",
    [
        {"tag": [{"type": "Mention", "href": "https://x.example/u"}] * 3000},
        {"tag": [{"type": "Emoji", "icon": [[[]]]}, "x", None, 7, []]},
        {"attachment": [{"type": "Document", "url": f"https://x.example/{n}"} for n in range(900)]},
        {"attachment": {"url": {"href": "javascript:alert(1)"}}},
        {"content": None, "contentMap": {"\u202e": "x", "fr" * 40: "y"}},
        {"content": ["<p>x</p>"], "name": {"a": 1}, "summary": 7},
        {"url": "javascript:alert(1)"},
        {"url": [{"href": "data:text/html,x"}, 7]},
        {"published": "9999-12-31T23:59:59Z", "updated": "0000-00-00"},
        {"to": {"id": PUBLIC}, "cc": [7, None, {"x": 1}]},
        {"inReplyTo": ["https://x.example/1", "https://x.example/2"]},
    ],
    ids=range(11),
)
async def test_clumsy_and_hostile_notes(hub: Server, peer: Peer, more: dict[str, Any]) -> None:
    """Kept within bounds or not at all; nothing that a browser would run becomes a link."""
    about = await a_thing(hub)
    note = a_note(peer, 1, inReplyTo=about, cc=[hub.actor_uri]) | more
    await post(peer, hub, peer.activity("Create", note, to=[hub.actor_uri]))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
    for content, links, url, language, at in await hub.rows(
        "SELECT content, links, url, language, published_at FROM messages"
    ):
        assert len(content) <= bounds.MAX_TEXT
        assert all(link.startswith("https://") for link in json.loads(links))
        assert len(json.loads(links)) <= bounds.MAX_LINKS
        assert url.startswith("http")
        assert len(language) < 40 and language.isascii()
        assert at <= clock.now_ms()


async def test_notes_that_answer_themselves(hub: Server, peer: Peer) -> None:
    """Loops of answers lead nowhere: nobody is asked for the rest of a thread."""
    itself = a_note(peer, 1, inReplyTo=f"{peer.url}/n/1", cc=[hub.actor_uri])
    there = a_note(peer, 2, inReplyTo=f"{peer.url}/n/3", cc=[hub.actor_uri])
    back = a_note(peer, 3, inReplyTo=f"{peer.url}/n/2", cc=[hub.actor_uri])
    for note in (itself, there, back, back):
        await post(peer, hub, peer.activity("Create", note))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM messages WHERE kind = 'mention'") == 3
    assert [path for path in peer.asked if path.startswith("/n/")] == []


async def test_a_note_with_an_id_of_ours(hub: Server, peer: Peer) -> None:
    """Nobody speaks at our address, and nothing of ours is asked for over the network."""
    about = await a_thing(hub)
    for note in (
        a_note(peer, 1, id=about, inReplyTo=about),
        a_note(peer, 2, attributedTo=hub.actor_uri, inReplyTo=about),
    ):
        await post(peer, hub, peer.activity("Create", note))
    await post(peer, hub, peer.activity("Delete", about))
    await hub.quiet()
    assert await hub.value("SELECT count(*) FROM messages") == 0
    stored = await hub.object(about)
    assert stored is not None and stored.deleted_at is None


async def test_what_was_said_is_forgotten_with_what_it_was_about(
    hub: Server, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some weeks after that was withdrawn; nothing of it stays."""
    about = await a_thing(hub)
    await post(peer, hub, peer.activity("Create", a_note(peer, 1, inReplyTo=about)))
    await post(peer, hub, peer.activity("Create", a_note(peer, 2, cc=[hub.actor_uri])))
    await post(peer, hub, peer.activity("Like", about))
    await hub.quiet()
    me, stored = await hub.me(), await hub.object(about)
    assert stored is not None
    await hub.write(lambda session: publish.delete(session, hub.node.uris, me, stored))
    await hub.write(prune.once)
    assert await hub.value("SELECT count(*) FROM messages") == 2
    later = clock.now_ms() + KEEP_SAID + 1000
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    await hub.write(prune.once)
    assert await hub.rows("SELECT kind FROM messages") == [("mention",)]
    assert await hub.value("SELECT count(*) FROM reactions") == 0
