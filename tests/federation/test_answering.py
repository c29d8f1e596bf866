"""What the operator sees of conversations, answers and hides; what everybody sees."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import blocking, operator
from tests.cast import ACTIVITY, PUBLIC, Peer
from tests.conftest import MakeServer
from tests.federation.sending import arrived, send
from tests.federation.test_conversations import a_note, messages, published
from tests.servers import Server, eventually


async def get(node: Server, address: str, accept: str = ACTIVITY) -> Any:
    """What stands at an address: (status, document or page)."""
    import aiohttp

    async with (
        aiohttp.ClientSession() as http,
        http.get(address, headers={"Accept": accept, "Accept-Language": "en"}) as response,
    ):
        text = await response.text()
        if "json" in response.headers["Content-Type"]:
            return response.status, await response.json(content_type=None)
        return response.status, text


async def answer(node: Server, number: int, text: str) -> str:
    message = await node.read(lambda session: operator.message(session, number))
    author = await node.node.remotes.actor(message.actor_uri)
    return await node.write(
        lambda session: operator.answer(session, node.node.uris, number, author, text, "fr")
    )


async def test_a_public_answer(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Goes to its author, whom it mentions, and stands for everybody; it has no name."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    await send(corbeau, lilas, corbeau.activity("Create", note))
    (message,) = await messages(lilas)
    uri = await answer(lilas, message.id, "Merci !\n\nVoir https://lilas.example/x")
    await eventually(arrived(corbeau, "Create"))
    (create,) = corbeau.posted("Create")
    told = create["object"]
    assert (told["id"], told["type"], told["inReplyTo"]) == (uri, "Note", note["id"])
    assert told["tag"] == [{"type": "Mention", "href": corbeau.uri, "name": f"@{message.handle}"}]
    assert told["to"] == [PUBLIC] and corbeau.uri in told["cc"]
    assert PUBLIC in create["to"] and corbeau.uri in create["to"]
    assert "name" not in told and "summary" not in told
    assert 'class="u-url mention">@<span>corbeau</span></a></span> Merci !</p>' in told["content"]
    status, served = await get(lilas, uri)
    assert (status, served["content"]) == (200, told["content"])
    (message,) = await messages(lilas)
    assert message.state == "answered"
    assert (await lilas.status())["conversations"] == {"new": 0, "reports": 0}
    # and a reply to it is one
    again = a_note(corbeau, inReplyTo=uri)
    assert await send(corbeau, lilas, corbeau.activity("Create", again)) == "reply"


async def test_a_private_answer(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Goes to its author alone, followers don't hear of it, and nobody is served it."""
    await send(pie, lilas, pie.activity("Follow", lilas.actor_uri))
    note = a_note(corbeau, to=[lilas.actor_uri], cc=[])
    assert await send(corbeau, lilas, corbeau.activity("Create", note)) == "mention"
    (message,) = await messages(lilas)
    uri = await answer(lilas, message.id, "Entre nous.")
    await eventually(arrived(corbeau, "Create"))
    await lilas.quiet()
    (create,) = corbeau.posted("Create")
    told = create["object"]
    assert (create["to"], told["to"], told["cc"]) == ([corbeau.uri], [corbeau.uri], [])
    assert PUBLIC not in str(create)
    assert pie.posted("Create") == []
    for accept in (ACTIVITY, "text/html"):
        assert (await get(lilas, uri, accept))[0] == 404
        assert (await get(lilas, create["id"], accept))[0] == 404
    assert "Entre nous" not in str(await get(lilas, f"{lilas.actor_uri}/outbox?page=0"))


async def test_what_can_not_be_answered(lilas: Server, corbeau: Peer) -> None:
    """Nothing, nobody, and who is blocked."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    await send(corbeau, lilas, corbeau.activity("Create", note))
    (message,) = await messages(lilas)
    with pytest.raises(UsageError):
        await answer(lilas, message.id, "  \n")
    with pytest.raises(NotFoundError):
        await answer(lilas, message.id + 1, "x")
    target = corbeau.url.removeprefix("http://")
    undone = await lilas.write(
        lambda session: blocking.add(session, lilas.node.uris, target, reason="spam", note="")
    )
    assert undone.hidden == 1
    with pytest.raises(RefusedError):
        await answer(lilas, message.id, "x")
    with pytest.raises(RefusedError):
        await lilas.write(lambda session: operator.unhide(session, message.id))
    assert await lilas.write(lambda s: blocking.remove(s, target)) == 1
    assert (await messages(lilas))[0].hidden == ""


async def test_counted_and_shown(make_server: MakeServer, corbeau: Peer, pie: Peer) -> None:
    """Collections say how many; the page shows public replies where the operator wants that."""
    node = await make_server(username="velo", show_replies=True)
    about = await published(node)
    said = a_note(corbeau, inReplyTo=about, contentMap={"fr": "<p>Bravo <b>tous</b></p>"})
    hidden = a_note(pie, inReplyTo=about, contentMap={"fr": "<p>Cachez-moi</p>"})
    private = a_note(pie, inReplyTo=about, to=[node.actor_uri], cc=[], content="secret",
                     contentMap=None)  # fmt: skip
    for who, note in ((corbeau, said), (pie, hidden), (pie, private)):
        assert await send(who, node, who.activity("Create", note)) == "reply"
    for who in (corbeau, pie):
        await send(who, node, who.activity("Like", about))
    await send(corbeau, node, corbeau.activity("Announce", about))
    number = next(each.id for each in await messages(node) if each.uri == hidden["id"])
    await node.write(lambda session: operator.hide(session, number))
    served = (await get(node, about))[1]
    assert served["likes"] == f"{about}/likes"
    likes = (await get(node, served["likes"]))[1]
    assert (likes["type"], likes["totalItems"]) == ("Collection", 2)
    assert corbeau.uri not in str(likes)
    assert (await get(node, served["shares"]))[1]["totalItems"] == 1
    replies = (await get(node, served["replies"]))[1]
    assert (replies["totalItems"], replies["items"]) == (1, [said["id"]])
    page = (await get(node, about, "text/html"))[1]
    assert "Bravo tous" in page and "2 likes" in page and "1 boost" in page and "1 reply" in page
    assert "Cachez" not in page and "secret" not in page
    notices = (await node.status())["notices"]
    assert notices == [{"about": about, "likes": 2, "shares": 1, "replies": 2, "mentions": 0}]
    await node.write(lambda session: operator.unhide(session, number))
    assert (await get(node, served["replies"]))[1]["totalItems"] == 2
    for nothing in (f"{about}/dislikes", f"{node.url}/objects/x/likes"):
        assert (await get(node, nothing))[0] == 404


async def test_replies_are_not_shown_unless_asked_for(lilas: Server, corbeau: Peer) -> None:
    """Only how many there are."""
    about = await published(lilas)
    note = a_note(corbeau, inReplyTo=about, contentMap={"fr": "<p>Bonjour à tous</p>"})
    await send(corbeau, lilas, corbeau.activity("Create", note))
    page = (await get(lilas, about, "text/html"))[1]
    assert "1 reply" in page and "Bonjour à tous" not in page


async def test_reports(lilas: Server, corbeau: Peer) -> None:
    """Reach the operator once, and nobody else."""
    about = await published(lilas)
    flag = corbeau.activity(
        "Flag", [lilas.actor_uri, about, "https://x.example/1"], content="<b>Faux</b>", to=None
    )
    assert await send(corbeau, lilas, flag) == "reported"
    await corbeau.send(f"{lilas.url}/inbox", flag)
    await lilas.quiet()
    assert (await lilas.status())["conversations"] == {"new": 0, "reports": 1}
    number = await lilas.value("SELECT id FROM reports")
    found = await lilas.read(lambda session: operator.report(session, number))
    assert (found.about, found.content, found.actor_uri) == (
        (lilas.actor_uri, about), "Faux", corbeau.uri,
    )  # fmt: skip
    assert "Faux" not in str(await get(lilas, about, "text/html"))
    closed = await lilas.write(lambda session: operator.close(session, number))
    assert closed.closed_at is not None
    assert (await lilas.status())["conversations"]["reports"] == 0
    with pytest.raises(NotFoundError):
        await lilas.write(lambda session: operator.close(session, number + 1))


@pytest.mark.parametrize("kind", ["Like", "EmojiReact", "Announce"])
async def test_a_reaction_once_and_undone(lilas: Server, corbeau: Peer, kind: str) -> None:
    """Once for each actor; undone by pair and by id, by its own actor alone, late or early."""
    about = await published(lilas)
    rows = "SELECT actor_uri FROM reactions"
    first, second = corbeau.activity(kind, about), corbeau.activity(kind, about)
    assert await send(corbeau, lilas, first) in {"liked", "shared"}
    assert await send(corbeau, lilas, second) == "known"
    assert len(await lilas.rows(rows)) == 1
    assert await send(corbeau, lilas, corbeau.activity("Undo", second["id"])) == "no longer"
    assert await lilas.rows(rows) == []
    early = corbeau.activity(kind, about)
    assert await send(corbeau, lilas, corbeau.activity("Undo", early)) == "was none"
    assert await send(corbeau, lilas, early) == "undone before"
    assert await send(corbeau, lilas, corbeau.activity(kind, about)) in {"liked", "shared"}
    by_pair = {"type": kind, "actor": corbeau.uri, "object": about}
    assert await send(corbeau, lilas, corbeau.activity("Undo", by_pair)) == "no longer"


async def test_undo_of_anothers_like(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Neither embedded, nor by its id."""
    about = await published(lilas)
    like = corbeau.activity("Like", about)
    await send(corbeau, lilas, like)
    assert await send(pie, lilas, pie.activity("Undo", like)) == "not its sender's to undo"
    await pie.send(f"{lilas.url}/inbox", pie.activity("Undo", like["id"]))
    own = {"type": "Like", "id": like["id"], "actor": pie.uri, "object": about}
    assert await send(pie, lilas, pie.activity("Undo", own)) == "was none"
    await lilas.quiet()
    assert await lilas.rows("SELECT actor_uri FROM reactions") == [(corbeau.uri,)]
