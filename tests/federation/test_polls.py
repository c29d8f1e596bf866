"""Polls of ours: votes are counted once, followers hear how it stands, seldom, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.federation.objects.question import ballot
from pecfed.services import poll
from pecfed.store import votes
from pecfed.work import polls
from tests.cast import Peer
from tests.servers import Server, eventually

FILE = """
[actor]
languages = ["en", "fr"]

[[poll]]
uid = "jour"
question = {{fr = "Quel jour ?", en = "Which day?"}}
options = [{{fr = "Mardi", en = "Tuesday"}}, {{fr = "Jeudi", en = "Thursday"}}, "24/7"]
ends = {ends}
multiple = {multiple}
"""


def text(ends: timedelta = timedelta(days=3), *, multiple: bool = False) -> str:
    """The apply file of one poll."""
    moment = (clock.now() + ends).isoformat(timespec="seconds")
    return FILE.format(ends=moment, multiple=str(multiple).lower())


async def published(server: Server) -> str:
    """The uri of its only poll."""
    return str(await server.value("SELECT uri FROM objects WHERE kind = 'question'"))


async def vote(server: Server, uri: str, voter: str, choice: str) -> str:
    """One vote, as the handler of a Create gives it."""
    return await server.write(
        lambda session: poll.vote(session, question_uri=uri, voter_uri=voter, choice=choice)
    )


async def tell(server: Server) -> int:
    """Whatever is due is told."""
    return await polls.once(server.node)


async def served(server: Server, corbeau: Peer, uri: str) -> Any:
    """The Question as another server reads it."""
    async with corbeau.http.get(uri, headers={"Accept": "application/activity+json"}) as answer:
        return await answer.json(content_type=None)


async def test_a_poll_is_a_question(lilas: Server, corbeau: Peer) -> None:
    """In one language, its first one; options are told apart by their names."""
    await lilas.apply(text())
    uri = await published(lilas)
    question = await served(lilas, corbeau, uri)
    assert question["type"] == "Question"
    assert list(question["contentMap"]) == ["en"]
    assert question["content"].startswith("<p>Which day?</p>")
    assert question["oneOf"] == [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": 0}}
        for name in ("Tuesday", "Thursday", "24/7")
    ]
    assert question["votersCount"] == 0
    assert "closed" not in question and "anyOf" not in question and "summary" not in question


async def test_each_voter_counts_once(lilas: Server) -> None:
    """A second choice, a repeat, an unknown option, an unknown poll: nothing."""
    await lilas.apply(text())
    uri = await published(lilas)
    assert await vote(lilas, uri, "https://a.example/1", "Tuesday") == "vote counted"
    assert await vote(lilas, uri, "https://a.example/1", "Tuesday") == "voted before"
    assert await vote(lilas, uri, "https://a.example/1", "Thursday") == "voted before"
    assert await vote(lilas, uri, "https://a.example/2", "Sunday") == "no such option"
    assert await vote(lilas, uri + "x", "https://a.example/2", "Tuesday") == "no poll of ours"
    assert await vote(lilas, uri, "https://a.example/2", "Mardi") == "vote counted"
    assert await lilas.value("SELECT count(*) FROM votes") == 2
    assert await lilas.value("SELECT voters FROM polls") == 2


async def test_of_several_each_counts_once(lilas: Server) -> None:
    """And the voter is one."""
    await lilas.apply(text(multiple=True))
    uri = await published(lilas)
    for choice, came in (("Tuesday", "vote counted"), ("24/7", "vote counted"),
                         ("24/7", "voted before")):  # fmt: skip
        assert await vote(lilas, uri, "https://a.example/1", choice) == came
    assert await lilas.value("SELECT voters FROM polls") == 1


async def test_there_is_an_end_to_voters(lilas: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the store with invented people."""
    monkeypatch.setattr(poll, "MOST_VOTERS", 1)
    await lilas.apply(text())
    uri = await published(lilas)
    assert await vote(lilas, uri, "https://a.example/1", "Tuesday") == "vote counted"
    assert await vote(lilas, uri, "https://a.example/2", "Tuesday") == "too many voters"


async def test_a_burst_of_votes_is_one_update(lilas: Server, corbeau: Peer) -> None:
    """It comes some time after the first one, with the old `updated`: a count, no edit."""
    await lilas.apply(text())
    uri = await published(lilas)
    before = await served(lilas, corbeau, uri)
    follow = corbeau.activity("Follow", lilas.actor_uri)
    await corbeau.send(f"{lilas.url}/inbox", follow)
    await lilas.note_of(follow["id"])
    for number in range(30):
        await vote(lilas, uri, f"https://a.example/{number}", "Tuesday")
    assert await tell(lilas) == 0

    async def told() -> bool:
        return bool(corbeau.posted("Update"))

    with clock.running_ahead(timedelta(milliseconds=poll.TELL_AFTER + 1000)):
        await tell(lilas)  # or the job of the server has just done so
        assert await tell(lilas) == 0
        await eventually(told)

    (update,) = corbeau.posted("Update")
    question = update["object"]
    assert [each["replies"]["totalItems"] for each in question["oneOf"]] == [30, 0, 0]
    assert question["votersCount"] == 30
    assert question["published"] == before["published"]
    assert question.get("updated") == before.get("updated")
    now = await served(lilas, corbeau, uri)
    of_its_own = {"@context", "proof"}  # a document by itself has both, one in a letter neither
    assert {name: value for name, value in now.items() if name not in of_its_own} == {
        name: value for name, value in question.items() if name not in of_its_own
    }


async def test_the_end_is_told_and_final(lilas: Server, corbeau: Peer) -> None:
    """With `closed`; what comes later is passed over."""
    await lilas.apply(text())
    uri = await published(lilas)
    await vote(lilas, uri, "https://a.example/1", "Thursday")
    with clock.running_ahead(timedelta(days=4)):
        assert await vote(lilas, uri, "https://a.example/2", "Tuesday") == "the poll is over"
        await tell(lilas)
        assert await tell(lilas) == 0
    question = await served(lilas, corbeau, uri)
    assert question["closed"] == question["endTime"]
    assert [each["replies"]["totalItems"] for each in question["oneOf"]] == [0, 1, 0]


async def test_a_correction_keeps_votes_while_the_answers_stay(lilas: Server) -> None:
    """Another question keeps them; another option begins anew, as on Mastodon."""
    file = text()
    await lilas.apply(file)
    uri = await published(lilas)
    await vote(lilas, uri, "https://a.example/1", "Thursday")
    assert (await lilas.apply(file)).unchanged == 2
    await lilas.apply(file.replace("Which day?", "Which day, then?"))
    stored = await lilas.object(uri)
    assert stored is not None and stored.content.to_data()["counts"] == [0, 1, 0]
    await lilas.apply(file.replace("Thursday", "Friday"))
    stored = await lilas.object(uri)
    assert stored is not None and stored.content.to_data()["counts"] == []
    assert await lilas.value("SELECT count(*) FROM votes") == 0
    await lilas.apply("[actor]\nlanguages = ['en']\n", prune=True)
    assert await lilas.value("SELECT count(*) FROM polls") == 0


async def test_the_page_shows_the_count(lilas: Server, corbeau: Peer) -> None:
    """In the reader's language, with every option."""
    await lilas.apply(text())
    uri = await published(lilas)
    await vote(lilas, uri, "https://a.example/1", "Thursday")
    with clock.running_ahead(timedelta(milliseconds=poll.TELL_AFTER + 1000)):
        await tell(lilas)
    for path in (f"/fr/{uri.partition('/objects/')[1][1:]}{uri.rpartition('/')[2]}", "/fr/@lilas"):
        async with corbeau.http.get(f"{lilas.url}{path}") as answer:
            page = await answer.text()
        assert answer.status == 200
        assert "Quel jour ?" in page and "Jeudi" in page and "1 voix" in page


async def test_a_running_poll_is_found(lilas: Server) -> None:
    """By its question; nothing is due before its end."""
    await lilas.apply(text())
    uri = await published(lilas)
    found = await lilas.read(lambda session: votes.running(session, uri))
    assert found is not None and found.tell_at == found.ends_at
    assert not await lilas.read(lambda session: votes.any_due(session, clock.now_ms()))


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"type": "Note", "name": "A", "inReplyTo": "https://a/q"}, ("https://a/q", "A")),
        ({"type": "Note", "name": "A", "inReplyTo": {"id": "https://a/q"}}, ("https://a/q", "A")),
        ({"type": "Note", "name": "A", "inReplyTo": "https://a/q", "content": ""},
         ("https://a/q", "A")),
        ({"type": "Note", "name": "A", "inReplyTo": "https://a/q", "content": "<p>A</p>"}, None),
        ({"type": "Note", "name": "A"}, None),
        ({"type": "Note", "inReplyTo": "https://a/q"}, None),
        ({"type": "Note", "name": 7, "inReplyTo": "https://a/q"}, None),
        ({"type": "Event", "name": "A", "inReplyTo": "https://a/q"}, None),
    ],
)  # fmt: skip
def test_a_ballot_is_told_from_a_reply(document: dict[str, Any], found: Any) -> None:
    """A name, no content, in reply to something."""
    assert ballot(document) == found
