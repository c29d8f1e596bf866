"""The habits of other servers: shapes that they really send, each with its quirk."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from tests.cast import PUBLIC, Peer
from tests.federation.conftest import let_in
from tests.federation.sending import send
from tests.foreign import a_resource, an_event
from tests.servers import Server


async def kept(hub: Server, who: Peer, obj: dict[str, Any], **more: Any) -> Any:
    """What the hub keeps of an object that a member publishes."""
    assert await send(who, hub, who.activity("Create", obj, **more)) == "kept"
    found = await hub.object(obj["id"])
    assert found is not None
    return found.content


def a_note(who: Peer, **more: Any) -> dict[str, Any]:
    """A Note with the hashtag by which a hub lists it."""
    note = {
        "id": f"{who.url}/objects/note", "type": "Note", "attributedTo": who.uri, "to": [PUBLIC],
        "content": "<p>Bonjour</p>", "published": "2026-11-20T09:00:00Z",
        "tag": [{"type": "Hashtag", "name": "#PlateformesEnCommuns"}],
    } | more  # fmt: skip
    return {term: value for term, value in note.items() if value is not None}


@pytest.mark.case("P2")
async def test_p2_misskey(ruche: Server, member: Peer) -> None:
    """Of several types the one that is known counts."""
    misskey = {"_misskey_content": "Bonjour", "_misskey_quote": None, "sensitive": False}
    await kept(ruche, member, a_note(member, type=["Note", "x"]) | misskey)


@pytest.mark.case("P3")
async def test_p3_pleroma(ruche: Server, member: Peer) -> None:
    """`actor`, `context` and reactions beside what we read."""
    context = f"{member.url}/contexts/1"
    more: dict[str, Any] = {
        "actor": member.uri, "context": context, "conversation": context, "summary": "",
        "sensitive": None, "emoji": {}, "generator": None,
    }  # fmt: skip
    obj = a_resource(member) | more
    assert isinstance(await kept(ruche, member, obj, context=context, bcc=[]), Resource)
    react = member.activity("EmojiReact", obj["id"], content="🐝", context=context)
    assert (await member.send(f"{ruche.url}/inbox", react)).status == 202


@pytest.mark.case("P4")
async def test_p4_pixelfed(ruche: Server, member: Peer) -> None:
    """A picture is enough; there need be no text."""
    picture = {
        "type": "Image", "mediaType": "image/jpeg", "url": f"{member.url}/p.jpg", "name": "Un vélo",
        "blurhash": "U2", "focalPoint": [0, 0],
    }  # fmt: skip
    await kept(ruche, member, a_note(member, content=None, attachment=[picture]))


@pytest.mark.case("P5")
@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public"])
async def test_p5_friendica(ruche: Server, member: Peer, public: str) -> None:
    """Public in each spelling, among lists of followers, beside keys of another network."""
    obj = a_resource(member) | {
        "to": [f"{member.uri}/followers", public], "cc": f"{member.uri}/followers/synchronization",
        "diaspora:guid": "4d2b", "dfrn": {"x": 1},
    }  # fmt: skip
    assert isinstance(await kept(ruche, member, obj, to=public), Resource)


@pytest.mark.case("P9")
async def test_p9_gancio(ruche: Server, member: Peer) -> None:
    """Several places for one event, and an actor that has no list of followers."""
    member.serve(member.actor(
        type="Application", followers=None,
        attachment=[{"type": "ProperyValue", "name": "Site", "value": "x"}],
    ))  # fmt: skip
    place = {"type": "Place", "name": "La Maison", "address": {"addressLocality": "Nantes"}}
    event = an_event(
        member, summary="La Maison, 12 mai", endTime=None,
        location=[{"type": "VirtualLocation", "url": "https://v.example/x"}, place],
        attachment=[{
            "type": "Document", "mediaType": "image/jpeg", "url": f"{member.url}/p.jpg",
            "name": "", "focalPoint": [0, 0],
        }],
    )  # fmt: skip
    found = await kept(ruche, member, event)
    assert isinstance(found, Event)


@pytest.mark.case("P10")
async def test_p10_wordpress(ruche: Server, member: Peer) -> None:
    """The Event Bridge writes its summary from a template, and a category in capitals."""
    event = an_event(
        member, summary="<p>🗓️ 12 mai 2027 📍 La Maison</p>", category="MEETING", isOnline=False,
        joinMode="external", externalParticipationUrl=f"{member.url}/e", commentsEnabled=True,
        status="CONFIRMED", timezone="Europe/Paris", replies=f"{member.url}/replies",
    )  # fmt: skip
    found = await kept(ruche, member, event)
    assert isinstance(found, Event)
    assert found.name == {"und": "Assemblée générale"}


@pytest.mark.case("P11")
@pytest.mark.parametrize("path", ["/ap/users/123", "/users/123/null", "/?author=0", "/@x/a;b,c/~1"])
async def test_p11_ids_are_never_taken_apart(ruche: Server, corbeau: Peer, path: str) -> None:
    """An actor's id may look like anything; its inbox and its key say where they are."""
    uri, inbox = f"{corbeau.url}{path}", f"{corbeau.url}/somewhere/else"
    key = {
        "id": f"{uri}#k",
        "owner": uri,
        "publicKeyPem": corbeau.actor()["publicKey"]["publicKeyPem"],
    }
    corbeau.serve(corbeau.actor(id=uri, inbox=inbox, outbox=None, publicKey=key), path)
    follow = corbeau.activity("Follow", ruche.actor_uri, actor=uri, id=f"{uri}#follows/null")
    reply = await corbeau.send(f"{ruche.url}/inbox", follow, key_uri=f"{uri}#k")
    assert reply.status == 202, reply
    await ruche.quiet()
    assert await ruche.rows("SELECT follower_uri FROM followers") == [(uri,)]
    assert [got.path for got in corbeau.got if got.method == "POST"] == ["/somewhere/else"]


@pytest.mark.case("P6")
async def test_p6_lemmy(ruche: Server, member: Peer, pie: Peer) -> None:
    """A group's Announce of a whole Create of a Page: taken, and nothing in it is the group's."""
    await let_in(ruche, pie)
    page = {
        "id": f"{member.url}/post/1", "type": "Page", "attributedTo": member.uri,
        "to": [pie.uri, PUBLIC], "cc": [], "name": "Nos tarifs", "content": "<p>x</p>",
        "mediaType": "text/html", "source": {"content": "x", "mediaType": "text/markdown"},
        "attachment": [{"type": "Link", "href": "https://v.example/x", "mediaType": "text/html"}],
        "sensitive": False, "language": {"identifier": "fr", "name": "x"}, "audience": pie.uri,
        "published": "2026-11-20T09:00:00.123456Z", "tag": [], "commentsEnabled": True,
    }  # fmt: skip
    member.serve(page)
    create = member.activity("Create", page, to=[pie.uri, PUBLIC], audience=pie.uri)
    told = pie.activity("Announce", create, cc=[f"{pie.uri}/followers"])
    assert (await pie.send(f"{ruche.url}/inbox", told)).status == 202
    await ruche.quiet()
    assert await ruche.rows("SELECT state FROM inbox WHERE state <> 'done'") == []
    assert await ruche.rows("SELECT uri FROM objects WHERE actor_uri = ?", pie.uri) == []
    assert (await member.send(f"{ruche.url}/inbox", create)).status == 202
