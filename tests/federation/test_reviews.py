"""What hubs and members write to each other in private: kept by whom it is for, and answered."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.domain.review import Review
from pecfed.services import review as sending
from pecfed.services import reviews
from pecfed.store import notices, remotes
from pecfed.store.reviews import Letter, of_actor
from tests.cast import PUBLIC, Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.federation.sending import send
from tests.servers import Server, eventually
from tests.together.files import statement

ASKED = {"fr": "Où sont vos statuts ?", "en": "Where are your statutes?"}


async def letters(node: Server, act: str = "") -> list[Letter]:
    """What its actor was sent and sent, the oldest first."""
    me = await node.me()
    found = await node.read(lambda session: of_actor(session, me.id, 100))
    return [each for each in reversed(found) if not act or each.review.act == act]


async def one_letter(node: Server, act: str) -> Letter:
    """The one with that act, once it is there."""

    async def there() -> list[Letter]:
        return await letters(node, act)

    (found,) = await eventually(there)
    return found


async def write(hub: Server, to_uri: str, said: Review) -> str:
    """The hub writes to somebody it knows."""
    me = await hub.me()
    to = await hub.read(lambda session: remotes.get(session, to_uri))
    assert to is not None
    return await hub.write(lambda session: sending.send(session, hub.node.uris, me, to, said))


def a_review(who: Peer, whom: str, act: str, **more: Any) -> dict[str, Any]:
    """A direct Note with a review, as another program would write it; None takes away."""
    value = {"act": act, "about": f"{who.uri}/statement"} | more.pop("review", {})
    note = {
        "id": who.new("notes"),
        "type": "Note",
        "attributedTo": who.uri,
        "content": "<p>?</p>",
        "to": [whom],
        "cc": [],
        "tag": [{"type": "Mention", "href": whom, "name": "@x"}],
        "review": value,
    } | more
    return {term: value for term, value in note.items() if value is not None}


def creating(who: Peer, note: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Its Create, to whom the note is."""
    return who.activity("Create", note, **({"to": note.get("to", []), "cc": []} | more))


async def test_a_question_and_its_answer(ruche: Server, lilas: Server) -> None:
    """The member's node keeps the question, tells its operator, and the hub gets the answer."""
    await let_in_node(ruche, lilas)
    await lilas.apply(statement())
    about = (await lilas.rows("SELECT uri FROM objects WHERE kind = 'statement'"))[0][0]
    uri = await write(
        ruche, lilas.actor_uri,
        Review("ask", about, commitments=("governance-1",), message=ASKED, until="2027-01-31"),
    )  # fmt: skip
    question = await one_letter(lilas, "ask")
    assert (question.uri, question.state, question.is_sent) == (uri, "open", False)
    assert question.other_uri == ruche.actor_uri
    assert question.review.message == ASKED
    assert question.review.commitments == ("governance-1",)
    assert question.review.until == "2027-01-31"
    me = await lilas.me()
    assert await lilas.read(lambda session: reviews.waiting(session, me)) == 1
    told = await lilas.read(lambda session: notices.listing(session, ["operators"], 10))
    assert [(each.kind, each.name) for each in told] == [("question", "La Ruche")]
    assert told[0].facts["path"] == "/admin/assessment/lilas"
    await lilas.write(
        lambda session: reviews.answer(
            session, lilas.node.uris, me, question.id, "Ici : https://lilas.example/s", "fr"
        )
    )
    answer = await one_letter(ruche, "answer")
    assert answer.review.message == {"fr": "Ici : https://lilas.example/s"}
    assert answer.review.reply_to == uri
    assert (answer.review.about, answer.review.commitments) == (about, ("governance-1",))
    (version,) = await lilas.rows("SELECT digest FROM statement_versions")
    assert answer.review.digest == version[0]
    assert await lilas.read(lambda session: reviews.waiting(session, me)) == 0
    assert [each.state for each in await letters(lilas)] == ["done", "done"]
    assert [each.id for each in await letters(ruche)] == [answer.id]
    assert answer.other_uri == lilas.actor_uri
    # nobody can read any of it, and the conversations don't show it
    for node, path in ((ruche, uri), (lilas, answer.uri)):
        assert await node.object(path) is None
        assert await node.value("SELECT count(*) FROM messages") == 0


async def test_asking_another_member_for_an_endorsement(
    lilas: Server, make_server: MakeServer
) -> None:
    """The other's operator is told; the same statement is asked for once, a new one again."""
    orme = await make_server(username="orme", name="Orme")
    await lilas.node.remotes.actor(orme.actor_uri)
    me, them = await lilas.me(), await orme.me()

    async def ask() -> str:
        return await lilas.write(
            lambda session: reviews.ask_endorsement(
                session, lilas.node.uris, me, orme.actor_uri, "Bonjour !", "fr"
            )
        )

    with pytest.raises(Exception, match="published no statement"):
        await ask()
    await lilas.apply(statement())
    await ask()
    request = await one_letter(orme, "endorse-please")
    assert (request.name, request.state) == ("Lilas", "open")
    assert request.review.message == {"fr": "Bonjour !"}
    (version,) = await lilas.rows("SELECT digest FROM statement_versions")
    assert request.review.digest == version[0]
    with pytest.raises(Exception, match="asked already"):
        await ask()
    await orme.write(lambda session: reviews.settle(session, them, request.id))
    assert await orme.read(lambda session: reviews.waiting(session, them)) == 0
    await lilas.apply(statement("planned"))
    await ask()


@pytest.mark.parametrize("act", ["ask", "publish", "refuse", "later", "still-true", "answer", "x"])
async def test_a_stranger_is_no_reviewer(lilas: Server, corbeau: Peer, act: str) -> None:
    """Only a hub that was asked reviews; whatever else is said leaves no row of it."""
    await send(corbeau, lilas, creating(corbeau, a_review(corbeau, lilas.actor_uri, act)))
    await lilas.quiet()
    assert await letters(lilas) == []
    assert await lilas.value("SELECT count(*) FROM notices") == 0
    assert await lilas.value("SELECT count(*) FROM messages") == 0


@pytest.mark.parametrize("act", ["answer", "appeal", "right-of-reply"])
async def test_a_hub_hears_those_who_have_an_entry(ruche: Server, corbeau: Peer, act: str) -> None:
    """Of a stranger nothing, of one that asked to be listed, or was refused, everything."""
    await send(corbeau, ruche, creating(corbeau, a_review(corbeau, ruche.actor_uri, act)))
    join = corbeau.activity("Join", ruche.actor_uri)
    await send(corbeau, ruche, join)
    await ruche.note_of(join["id"])
    assert await letters(ruche) == []
    await ruche.decide(corbeau.uri, "refuse")
    await send(corbeau, ruche, creating(corbeau, a_review(corbeau, ruche.actor_uri, act)))
    await one_letter(ruche, act)
    # but not as if it were a hub
    await send(corbeau, ruche, creating(corbeau, a_review(corbeau, ruche.actor_uri, "ask")))
    await ruche.quiet()
    assert len(await letters(ruche)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"to": [PUBLIC]},
        {"cc": [PUBLIC]},
        {"attributedTo": "https://else.example/u"},
        {"id": "https://else.example/notes/1"},
        {"to": ["https://else.example/u"]},
        {"review": {"act": "DROP TABLE"}},
        {"review": {"about": "javascript:1"}},
        {"review": {"act": ["endorse-please"]}},
        {"type": ["Note", "Article"]},
    ],
)
async def test_what_is_no_review_of_the_senders(
    lilas: Server, corbeau: Peer, change: dict[str, Any]
) -> None:
    """Refused in a word or kept as a plain mention, never as a review."""
    note = a_review(corbeau, lilas.actor_uri, "endorse-please", **change)
    to = [lilas.actor_uri, *note["to"]]
    await send(corbeau, lilas, creating(corbeau, note, to=to))
    await lilas.quiet()
    assert await letters(lilas) == []


async def test_once_and_as_it_was_said(lilas: Server, corbeau: Peer) -> None:
    """Sent twice it is kept once; corrected, it stays; its texts are cleaned and bounded."""
    note = a_review(
        corbeau, lilas.actor_uri, "endorse-please",
        review={
            "message": {"fr": "A\u202eB\u0000C" + "x" * 9000, "en": 7, "bad tag": "no"},
            "commitments": ["data-1", "data-1", 3, "<b>"],
            "digest": "zz", "until": "2027-99-99",
        },
    )  # fmt: skip
    note["review"]["message"]["fr"] = note["review"]["message"]["fr"].replace("\u0000", "")
    await send(corbeau, lilas, creating(corbeau, note))
    found = await one_letter(lilas, "endorse-please")
    assert len(found.review.message["fr"]) == 4000
    assert found.review.message["fr"].startswith("ABCx")
    assert list(found.review.message) == ["fr"]
    assert (found.review.commitments, found.review.digest, found.review.until) == (
        ("data-1",), "", "",
    )  # fmt: skip
    await send(corbeau, lilas, creating(corbeau, note))
    note["review"]["message"] = {"fr": "Autre"}
    await send(corbeau, lilas, creating(corbeau, note) | {"type": "Update"})
    await lilas.quiet()
    assert (await one_letter(lilas, "endorse-please")).review == found.review
    assert await lilas.value("SELECT count(*) FROM messages") == 0


async def test_nobody_can_flood(
    lilas: Server, corbeau: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many a day of one actor; what is beyond leaves no row."""
    monkeypatch.setattr(reviews, "MAX_A_DAY", 2)
    for _ in range(4):
        note = a_review(corbeau, lilas.actor_uri, "endorse-please")
        await send(corbeau, lilas, creating(corbeau, note))
    await lilas.quiet()
    assert len(await letters(lilas)) == 2
