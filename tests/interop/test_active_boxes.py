"""active_boxes, a library without our code (its cryptography is pycryptodome), reads and checks us.

What it can't read of anybody: an Event in a Create or Update, and an answer to a Join.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from active_boxes import activitypub, httpsig
from active_boxes.backend import Backend
from active_boxes.collection import parse_collection
from active_boxes.key import Ed25519Key, Key

from pecfed import clock
from pecfed.federation import signatures
from pecfed.store import follows
from pecfed.store.database import Session
from tests.cast import ACTIVITY, Got, Peer, new_key, peer, public_pem
from tests.interop.story import Document, Story
from tests.servers import KeyBox, Server, serving_node

UNKNOWN_TO_IT = {
    ("Create", "Event"),
    ("Update", "Event"),
    ("Accept", "Join"),
    ("Reject", "Join"),
    ("Ignore", ""),
    ("Ignore", "Join"),
}


class Offline(Backend):  # type: ignore[misc]  # it ships no types
    """Answers from documents that were read before, and asks nobody."""

    def __init__(self, known: dict[str, Document]) -> None:
        self._known = known

    def base_url(self) -> str:
        """Where its own actors would be."""
        return "https://reader.example"

    def activity_url(self, obj_id: str) -> str:
        """Where its own activities would be."""
        return f"{self.base_url()}/activities/{obj_id}"

    def note_url(self, obj_id: str) -> str:
        """Where its own notes would be."""
        return f"{self.base_url()}/notes/{obj_id}"

    async def fetch_iri(self, iri: str, **_: Any) -> Document:
        """A copy of what stands there."""
        found: Document = json.loads(json.dumps(self._known[iri.partition("#")[0]]))
        return found


@pytest.fixture
def reader(story: Story) -> Iterator[Offline]:
    """active_boxes' one global, set for a test."""
    backend = Offline(story.known)
    activitypub.use_backend(backend)
    yield backend
    activitypub.use_backend(None)


@pytest.fixture
async def hub(keys: KeyBox, tmp_path: Path) -> AsyncIterator[Server]:
    """A hub that serves."""
    async with serving_node(tmp_path, keys, "ruche", "La Ruche", {"role": "hub"}) as made:
        yield made


@pytest.fixture
async def corbeau() -> AsyncIterator[Peer]:
    """A server that serves its actor."""
    async with peer("corbeau", new_key()) as made:
        yield made


def test_it_reads_every_letter_it_has_words_for(story: Story, reader: Offline) -> None:
    """Type, actor and object come out as we meant them."""
    read = set()
    for letter in story.delivered():
        inner = letter["object"]
        embedded = isinstance(inner, dict)
        pair = (letter["type"], inner["type"] if embedded else "")
        if pair in UNKNOWN_TO_IT or (embedded and "id" not in inner):
            continue
        found = activitypub.parse_activity(json.loads(json.dumps(letter)))
        read.add(pair)
        assert found.has_type(letter["type"])
        assert found.get_actor_sync().id == letter["actor"]
        assert found.get_object_id() == (inner["id"] if embedded else inner)
        if embedded:
            assert found.get_object_sync().has_type(inner["type"])
        if "target" in letter:
            assert found.get_target() == letter["target"]
    assert read >= {
        ("Follow", ""), ("Accept", "Follow"), ("Undo", "Follow"), ("Announce", ""),
        ("Create", "Note"), ("Update", "Organization"), ("Update", "Note"),
        ("Delete", "Tombstone"), ("Add", ""), ("Remove", ""), ("Join", ""), ("Leave", ""),
    }  # fmt: skip


def test_it_reads_a_note_as_public_text(story: Story, reader: Offline) -> None:
    """Everybody's to see, by its author, with nothing filled in by the reader."""
    for letter in story.delivered("Create", "Note"):
        create = activitypub.parse_activity(json.loads(json.dumps(letter)))
        note = create.get_object_sync()
        assert create.is_public()
        assert note.content == letter["object"]["content"]
        assert (note.attributedTo, note.published) == (
            letter["actor"], letter["object"]["published"],
        )  # fmt: skip
        assert note.get_url() == note.id


def test_it_reads_our_actors_and_their_keys(story: Story, reader: Offline) -> None:
    """Both kinds of key: RSA for signatures, Ed25519 as a Multikey (FEP-521a)."""
    for uri in (story.hub_actor, story.node_actor, f"{story.hub}/actor", f"{story.node}/actor"):
        document = story.fetch(uri)
        actor = activitypub.parse_activity(story.fetch(uri))
        assert actor.has_type(document["type"])
        assert not actor.requires_follow_approval()
        key = actor.get_key()
        assert (key.owner, key.key_id()) == (uri, f"{uri}#main-key")
        assert key.pubkey.size_in_bits() >= 2048
        multikeys = document["assertionMethod"]
        assert len(multikeys) == (2 if uri == story.hub_actor else 1)  # a hub attests with its own
        for multikey in multikeys:
            assert len(Ed25519Key.from_multikey(multikey).pub_raw()) == 32


def test_it_reads_our_collections(story: Story, reader: Offline) -> None:
    """From the first page to the last, as many items as were promised."""
    whole = [each for each in story.served if each.document["type"] == "OrderedCollection"]
    last = {each.url: each.document for each in whole}
    assert len(last) >= 9
    for url, document in last.items():
        items = reader.parse_collection(url=url)
        hidden = document["totalItems"] - len(items)
        assert hidden == 0, url


async def test_it_reads_a_long_collection_to_its_end(hub: Server, corbeau: Peer) -> None:
    """Three pages of whom a hub follows, each actor once."""
    uris = [f"https://m{number:03}.example/actors/m" for number in range(120)]
    me = await hub.me()

    async def follow_all(session: Session) -> None:
        for uri in uris:
            await follows.ask_to_follow(session, me.id, uri, f"{uri}/f", 1000)
            await follows.accepted(session, me.id, uri)

    async def fetch(url: str) -> Document:
        async with corbeau.http.get(url, headers={"Accept": ACTIVITY}) as answer:
            found: Document = await answer.json(content_type=ACTIVITY)
            return found

    await hub.write(follow_all)
    read = await parse_collection(url=f"{me.uri}/following", fetcher=fetch)
    assert read == uris
    assert (await fetch(f"{me.uri}/following"))["totalItems"] == 120


def test_it_reads_an_event_and_a_tombstone(story: Story, reader: Offline) -> None:
    """Served by themselves, though it knows neither inside a Create."""
    kinds = set()
    for each in story.served:
        if each.document["type"] in {"Event", "Tombstone"}:
            found = activitypub.parse_activity(json.loads(json.dumps(each.document)))
            assert found.id == each.url
            kinds.add(each.document["type"])
    assert kinds == {"Event", "Tombstone"}


# ------------------------------------------------------------------ signatures


async def holds(got: Got) -> bool:
    """Whether it takes a request's signature for good."""
    headers = dict(got.headers)
    found: bool = await httpsig.verify_request(got.method, got.path, headers, got.body)
    return found


async def test_it_verifies_each_request_we_made(story: Story, reader: Offline) -> None:
    """Letters by their actor, reads by the instance actor, as they came over the wire."""
    methods = set()
    for got in story.got:
        assert await holds(got), got.path
        methods.add(got.method)
        changed = Got(got.method, f"{got.path}x", got.headers, got.body)
        assert not await holds(changed)
        if got.body:
            assert not await holds(Got(got.method, got.path, got.headers, got.body + b" "))
    assert methods == {"GET", "POST"}


@pytest.mark.parametrize("path", ["/inbox", "/", "/in/box?a=b&c=%20d", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_it_verifies_what_sign_makes(method: str, path: str) -> None:
    """With and without a body, with and without a query."""
    key, owner = new_key(), "https://velo.example/actors/velo"
    body = b'{"type": "Follow"}' if method == "POST" else None
    url = f"https://peer.example:8443{path}"
    headers = signatures.sign(key, f"{owner}#main-key", method, url, clock.now(), body)
    public = {"id": f"{owner}#main-key", "owner": owner, "publicKeyPem": public_pem(key)}
    activitypub.use_backend(Offline({owner: {"id": owner, "publicKey": public}}))
    try:
        assert await httpsig.verify_request(method, path or "/", headers, body or b"")
        assert not await httpsig.verify_request(method, "/other", headers, body or b"")
    finally:
        activitypub.use_backend(None)


async def test_a_hub_takes_what_it_signs(hub: Server, corbeau: Peer) -> None:
    """202 and a follower; 401 once a byte of the body is another."""
    key = Key(corbeau.uri)
    key.new()
    corbeau.serve(corbeau.actor(publicKey={
        "id": key.key_id(), "owner": corbeau.uri, "publicKeyPem": key.pubkey_pem,
    }))  # fmt: skip
    follow = corbeau.activity("Follow", hub.actor_uri)
    body = json.dumps(follow)
    headers = await httpsig.sign_request(
        "POST", "/inbox", {"User-Agent": "active_boxes", "Content-Type": ACTIVITY}, key, body,
        host=hub.settings.host,
    )  # fmt: skip
    for sent, status in ((body + " ", 401), (body, 202)):
        async with corbeau.http.post(f"{hub.url}/inbox", data=sent, headers=headers) as answer:
            assert answer.status == status, await answer.text()
    assert await hub.note_of(follow["id"]) == "followed"
