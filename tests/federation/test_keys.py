"""Whose key it is: fetched once, from its owner alone, read anew when it changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.cast import Peer, new_key, public_pem
from tests.conftest import MakeServer
from tests.servers import Server

ACTOR = "/actors/corbeau"


def follow(who: Peer, hub: Server, **more: Any) -> dict[str, Any]:
    return who.activity("Follow", hub.actor_uri, **more)


async def test_a_stranger_is_asked_for_its_key_once(ruche: Server, corbeau: Peer) -> None:
    """Then its key is known; the first thing of its that is kept keeps the actor too."""
    for _ in range(3):
        assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202
    await ruche.quiet()
    assert corbeau.asked() == 1
    assert await ruche.value("SELECT uri FROM remote_actors") == corbeau.uri
    assert await ruche.value("SELECT count(*) FROM followers") == 1


async def test_a_stranger_that_is_not_heard_leaves_no_row(ruche: Server, corbeau: Peer) -> None:
    """What nobody here waits for is answered 202 and forgotten, and so is who sent it."""
    before = await ruche.snapshot()
    for kind in ("Create", "Like", "Announce", "Accept", "Update", "Delete", "EmojiReact", "View"):
        activity = corbeau.activity(kind, f"{corbeau.url}/objects/1")
        assert (await corbeau.send(f"{ruche.url}/inbox", activity)).status == 202
    await ruche.quiet()
    assert await ruche.snapshot() == before


async def test_a_key_that_changed_is_read_anew_once(ruche: Server, corbeau: Peer) -> None:
    """One fetch, and the new key counts; the old one no longer does."""
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    old, corbeau.key = corbeau.key, new_key()
    corbeau.serve(corbeau.actor())
    corbeau.got.clear()
    ruche.node.limits.refreshed._until.clear()  # five minutes later
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202
    assert corbeau.asked() == 1
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key=old)
    assert (reply.status, reply.code) == (401, "signature")
    assert corbeau.asked() == 1, "not asked again for five minutes"


async def test_fifty_at_once_with_a_new_key(ruche: Server, corbeau: Peer) -> None:
    """While the new key is being read, everybody waits for that one reading."""
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    corbeau.key = new_key()
    corbeau.serve(corbeau.actor())
    corbeau.got.clear()
    ruche.node.limits.refreshed._until.clear()
    letters = [corbeau.letter(f"{ruche.url}/inbox", follow(corbeau, ruche)) for _ in range(50)]
    replies = await asyncio.gather(*(corbeau.post(letter) for letter in letters))
    assert {reply.status for reply in replies} == {202}
    assert corbeau.asked() == 1


async def test_fifty_strangers_of_one_actor_at_once(ruche: Server, corbeau: Peer) -> None:
    """An unknown actor's first activities cost one fetch together."""
    letters = [corbeau.letter(f"{ruche.url}/inbox", follow(corbeau, ruche)) for _ in range(50)]
    replies = await asyncio.gather(*(corbeau.post(letter) for letter in letters))
    assert {reply.status for reply in replies} == {202}
    assert corbeau.asked() == 1


async def test_a_new_key_under_a_new_name(ruche: Server, corbeau: Peer) -> None:
    """Another key id is asked for like any unknown key; the one it replaces is forgotten."""
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    old, corbeau.key = corbeau.key, new_key()
    named = f"{corbeau.uri}#key-2"
    key = {"id": named, "owner": corbeau.uri, "publicKeyPem": public_pem(corbeau.key)}
    corbeau.serve(corbeau.actor(publicKey=key))
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key_uri=named)
    assert reply.status == 202
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key=old)
    assert reply.status == 401


async def test_several_keys_and_a_key_at_a_path(ruche: Server, corbeau: Peer) -> None:
    """GoToSocial's keys have an address of their own, and Mastodon's come in a list."""
    own = f"{corbeau.uri}/main-key"
    keys = [
        {"id": f"{corbeau.uri}#old", "owner": corbeau.uri, "publicKeyPem": public_pem(new_key())},
        {"id": own, "owner": corbeau.uri, "publicKeyPem": public_pem(corbeau.key)},
    ]
    corbeau.serve(corbeau.actor(publicKey=keys))
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key_uri=own)
    assert reply.status == 202


BAD: dict[str, Callable[[], str]] = {
    "1024 bits": lambda: public_pem(new_key(1024)),
    "e=3": lambda: public_pem(new_key(exponent=3)),
    "an elliptic curve": lambda: public_pem(ec.generate_private_key(ec.SECP256R1())),
    "Ed25519": lambda: public_pem(ed25519.Ed25519PrivateKey.generate()),
    "a private key": lambda: new_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode(),
    "not PEM": lambda: "-----BEGIN PUBLIC KEY-----\nrhubarb\n-----END PUBLIC KEY-----\n",
    "nothing": lambda: "",
    "é": lambda: "é" * 500,
    "very long": lambda: public_pem(new_key()).replace("MII", "MII" * 2000),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("told", BAD)
async def test_a_key_that_is_none(ruche: Server, corbeau: Peer, told: str) -> None:
    """Too small, of another kind or broken: 401, no row; once it is mended, it counts."""
    pem = BAD[told]()
    key = {"id": corbeau.key_uri, "owner": corbeau.uri, "publicKeyPem": pem}
    corbeau.serve(corbeau.actor(publicKey=key))
    before = await ruche.snapshot()
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    assert reply.status == 401 and reply.code in {"key", "signature"}
    assert await ruche.snapshot() == before
    corbeau.serve(corbeau.actor())
    ruche.node.limits.bad_keys._until.clear()  # ten minutes later
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202


async def test_a_known_actor_mends_a_broken_key(ruche: Server, corbeau: Peer) -> None:
    """A key that was broken when we last read it is asked for again."""
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    await ruche.write(lambda s: s.run("UPDATE remote_keys SET pem = 'rhubarb'"))
    ruche.node.remotes.forget(corbeau.uri)
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202


def other_owner(who: Peer) -> dict[str, Any]:
    key = {"id": who.key_uri, "owner": f"{who.url}/actors/pie", "publicKeyPem": public_pem(who.key)}
    return who.actor(publicKey=key)


REFUSED_DOCUMENTS: dict[str, Any] = {
    "another owner": (other_owner, {}),
    "no key": (lambda who: who.actor(publicKey=None), {}),
    "another key id": (
        lambda who: who.actor(
            publicKey={
                "id": f"{who.uri}#other", "owner": who.uri, "publicKeyPem": public_pem(who.key)
            }
        ),
        {},
    ),
    "another id": (lambda who: who.actor(id="http://lilas.example/actors/lilas"), {"path": ACTOR}),
    "no actor": (lambda who: who.actor(type="Note"), {}),
    "no inbox": (lambda who: who.actor(inbox=None), {}),
    "an inbox elsewhere": (lambda who: who.actor(inbox="http://lilas.example/inbox"), {}),
    "no name": (lambda who: who.actor(preferredUsername=None), {}),
    "application/json": (lambda who: who.actor(), {"media": "application/json"}),
    "html": (lambda who: who.actor(), {"media": "text/html"}),
    "an image": (lambda who: who.actor(), {"media": "image/png"}),
    "ld+json without its profile": (lambda who: who.actor(), {"media": "application/ld+json"}),
    "404": (lambda who: who.actor(), {"status": 404}),
    "500": (lambda who: who.actor(), {"status": 500}),
    "not JSON": (lambda who: b"rhubarb", {"path": ACTOR}),
    "a list": (lambda who: b"[]", {"path": ACTOR}),
    "50 MB": (lambda who: b'{"a":"' + b"x" * 5_000_000 + b'"}', {"path": ACTOR}),
    "300 KB of an actor": (lambda who: who.actor(summary=["x" * 60_000] * 6), {}),
}  # fmt: skip


async def test_a_document_that_proves_nothing(ruche: Server, corbeau: Peer) -> None:
    """Whatever stands where the actor should: no row, and it isn't asked again at once.

    401, but 503 where the origin fails: the sender should come again.
    """
    before = await ruche.snapshot()
    wrong = []
    for told, (make, how) in REFUSED_DOCUMENTS.items():
        corbeau.got.clear()
        corbeau.serve(make(corbeau), **how)
        replies = [
            await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche)) for _ in range(2)
        ]
        told_so = {(reply.status, reply.code) for reply in replies}
        failing = told == "500"
        expected = {(503, "key_unreachable")} if failing else {(401, "key"), (401, "signature")}
        if not told_so <= expected:
            wrong.append(f"{told}: {told_so}")
        if corbeau.asked(ACTOR) != 1:
            wrong.append(f"{told}: asked {corbeau.asked(ACTOR)} times")
        if await ruche.snapshot() != before:
            wrong.append(f"{told}: changed a row")
        ruche.node.limits.bad_keys._until.clear()
        ruche.node.limits.away._until.clear()
    assert not wrong, "\n".join(wrong)


async def test_ld_json_with_its_profile_is_read(ruche: Server, corbeau: Peer) -> None:
    """The other name of the media type, in quotes and with a charset."""
    media = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"; charset=utf-8'
    corbeau.serve(corbeau.actor(), media=media)
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202


async def test_a_redirect_to_another_origin_proves_nothing(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """An actor that sends us on to another server is not read there; the other isn't asked."""
    corbeau.moved[ACTOR] = f"{pie.url}{ACTOR}"
    pie.serve(corbeau.actor())
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    assert (reply.status, reply.code) == (401, "key")
    assert pie.got == []


async def test_a_ring_of_redirects_ends(ruche: Server, corbeau: Peer) -> None:
    """Three at the most."""
    corbeau.moved[ACTOR] = corbeau.uri
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    assert (reply.status, reply.code) == (401, "key")
    assert corbeau.asked() == 4


async def test_naming_a_good_key_beside_a_false_actor_spoils_nothing(
    ruche: Server, corbeau: Peer
) -> None:
    """Nobody can have an honest sender refused by using its key's name."""
    false = follow(corbeau, ruche, actor=f"{corbeau.url}/actors/nobody")
    assert (await corbeau.send(f"{ruche.url}/inbox", false, key=new_key())).status == 401
    honest = follow(corbeau, ruche)
    assert (await corbeau.send(f"{ruche.url}/inbox", honest, key=new_key())).status == 401
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202


async def test_too_many_strangers_at_once(make_server: MakeServer, corbeau: Peer) -> None:
    """429 with Retry-After once the minute's fetches from one host are used up; no row."""
    ruche = await make_server(role="hub", username="ruche", key_fetches_per_host=3)
    before = await ruche.snapshot()
    replies = []
    for number in range(6):
        name = f"stranger{number}"
        key = {"id": f"{corbeau.url}/actors/{name}#main-key"}
        activity = follow(corbeau, ruche, actor=f"{corbeau.url}/actors/{name}")
        replies.append(
            await corbeau.send(f"{ruche.url}/inbox", activity, key=new_key(), key_uri=key["id"])
        )
    assert [reply.status for reply in replies] == [401] * 3 + [429] * 3
    assert {reply.code for reply in replies[3:]} == {"too_many_keys"}
    assert all(int(reply.headers["Retry-After"]) > 0 for reply in replies[3:])
    assert corbeau.asked() == 3
    assert await ruche.snapshot() == before


async def test_too_much_of_one_stranger(make_server: MakeServer, corbeau: Peer) -> None:
    """Nor may one host of strangers send without end."""
    ruche = await make_server(role="hub", username="ruche", strangers_per_minute=4)
    replies = [await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche)) for _ in range(6)]
    assert replies[0].status == 202 and replies[-1].status == 429
    assert replies[-1].code == "too_many"
    assert await ruche.value("SELECT count(*) FROM inbox") < 6


async def test_a_key_survives_a_restart_and_a_day(ruche: Server, corbeau: Peer) -> None:
    """Known from the database; after a day its owner is read anew, while nobody waits."""
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    ruche.node.remotes.forget(corbeau.uri)
    corbeau.got.clear()
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202
    assert corbeau.asked() == 0
    await ruche.write(lambda s: s.run("UPDATE remote_actors SET fetched_at = 1"))
    ruche.node.remotes.forget(corbeau.uri)
    ruche.node.limits.refreshed._until.clear()
    assert (await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))).status == 202
    for _ in range(100):
        if corbeau.asked(urlsplit(corbeau.uri).path):
            break
        await asyncio.sleep(0.02)
    assert corbeau.asked() == 1


def claims_a_handle(who: Peer, host: Peer) -> None:
    """Let `who` say that it is corbeau at `host`, which agrees."""
    name = host.url.removeprefix("http://")
    subject = f"acct:corbeau@{name}"
    link = {"rel": "self", "type": "application/activity+json", "href": who.uri}
    path = f"/.well-known/webfinger?resource={subject}"
    host.serve({"subject": subject, "links": [link]}, path, media="application/jrd+json")
    who.serve(who.actor(webfinger=f"corbeau@{name}"))


async def test_an_unverified_stranger_makes_us_ask_once(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """Its own server, and nobody whom its document names; these once its signature holds."""
    claims_a_handle(corbeau, pie)
    reply = await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key=new_key())
    assert reply.status == 401
    assert (corbeau.asked(), pie.got) == (1, [])
    replies = await asyncio.gather(
        *(corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche)) for _ in range(5))
    )
    assert {reply.status for reply in replies} == {202}
    await ruche.quiet()
    assert len(pie.got) == 1
    handle = await ruche.value("SELECT handle FROM remote_actors WHERE uri = ?", corbeau.uri)
    assert handle == f"corbeau@{pie.url.removeprefix('http://')}"


async def test_a_known_handle_stays_while_a_key_is_read_anew(
    ruche: Server, corbeau: Peer, pie: Peer
) -> None:
    """A failing key makes us read the actor, not ask for its handle again; a new claim is asked."""
    claims_a_handle(corbeau, pie)
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche))
    await ruche.quiet()
    name = pie.url.removeprefix("http://")
    pie.got.clear()
    ruche.node.limits.refreshed._until.clear()
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key=new_key())
    assert pie.got == []
    sql = "SELECT handle FROM remote_actors WHERE uri = ?"
    assert await ruche.value(sql, corbeau.uri) == f"corbeau@{name}"
    corbeau.serve(corbeau.actor(webfinger=f"other@{name}"))
    ruche.node.limits.refreshed._until.clear()
    await corbeau.send(f"{ruche.url}/inbox", follow(corbeau, ruche), key=new_key())
    assert pie.got == [], "not on the word of somebody unverified"
    assert await ruche.value(sql, corbeau.uri) == f"corbeau@{corbeau.url.removeprefix('http://')}"


async def test_a_strangers_activities_are_counted_once(
    make_server: MakeServer, corbeau: Peer
) -> None:
    """As many as the limit allows, the first among them, though its key was fetched for it."""
    ruche = await make_server(role="hub", username="ruche", strangers_per_minute=3)
    replies = [
        await corbeau.send(f"{ruche.url}/inbox", corbeau.activity("Undo", corbeau.new()))
        for _ in range(5)
    ]
    assert [reply.status for reply in replies] == [202] * 3 + [429] * 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_node_that_stops_leaves_no_thread(lilas: Server, corbeau: Peer) -> None:
    """The thread that makes signatures ends with the node."""
    await lilas.node.fetcher.document(corbeau.uri)
    assert any(thread.name.startswith("signer") for thread in threading.enumerate())
    before = threading.active_count()
    lilas.node.knocks.close()
    for _ in range(100):
        if threading.active_count() < before:
            break
        await asyncio.sleep(0.01)
    assert threading.active_count() < before
