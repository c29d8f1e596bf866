"""What strangers say of what is ours: kept once, as text, taken back by its author alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.services import publish
from pecfed.store import conversations, objects
from pecfed.store.conversations import Message
from tests.cast import PUBLIC, Peer
from tests.federation import test_polls as polls
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually

THINGS = """
[[resource]]
uid = "statuts"
name = "Nos statuts"
kind = "statutes"
openness = "public"

[[event]]
uid = "ag"
name = "Assemblée"
start = 2027-05-12T18:00:00+02:00
location.name = "La Maison"
"""


async def published(node: Server, kind: str = "resource") -> str:
    """The id of something the node has published."""
    found = await node.read(lambda session: objects.of_actor(session, node.actor_uri, kind))
    if not found:
        await node.apply(THINGS)
        return await published(node, kind)
    return found[0].uri


def a_note(who: Peer, **more: Any) -> dict[str, Any]:
    """A post as Mastodon writes it; None takes a property away."""
    document = {
        "id": who.new("notes"),
        "type": "Note",
        "attributedTo": who.uri,
        "content": "<p>Bravo !</p>",
        "contentMap": {"fr": "<p>Bravo !</p>"},
        "to": [PUBLIC],
        "cc": [f"{who.uri}/followers"],
        "published": datetime.now(UTC).isoformat(),
        "url": f"{who.url}/@{who.name}/1",
    } | more
    return {term: value for term, value in document.items() if value is not None}


async def messages(node: Server) -> list[Message]:
    return list(await node.read(lambda session: conversations.listing(session, 100, hidden=True)))


async def dropped(who: Peer, node: Server, activity: Any) -> None:
    """Sent, acknowledged, and without a row."""
    before = await node.snapshot()
    assert (await who.send(f"{node.url}/inbox", activity)).status == 202
    assert await node.snapshot() == before


@pytest.mark.parametrize("role", ["member", "hub"])
async def test_a_reply(make_server: Any, corbeau: Peer, role: str) -> None:
    """Its text, language, links and audience; its author by name."""
    node = await make_server(role=role, username="velo")
    about = await published(node)
    note = a_note(
        corbeau,
        inReplyTo=about,
        content='<p><a class="u-url mention" href="https://x.example/@y">@y</a> Oui&nbsp;: <b>lisez'
        '</b> <a href="https://corbeau.example/texte">ceci</a><br>vite<script>x</script></p>',
        contentMap=None,
        summary="Attention",
        attachment={"type": "Document", "url": "https://corbeau.example/image.png"},
    )
    assert await send(corbeau, node, corbeau.activity("Create", note)) == "reply"
    (message,) = await messages(node)
    assert (message.uri, message.actor_uri, message.about_uri) == (note["id"], corbeau.uri, about)
    assert message.content.split() == ["Attention", "@y", "Oui", ":", "lisez", "ceci", "vite"]
    assert message.links == ("https://corbeau.example/texte", "https://corbeau.example/image.png")
    assert (message.kind, message.language, message.is_public) == ("reply", "und", True)
    assert (message.name, message.state, message.hidden) == ("Corbeau", "new", "")
    assert message.handle.startswith("corbeau@127.0.0.1:")
    assert message.url == f"{corbeau.url}/@corbeau/1"


@pytest.mark.parametrize("by", ["tag", "to", "cc of the activity"])
async def test_a_mention(lilas: Server, corbeau: Peer, by: str) -> None:
    """By a Mention or by its address; what isn't public is marked so."""
    note = a_note(corbeau, to=[f"{corbeau.uri}/followers"], cc=[], contentMap={"en": "<p>Hi</p>"})
    activity = corbeau.activity("Create", note, to=note["to"])
    if by == "tag":
        note["tag"] = {"type": "Mention", "href": lilas.actor_uri, "name": "@lilas"}
    elif by == "to":
        note["to"] = lilas.actor_uri
    else:
        activity["cc"] = [lilas.actor_uri]
    assert await send(corbeau, lilas, activity) == "mention"
    (message,) = await messages(lilas)
    assert (message.kind, message.about_uri) == ("mention", lilas.actor_uri)
    assert (message.content, message.language, message.is_public) == ("Hi", "en", False)


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
async def test_public_in_three_spellings(lilas: Server, corbeau: Peer, spelling: str) -> None:
    """In `cc` too."""
    note = a_note(corbeau, inReplyTo=await published(lilas), to=lilas.actor_uri, cc=spelling)
    await send(corbeau, lilas, corbeau.activity("Create", note, to=None))
    assert (await messages(lilas))[0].is_public


async def test_an_audience_of_the_activity_makes_no_note_public(
    lilas: Server, corbeau: Peer
) -> None:
    """What the note itself says counts."""
    note = a_note(corbeau, inReplyTo=await published(lilas), to=[lilas.actor_uri], cc=[])
    await send(corbeau, lilas, corbeau.activity("Create", note, to=[PUBLIC]))
    assert not (await messages(lilas))[0].is_public


async def test_a_reply_by_its_id_alone(lilas: Server, corbeau: Peer) -> None:
    """Is read at its origin; so is one that somebody on the same server attributes to another."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    corbeau.serve(note | {"content": "<p>À l'origine</p>", "contentMap": None})
    create = corbeau.activity("Create", note["id"], cc=[lilas.actor_uri])
    assert await send(corbeau, lilas, create) == "reply"
    assert (await messages(lilas))[0].content == "À l'origine"
    other = a_note(corbeau, inReplyTo=await published(lilas), attributedTo=f"{corbeau.url}/u/x")
    corbeau.serve(other)
    said = await send(corbeau, lilas, corbeau.activity("Create", other))
    assert said.endswith("is not its sender's")
    assert len(await messages(lilas)) == 1


async def test_anothers_note(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """A note of another origin is nobody's to send."""
    note = a_note(pie, inReplyTo=await published(lilas))
    assert await send(corbeau, lilas, corbeau.activity("Create", note)) == "not its sender's"
    assert pie.asked() == 0
    assert await messages(lilas) == []


async def test_what_is_not_about_us_leaves_no_row(lilas: Server, corbeau: Peer) -> None:
    """Posts to the world, to nothing, to what was withdrawn; likes of it; other people's ends."""
    about = await published(lilas)
    await corbeau.send(f"{lilas.url}/inbox", corbeau.activity("Follow", lilas.actor_uri))
    await send(
        corbeau, lilas, corbeau.activity("Undo", corbeau.activity("Follow", lilas.actor_uri))
    )
    await lilas.quiet()
    nothing = f"{lilas.url}/objects/nothing"
    many = [{"type": "Mention", "href": f"{lilas.url}/actors/nobody{n}"} for n in range(1000)]
    for activity in (
        corbeau.activity("Create", a_note(corbeau)),
        corbeau.activity("Create", a_note(corbeau, inReplyTo=nothing)),
        corbeau.activity("Create", a_note(corbeau, inReplyTo="https://x.example/1")),
        corbeau.activity("Create", a_note(corbeau, tag=many)),
        corbeau.activity("Update", a_note(corbeau)),
        corbeau.activity("Delete", corbeau.new("notes")),
        corbeau.activity("Like", nothing),
        corbeau.activity("Like", lilas.actor_uri),
        corbeau.activity("Announce", "https://x.example/1"),
        corbeau.activity("Undo", corbeau.activity("Like", nothing)),
        corbeau.activity("Undo", corbeau.activity("Create", about)),
        corbeau.activity("Flag", [nothing, "https://x.example/1"]),
        corbeau.activity("Join", lilas.actor_uri),
        corbeau.activity("Leave", lilas.actor_uri),
        corbeau.activity("Undo", corbeau.activity("Join", lilas.actor_uri)),
        corbeau.activity("View", about),
        corbeau.activity("Listen", about),
    ):
        await dropped(corbeau, lilas, activity)
    me = await lilas.me()
    stored = await lilas.object(about)
    assert stored is not None
    await lilas.write(lambda session: publish.delete(session, lilas.node.uris, me, stored))
    await dropped(corbeau, lilas, corbeau.activity("Create", a_note(corbeau, inReplyTo=about)))
    await dropped(corbeau, lilas, corbeau.activity("Like", about))


@pytest.mark.case("A12")
async def test_a12_update_before_create(lilas: Server, corbeau: Peer) -> None:
    """Of a note that is younger than a day it is taken for its Create; of an older one not."""
    about = await published(lilas)
    note = a_note(corbeau, inReplyTo=about)
    assert await send(corbeau, lilas, corbeau.activity("Update", note)) == "reply"
    assert await send(corbeau, lilas, corbeau.activity("Create", note)) == "known"
    old = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    late = a_note(corbeau, inReplyTo=about, published=old)
    assert await send(corbeau, lilas, corbeau.activity("Update", late)) == "too old to be new"
    assert len(await messages(lilas)) == 1


async def test_a_correction(lilas: Server, corbeau: Peer) -> None:
    """The newer version counts, whatever comes last, even if it names us no more."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    await send(corbeau, lilas, corbeau.activity("Create", note))
    (first,) = await messages(lilas)
    await lilas.write(lambda session: conversations.mark(session, first.id, "seen"))
    newer = note | {"contentMap": {"fr": "<p>Corrigé</p>"}, "inReplyTo": None}
    published_at = datetime.fromisoformat(note["published"])
    newer["updated"] = (published_at + timedelta(milliseconds=20)).isoformat()
    older = note | {"contentMap": {"fr": "<p>Vieux</p>"}}
    assert await send(corbeau, lilas, corbeau.activity("Update", newer)) == "corrected"
    assert await send(corbeau, lilas, corbeau.activity("Update", older)) == "known"
    (message,) = await messages(lilas)
    assert (message.content, message.state) == ("Corrigé", "new")


@pytest.mark.case("A17")
@pytest.mark.parametrize("form", ["id", "tombstone", "whole"])
async def test_a17_delete_in_every_form(lilas: Server, corbeau: Peer, form: str) -> None:
    """With the id, a Tombstone or the whole object; what is gone doesn't come back."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    create = corbeau.activity("Create", note)
    await send(corbeau, lilas, create)
    obj = {"id": note["id"], "tombstone": {"id": note["id"], "type": "Tombstone"}, "whole": note}
    obj["id"] = note["id"]
    assert await send(corbeau, lilas, corbeau.activity("Delete", obj[form])) == "taken back"
    assert await messages(lilas) == []
    assert await send(corbeau, lilas, create | {"id": corbeau.new()}) == "withdrawn before"


@pytest.mark.case("A15")
async def test_a15_delete_then_late_create(lilas: Server, corbeau: Peer) -> None:
    """The Delete leaves no row, and the Create that comes after it none to see."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    first = corbeau.activity("Create", a_note(corbeau, inReplyTo=note["inReplyTo"]))
    await send(corbeau, lilas, first)
    await dropped(corbeau, lilas, corbeau.activity("Delete", note["id"]))
    assert await send(corbeau, lilas, corbeau.activity("Create", note)) == "withdrawn before"
    assert [message.uri for message in await messages(lilas)] == [first["object"]["id"]]


async def test_only_its_author_takes_a_message_back(
    lilas: Server, corbeau: Peer, pie: Peer
) -> None:
    """Not another server, not another actor of the same server."""
    note = a_note(corbeau, inReplyTo=await published(lilas))
    await send(corbeau, lilas, corbeau.activity("Create", note))
    corbeau.serve(corbeau.actor("corneille"))
    other = f"{corbeau.url}/actors/corneille"
    await dropped_or_deaf(pie, lilas, pie.activity("Delete", note["id"]))
    delete = corbeau.activity("Delete", note["id"], actor=other)
    await corbeau.send(f"{lilas.url}/inbox", delete, key_uri=f"{other}#main-key")
    update = corbeau.activity("Update", note | {"attributedTo": other}, actor=other)
    await corbeau.send(f"{lilas.url}/inbox", update, key_uri=f"{other}#main-key")
    await lilas.quiet()
    (message,) = await messages(lilas)
    assert (message.content, message.actor_uri) == ("Bravo !", corbeau.uri)


async def dropped_or_deaf(who: Peer, node: Server, activity: Any) -> None:
    """Acknowledged, whatever it leaves of its own sender."""
    assert (await who.send(f"{node.url}/inbox", activity)).status == 202


async def test_who_is_gone_takes_everything_along(lilas: Server, corbeau: Peer) -> None:
    """With the actor go its messages and likes."""
    about = await published(lilas)
    await send(corbeau, lilas, corbeau.activity("Create", a_note(corbeau, inReplyTo=about)))
    await send(corbeau, lilas, corbeau.activity("Like", about))
    assert await send(corbeau, lilas, corbeau.activity("Delete", corbeau.uri)) == "actor gone"
    assert await messages(lilas) == []
    assert await lilas.value("SELECT count(*) FROM reactions") == 0


async def test_hub_keeps_what_members_publish_and_what_they_say(
    ruche: Server, member: Peer
) -> None:
    """A member's resource that names the hub is a resource; its note to the hub a mention."""
    tag = {"type": "Mention", "href": ruche.actor_uri}
    resource = a_note(member, tag=[tag]) | {
        "resource": {"uid": "x", "name": {"fr": "X"}, "kind": "software", "openness": "public",
                     "license": None}
    }  # fmt: skip
    assert await send(member, ruche, member.activity("Create", resource)) == "kept"
    assert (
        await send(member, ruche, member.activity("Create", a_note(member, tag=tag))) == "mention"
    )
    assert len(await messages(ruche)) == 1


@pytest.mark.case("A21")
@pytest.mark.parametrize("role", ["member", "hub"])
async def test_a21_join_of_an_event(make_server: Any, corbeau: Peer, role: str) -> None:
    """Ignore, with the id of the Join; whoever asks is no member by that."""
    node = await make_server(role=role, username="velo")
    event = await published(node, "event")
    join = corbeau.activity("Join", event)
    assert await send(corbeau, node, join) == "ignored"
    await eventually(arrived(corbeau, "Ignore"))
    (ignore,) = corbeau.posted("Ignore")
    assert (ignore["actor"], ignore["object"], ignore["to"]) == (
        node.actor_uri, join["id"], [corbeau.uri],
    )  # fmt: skip
    assert await node.state_of(corbeau.uri) is None
    resource = await published(node, "resource")
    assert await send(corbeau, node, corbeau.activity("Join", resource)) == "no event of ours"


@pytest.mark.case("A23")
async def test_a23_like_react_view_unknown(lilas: Server, corbeau: Peer) -> None:
    """All are acknowledged; only what can be counted is."""
    about = await published(lilas)
    for kind in ("Like", "EmojiReact", "View", "Listen", "Arrive", "x:Anything"):
        activity = corbeau.activity(kind, about, content="🌻")
        assert (await corbeau.send(f"{lilas.url}/inbox", activity)).status == 202
    await lilas.quiet()
    assert await lilas.rows("SELECT object_uri, kind FROM reactions") == [(about, "like")]


async def test_votes_and_answers(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """As Mastodon sends them: once for each voter, an option that there is, while it is open."""
    await lilas.apply(polls.text())
    question = await polls.published(lilas)

    def vote(who: Peer, choice: str, **more: Any) -> dict[str, Any]:
        note = a_note(who, content=None, contentMap=None, name=choice, to=[lilas.actor_uri],
                      cc=[], **{"inReplyTo": question, **more})  # fmt: skip
        return who.activity("Create", note, to=[lilas.actor_uri])

    assert await send(corbeau, lilas, vote(corbeau, "24/7")) == "vote counted"
    assert await send(corbeau, lilas, vote(corbeau, "24/7")) == "voted before"
    assert await send(pie, lilas, vote(pie, "Never")) == "no such option"
    # with a text it is an answer, whatever its name
    said = vote(pie, "24/7")
    said["object"]["content"] = "<p>24/7, mais pas le lundi</p>"
    assert await send(pie, lilas, said) == "reply"
    assert len(await messages(lilas)) == 1
    later = clock.now_ms() - 1000
    await lilas.write(lambda session: session.run("UPDATE polls SET ends_at = ?", later))
    assert await send(pie, lilas, vote(pie, "24/7")) == "the poll is over"
    # for what is no poll it is nothing
    about = await published(lilas)
    assert await send(pie, lilas, vote(pie, "24/7", inReplyTo=about)) == "no poll of ours"
    assert len(await messages(lilas)) == 1
