"""Who may speak for whom: a signature counts for its own actor, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cast import Peer, new_key
from tests.federation.conftest import let_in
from tests.servers import Server, eventually


def changes(before: Any, after: Any, *but: str) -> list[str]:
    """The tables that differ."""
    return [table for table in before if before[table] != after[table] and table not in but]


@pytest.mark.parametrize(
    "media",
    [
        "application/activity+json",
        "application/activity+json; charset=utf-8",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        "application/json",
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_media_types_that_peers_send(ruche: Server, corbeau: Peer, media: str) -> None:
    """Each of them is taken, at the shared inbox and at the actor's own."""
    for inbox in (f"{ruche.url}/inbox", f"{ruche.actor_uri}/inbox", f"{ruche.url}/actor/inbox"):
        activity = corbeau.activity("Follow", ruche.actor_uri)
        reply = await corbeau.send(inbox, activity, Content_Type=media)
        assert (reply.status, reply.text) == (202, "")


@pytest.mark.case("A11")
async def test_a11_the_same_bytes_twice(ruche: Server, corbeau: Peer) -> None:
    """A replay is acknowledged and has no second effect."""
    letter = corbeau.letter(f"{ruche.url}/inbox", corbeau.activity("Follow", ruche.actor_uri))
    assert (await corbeau.post(letter)).status == 202
    await eventually(_arrived(corbeau, "Accept"))
    await ruche.quiet()
    before = await ruche.snapshot()
    assert (await corbeau.post(letter)).status == 202
    await ruche.quiet()
    assert changes(before, await ruche.snapshot()) == []
    assert len(corbeau.posted("Accept")) == 1


def _arrived(who: Peer, kind: str) -> Any:
    async def check() -> bool:
        return bool(who.posted(kind))

    return check


async def test_another_actor_of_the_same_server(ruche: Server, corbeau: Peer) -> None:
    """Its key signs nothing in Corbeau's name: 202 and no effect, since the server is the same."""
    corneille = new_key()
    corbeau.serve(corbeau.actor("corneille", corneille))
    as_corneille = {"key": corneille, "key_uri": f"{corbeau.url}/actors/corneille#main-key"}
    own = corbeau.activity("Follow", ruche.actor_uri, actor=f"{corbeau.url}/actors/corneille")
    assert (await corbeau.send(f"{ruche.url}/inbox", own, **as_corneille)).status == 202
    await ruche.quiet()
    before = await ruche.snapshot()
    forged = corbeau.activity("Follow", ruche.actor_uri)
    assert (await corbeau.send(f"{ruche.url}/inbox", forged, **as_corneille)).status == 202
    await ruche.quiet()
    assert changes(before, await ruche.snapshot()) == []


async def test_an_unknown_key_of_another_actor_of_the_same_server(
    ruche: Server, corbeau: Peer
) -> None:
    """Nobody vouches for it: 401, and no row."""
    corneille = new_key()
    corbeau.serve(corbeau.actor("corneille", corneille))
    before = await ruche.snapshot()
    reply = await corbeau.send(
        f"{ruche.url}/inbox",
        corbeau.activity("Follow", ruche.actor_uri),
        key=corneille,
        key_uri=f"{corbeau.url}/actors/corneille#main-key",
    )
    assert (reply.status, reply.code) == (401, "signature")
    assert changes(before, await ruche.snapshot()) == []


@pytest.mark.case("S11")
@pytest.mark.parametrize("kind", ["Follow", "Join", "Leave", "Undo", "Delete", "Create", "Update"])
async def test_s11_another_server_says_what_a_member_did(
    ruche: Server, member: Peer, pie: Peer, kind: str
) -> None:
    """202; nothing of it is believed, the member's own server is asked instead."""
    said: Any = ruche.actor_uri
    if kind in {"Delete", "Update"}:
        said = member.uri
    if kind == "Create":
        said = {"id": f"{member.url}/objects/9", "type": "Note", "attributedTo": member.uri}
    if kind == "Undo":
        said = {"type": "Follow", "actor": member.uri, "object": ruche.actor_uri}
    proof = {"type": "DataIntegrityProof", "proofValue": "z"}
    forged = member.activity(kind, said, proof=proof)
    before = await ruche.snapshot()
    assert (await pie.send(f"{ruche.url}/inbox", forged)).status == 202
    after = await ruche.snapshot()
    assert changes(before, after) == ["members"], "only when its collections are read next"
    assert await ruche.state_of(member.uri) == "member"
    due = await ruche.value("SELECT read_due_at FROM members")
    first = before["members"][0]
    assert due is not None and due not in first


async def test_another_server_says_what_a_stranger_did(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """It concerns us not: 202 and no row at all."""
    before = await ruche.snapshot()
    forged = corbeau.activity("Follow", ruche.actor_uri)
    assert (await pie.send(f"{ruche.url}/inbox", forged)).status == 202
    assert changes(before, await ruche.snapshot()) == []
    assert corbeau.got == []


async def test_another_server_with_a_wrong_signature(
    ruche: Server, member: Peer, pie: Peer, some_keys: list[rsa.RSAPrivateKey]
) -> None:
    """Not even a hint: 401."""
    before = await ruche.snapshot()
    reply = await pie.send(
        f"{ruche.url}/inbox", member.activity("Follow", ruche.actor_uri), key=some_keys[2]
    )
    assert (reply.status, reply.code) == (401, "signature")
    assert changes(before, await ruche.snapshot()) == []


async def test_nobody_takes_the_place_of_an_activity(
    ruche: Server, member: Peer, pie: Peer
) -> None:
    """Under another's id nothing is kept, so that the true one still has its effect."""
    join = member.activity("Leave", ruche.actor_uri)
    stolen = pie.activity("Follow", ruche.actor_uri, id=join["id"])
    reply = await pie.send(f"{ruche.url}/inbox", stolen)
    assert (reply.status, reply.code) == (403, "not_its_id")
    assert (await member.send(f"{ruche.url}/inbox", join)).status == 202
    assert await ruche.note_of(join["id"]) == "left"


async def test_a_stranger_tells_us_that_it_is_gone(ruche: Server, corbeau: Peer) -> None:
    """Its Delete is answered 202 without asking for a key that is no more; no row."""
    before = await ruche.snapshot()
    for obj in (corbeau.uri, {"id": corbeau.uri, "type": "Tombstone"}):
        gone = corbeau.activity("Delete", obj)
        assert (await corbeau.send(f"{ruche.url}/inbox", gone, key=new_key(1024))).status == 202
    assert corbeau.got == []
    assert changes(before, await ruche.snapshot()) == []


async def test_nothing_is_heard_from_who_is_gone(ruche: Server, corbeau: Peer) -> None:
    """After its own Delete its key no longer counts, unless its server still serves it."""
    await corbeau.send(f"{ruche.url}/inbox", corbeau.activity("Follow", ruche.actor_uri))
    await ruche.quiet()
    gone = corbeau.activity("Delete", corbeau.uri)
    assert (await corbeau.send(f"{ruche.url}/inbox", gone)).status == 202
    assert await ruche.note_of(gone["id"]) == "actor gone"
    assert await ruche.value("SELECT count(*) FROM followers") == 0
    corbeau.gone(corbeau.uri)
    reply = await corbeau.send(f"{ruche.url}/inbox", corbeau.activity("Follow", ruche.actor_uri))
    assert (reply.status, reply.code) == (401, "key")


@pytest.mark.case("A26")
async def test_a26_an_activity_without_an_id(ruche: Server, corbeau: Peer) -> None:
    """It has its effect once, however often the same bytes come."""
    nameless = corbeau.activity("Follow", ruche.actor_uri, id=None)
    for _ in range(2):
        assert (await corbeau.send(f"{ruche.url}/inbox", nameless)).status == 202
    await ruche.quiet()
    await eventually(_arrived(corbeau, "Accept"))
    assert await ruche.value("SELECT count(*) FROM followers") == 1
    assert await ruche.value("SELECT count(*) FROM inbox") == 1
    (accept,) = corbeau.posted("Accept")
    assert accept["object"]["actor"] == corbeau.uri


@pytest.mark.case("A25")
@pytest.mark.parametrize(
    "shape",
    [
        lambda who: {"actor": {"id": who.uri, "type": "Person"}},
        lambda who: {"actor": [who.uri]},
        lambda who: {"type": ["Follow", "x:Follow"]},
        lambda who: {"to": "as:Public", "tag": {"type": "Mention"}},
        lambda who: {"@context": None},
        lambda who: {"@context": "https://www.w3.org/ns/activitystreams"},
        lambda who: {"id": {"id": who.new()}},
        lambda who: {"published": "not a date", "cc": {"a": [1, 2.5, None, True]}},
    ],
    ids=range(8),
)
async def test_a25_one_or_many(ruche: Server, corbeau: Peer, shape: Any) -> None:
    """Actors as objects, lists of one, a string for a list: each is understood."""
    activity = corbeau.activity("Follow", ruche.actor_uri, **shape(corbeau))
    assert (await corbeau.send(f"{ruche.url}/inbox", activity)).status == 202
    await ruche.quiet()
    assert await ruche.value("SELECT count(*) FROM followers") == 1


async def test_a_refusal_of_one_leaves_others_alone(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """An honest member isn't touched by what somebody sends in its name."""
    await let_in(ruche, pie)
    forged = corbeau.activity("Leave", ruche.actor_uri, actor=pie.uri)
    await corbeau.send(f"{ruche.url}/inbox", forged)
    reply = await corbeau.send(f"{ruche.url}/inbox", forged, key_uri=pie.key_uri)
    assert reply.status == 401
    await ruche.quiet()
    assert await ruche.state_of(pie.uri) == "member"


async def test_what_no_card_hears(ruche: Server, member: Peer) -> None:
    """A member's Like of nothing, a Block or anything unknown: 202, and no effect."""
    before = await ruche.snapshot()
    for kind in ("Like", "Move", "Offer", "Block", "EmojiReact", "View", "Question", "x:Own"):
        activity = member.activity(kind, ruche.actor_uri, target="http://a.example/actors/b")
        assert (await member.send(f"{ruche.url}/inbox", activity)).status == 202
    await ruche.quiet()
    assert changes(before, await ruche.snapshot(), "inbox") == []
    assert await ruche.value("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verdict", [None, object(), 1, "yes", ValueError("a bug")])
async def test_only_a_clear_yes_is_a_yes(
    ruche: Server, corbeau: Peer, verdict: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verifier that answers anything but True, or fails, has not verified."""

    def verify(*_: Any) -> Any:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    before = await ruche.snapshot()
    monkeypatch.setattr("pecfed.federation.signatures.verify", verify)
    reply = await corbeau.send(f"{ruche.url}/inbox", corbeau.activity("Follow", ruche.actor_uri))
    assert reply.status == (500 if isinstance(verdict, Exception) else 401)
    assert "a bug" not in reply.text
    assert changes(before, await ruche.snapshot()) == []
