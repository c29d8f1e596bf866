"""Everybody's data: seen, taken along and forgotten by who proves to be it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import aiohttp
import pytest

from pecfed import clock
from pecfed.domain.retention import DAY, TOLD
from pecfed.errors import NotFoundError, RefusedError
from pecfed.services import people
from pecfed.store import personal
from tests.cast import PUBLIC, Peer
from tests.conftest import MakeServer
from tests.servers import Server, eventually


async def page(server: Server, path: str, status: int = 200) -> str:
    """A page in English."""
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/en{path}") as answer:
        assert answer.status == status
        return await answer.text()


async def press(server: Server, path: str, status: int = 200, **form: str) -> str:
    """A form is sent; where it leads, or what it says."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{server.url}{path}", data=form or {"begin": "yes"}, allow_redirects=False
        ) as answer,
    ):
        assert answer.status == status
        return answer.headers.get("Location") or await answer.text()


def mention(corbeau: Peer, lilas: Server, text: str, *, public: bool = False) -> dict[str, object]:
    """A note that names Lilas."""
    uri = corbeau.new("notes")
    to = [PUBLIC] if public else [lilas.actor_uri]
    note = {
        "id": uri, "type": "Note", "attributedTo": corbeau.uri, "to": to, "cc": [lilas.actor_uri],
        "content": f"<p>{text}</p>",
        "tag": [{"type": "Mention", "href": lilas.actor_uri, "name": "@lilas"}],
    }  # fmt: skip
    return corbeau.activity("Create", note, to=to, cc=[lilas.actor_uri])


async def send(corbeau: Peer, lilas: Server, activity: dict[str, object]) -> None:
    """It arrives and has its effect."""
    await corbeau.send(f"{lilas.actor_uri}/inbox", activity)
    await lilas.quiet()


async def proved(corbeau: Peer, lilas: Server) -> str:
    """Corbeau begins, sends the word; the address of its page."""
    where = await press(lilas, "/en/my-data", 303)
    text = await page(lilas, where.removeprefix("/en"))
    word = re.search(r"pecfed-[a-z2-9]{12}", text)
    assert word is not None and f"@{lilas.handle}" in text
    await send(corbeau, lilas, mention(corbeau, lilas, f"@lilas {word[0].upper()}"))
    return where


async def test_seen_taken_along_and_forgotten(lilas: Server, corbeau: Peer) -> None:
    """By one message; what is forgotten doesn't come back, and the message isn't kept."""
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    spoken = mention(corbeau, lilas, "Bonjour", public=True)
    await send(corbeau, lilas, spoken)
    where = await proved(corbeau, lilas)
    assert await lilas.value("SELECT count(*) FROM messages") == 1
    text = await page(lilas, where.removeprefix("/en"))
    assert corbeau.uri in text and "replies and mentions" in text and "follows" in text
    kept = json.loads(await press(lilas, where, what="export"))
    assert kept["actor"] == corbeau.uri
    assert [each["content"] for each in kept["kept"]["messages"]] == ["Bonjour"]
    assert [each["actor_uri"] for each in kept["kept"]["follows"]] == [lilas.actor_uri]
    await press(lilas, where, 400, what="erase")
    assert await lilas.value("SELECT count(*) FROM messages") == 1
    assert "Done" in await press(lilas, where, what="erase", sure="yes")
    left = await lilas.read(lambda s: personal.kept(s, corbeau.uri))
    assert set(left) <= {"withdrawn", "letters"}
    assert "is over" in await page(lilas, where.removeprefix("/en"))
    await press(lilas, where, 404, what="export")
    again = corbeau.activity("Create", spoken["object"], to=[PUBLIC], cc=[lilas.actor_uri])
    await send(corbeau, lilas, again)
    assert await lilas.value("SELECT count(*) FROM messages") == 0


async def test_only_who_proves_it(lilas: Server, corbeau: Peer) -> None:
    """Not before the message, not with a wrong word, not an hour later, not with another page."""
    where = await press(lilas, "/en/my-data", 303)
    text = await page(lilas, where.removeprefix("/en"))
    await press(lilas, where, 404, what="export")
    await send(corbeau, lilas, mention(corbeau, lilas, "pecfed-abcdefghjkmn"))
    assert "You are" not in await page(lilas, where.removeprefix("/en"))
    await press(lilas, where, 404, what="erase", sure="yes")
    word = re.search(r"pecfed-[a-z2-9]{12}", text)
    assert word is not None
    with clock.running_ahead(timedelta(minutes=61)):
        found = await lilas.write(lambda s: people.proven(s, corbeau.uri, str(word[0])))
        assert not found
        assert "is over" in await page(lilas, where.removeprefix("/en"))
    await send(corbeau, lilas, mention(corbeau, lilas, word[0]))
    other = await press(lilas, "/en/my-data", 303)
    await press(lilas, other, 404, what="export")
    assert corbeau.uri in await page(lilas, where.removeprefix("/en"))
    assert not await lilas.write(lambda s: people.proven(s, "https://x.example/a", str(word[0])))


async def test_a_word_that_was_put_into_somebodys_mouth_proves_nothing(
    lilas: Server, corbeau: Peer
) -> None:
    """In a quote, among other words, in a reply or in public; only alone, to us, unasked."""
    where = await press(lilas, "/en/my-data", 303)
    word = re.search(r"pecfed-[a-z2-9]{12}", await page(lilas, where.removeprefix("/en")))
    assert word is not None
    reply = mention(corbeau, lilas, word[0])
    note = reply["object"]
    assert isinstance(note, dict)
    note["inReplyTo"] = f"{corbeau.uri}/notes/before"
    for forged in (
        mention(corbeau, lilas, f"@lilas, who wrote {word[0]}?"),
        mention(corbeau, lilas, f"Look</p><blockquote>{word[0]}</blockquote><p>there"),
        mention(corbeau, lilas, f"RE: https://evil.example/1</p><p>{word[0]}"),
        mention(corbeau, lilas, word[0], public=True),
        reply,
    ):
        await send(corbeau, lilas, forged)
        await press(lilas, where, 404, what="export")
    assert await lilas.value("SELECT count(*) FROM messages") == 5
    await send(corbeau, lilas, mention(corbeau, lilas, f"@lilas@{lilas.url[7:]} {word[0]}"))
    assert corbeau.uri in await page(lilas, where.removeprefix("/en"))
    assert await lilas.value("SELECT count(*) FROM messages") == 5


async def test_a_question_is_bounded(lilas: Server) -> None:
    """Six a minute from one address, five hundred open in all."""
    for _ in range(6):
        await press(lilas, "/en/my-data", 303)
    assert "Too many" in await press(lilas, "/en/my-data", 429)

    async def many() -> None:
        for _ in range(people.MOST):
            await lilas.write(people.ask)

    with pytest.raises(RefusedError, match="too many"):
        await many()


async def test_a_member_leaves_first(ruche: Server, lilas: Server) -> None:
    """Then its name and facts go; the public lines of the log stay, what they hold back goes."""
    await lilas.join(ruche)
    await eventually(lambda: ruche.state_of(lilas.actor_uri))
    await ruche.quiet()
    await ruche.decide(lilas.actor_uri, "accept", "meets-criteria", "Bienvenue, secret.")
    with pytest.raises(RefusedError, match="leaves first"):
        await ruche.write(lambda s: people.erase(s, lilas.actor_uri))
    await ruche.decide(lilas.actor_uri, "remove", "closed")
    await ruche.quiet()
    lines = await ruche.rows("SELECT n, hash FROM log ORDER BY n")
    gone = await ruche.write(lambda s: people.erase(s, lilas.actor_uri))
    assert gone["actor"] == 1
    entry = await ruche.entry(lilas.actor_uri)
    assert entry is not None and entry.name == entry.slug
    assert await ruche.rows("SELECT n, hash FROM log ORDER BY n") == lines
    contents = await ruche.rows("SELECT content FROM log_acts WHERE content <> ''")
    assert not any("secret" in content for (content,) in contents)
    with pytest.raises(NotFoundError):
        await ruche.write(lambda s: people.erase(s, "https://nobody.example/x"))


async def test_the_legal_notice(make_server: MakeServer, lilas: Server) -> None:
    """What the operator has set, and how long what is kept; a node without says so."""
    assert "hasn&#39;t entered" in await page(lilas, "/legal")
    orme = await make_server(
        username="orme", legal_name="Les Ormes <SCIC>", legal_contact="https://ormes.example/"
    )
    text = await page(orme, "/legal")
    assert "Les Ormes &lt;SCIC&gt;" in text and 'href="https://ormes.example/"' in text
    for name, kept in TOLD:
        if kept is not None:
            assert f"{kept // DAY:,} days" in text, name
