"""Polls of ours: votes are counted once, followers hear how it stands, seldom, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.services import poll
from pecfed.store import votes
from pecfed.work import polls
from tests.cast import Peer
from tests.federation.sending import send
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


async def test_no_server_makes_all_the_votes(
    lilas: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are still counted."""
    monkeypatch.setattr(poll, "MOST_VOTES_OF_HOST", 1)
    await lilas.apply(text())
    uri = await published(lilas)
    assert await vote(lilas, uri, "https://a.example/1", "Tuesday") == "vote counted"
    assert await vote(lilas, uri, "https://a.example/2", "Tuesday") == "too many of that server"
    assert await vote(lilas, uri, "https://b.example/1", "Tuesday") == "vote counted"


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


def ballot(who: Peer, question: str, name: str, node: Server, **more: Any) -> dict[str, Any]:
    """A vote as Mastodon writes it: a Note with a name, no content, to the author alone."""
    return {
        "id": who.new("votes"), "type": "Note", "name": name, "attributedTo": who.uri,
        "inReplyTo": question, "to": [node.actor_uri],
    } | more  # fmt: skip


@pytest.mark.case("A22")
async def test_a22_a_vote_is_counted_once(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """By who votes from another server; again, another one, an unknown one, a late one: nothing."""
    await lilas.apply(text())
    uri = await published(lilas)

    async def votes_for(who: Peer, name: str, **more: Any) -> str:
        create = who.activity("Create", ballot(who, uri, name, lilas, **more))
        return await send(who, lilas, create)

    assert await votes_for(corbeau, "Tuesday") == "vote counted"
    assert await votes_for(corbeau, "Tuesday") == "voted before"
    assert await votes_for(corbeau, "Thursday") == "voted before"
    assert await votes_for(pie, "Sunday") == "no such option"
    assert await votes_for(pie, "Thursday", inReplyTo=f"{uri}x") != "vote counted"
    assert await lilas.value("SELECT count(*) FROM votes") == 1
    # with a text it is a reply, whatever its name
    assert await votes_for(pie, "Thursday", content="<p>Thursday!</p>") == "reply"
    assert await votes_for(pie, "Thursday") == "vote counted"
    with clock.running_ahead(timedelta(minutes=10)):
        await tell(lilas)
        question = await served(lilas, corbeau, uri)
    counts = [each["replies"]["totalItems"] for each in question["oneOf"]]
    assert (counts, question["votersCount"]) == ([1, 1, 0], 2)


async def test_a_vote_for_somebody_else_is_none(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """The voter is who signed, not whom the note names."""
    await lilas.apply(text())
    uri = await published(lilas)
    stolen = ballot(corbeau, uri, "Tuesday", lilas, attributedTo=pie.uri)
    await send(corbeau, lilas, corbeau.activity("Create", stolen))
    assert await lilas.value("SELECT count(*) FROM votes") == 0


async def test_a_vote_after_the_end_is_passed_over(lilas: Server, corbeau: Peer) -> None:
    """Answered 202 like any other."""
    await lilas.apply(text(timedelta(seconds=-5)))
    uri = await published(lilas)
    create = corbeau.activity("Create", ballot(corbeau, uri, "Tuesday", lilas))
    assert await send(corbeau, lilas, create) == "the poll is over"
