"""What other software sends, in its exact shapes: listed, corrected and taken off by a hub.

The letters in `payloads/SOFTWARE/` are written by hand after what each of them sends
(Mastodon 4.7, GoToSocial 0.20, Mobilizon 5.1, Gancio 1.21, WordPress with the event bridge,
PeerTube 7, Lemmy 1.0, Friendica 2024.12, Pleroma 2.9, Misskey and its forks, Pixelfed). They
come from a real server on loopback, and are signed the way that software signs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pecfed import clock
from pecfed.federation import willing
from pecfed.federation.actor import profile_of
from pecfed.federation.resolve import resolve
from pecfed.services import invitation, setup
from pecfed.store import members
from pecfed.store.database import Session
from tests.cast import ACTIVITY, AS2, Peer, new_key, peer, public_pem
from tests.conftest import MakeServer
from tests.servers import Server

HERE = Path(__file__).parent / "payloads"


@dataclass(frozen=True)
class Software:
    """One kind of server: how it signs, and what a hub makes of its letters.

    `second_hand` says that its actor speaks of somebody else's object, or somebody else of
    its: the hub then asks the origin, which must serve it.
    """

    name: str
    listing: str
    shown: str
    corrected: str
    headers: tuple[str, ...] = ("(request-target)", "host", "date", "digest")
    algorithm: str = "rsa-sha256"
    second_hand: bool = False


EVERY = {
    each.name: each
    for each in (
        Software(
            "mastodon", "articles", "Nos comptes sont en ligne ! #PlateformesEnCommuns",
            "Nos comptes sont tous en ligne ! #PlateformesEnCommuns",
            ("(request-target)", "host", "date", "digest", "content-type"),
        ),
        Software(
            "gotosocial", "articles", "Atelier réparation samedi #PlateformesEnCommuns",
            "Atelier réparation dimanche #PlateformesEnCommuns", algorithm="hs2019",
        ),
        Software(
            "mobilizon", "events", "Assemblée générale", "Assemblée générale reportée",
            ("(request-target)", "date", "digest", "host"), second_hand=True,
        ),
        Software("gancio", "events", "Projection & débat", "Projection, débat & repas"),
        Software("wordpress", "events", "Fête de la coop", "Fête de la coop, avec bal"),
        Software(
            "peertube", "articles", "Visite de l'atelier", "Visite de l'atelier, version longue",
        ),
        Software(
            "lemmy", "articles", "Un modèle de statuts", "Un modèle de statuts, annoté",
            ("(request-target)", "content-type", "date", "digest", "host"), "hs2019",
            second_hand=True,
        ),
        Software("friendica", "articles", "Bilan de l'année", "Bilan de l'année, corrigé"),
        Software(
            "pleroma", "articles", "Nouveau guide en ligne #PlateformesEnCommuns",
            "Nouveau manuel en ligne #PlateformesEnCommuns",
            ("(request-target)", "date", "digest", "host"),
        ),
        Software(
            "misskey", "articles", "Offre d'emploi à la coop #PlateformesEnCommuns",
            "Deux offres d'emploi à la coop #PlateformesEnCommuns",
            ("(request-target)", "date", "host", "digest"),
        ),
        Software(
            "pixelfed", "articles", "Le premier vélo sort de l'atelier", "Les deux premiers vélos",
            ("(request-target)", "host", "date", "digest", "content-type"),
        ),
    )
}  # fmt: skip


@dataclass
class Elsewhere:
    """A server of that software, with its actors, that can speak for each of them."""

    software: Software
    peer: Peer
    actors: dict[str, Any]

    @property
    def uri(self) -> str:
        """The actor that is invited."""
        return str(self.letter("actor")["id"])

    def letter(self, name: str) -> Any:
        """A letter with the addresses of this server in it, and its keys."""
        text = (HERE / self.software.name / f"{name}.json").read_text("utf-8")
        document = json.loads(text.replace(f"https://{self.software.name}.example", self.peer.url))
        if isinstance(document.get("publicKey"), dict):
            document["publicKey"]["publicKeyPem"] = public_pem(self.peer.key)
        return document

    def serve(self, document: Any, status: int = 200) -> None:
        """Serve a document at its id, which may have a query."""
        parts = urlsplit(document["id"])
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.peer.pages[path] = (status, ACTIVITY, json.dumps(document).encode())

    def publish(self, *items: Any) -> None:
        """Put that into the invited actor's outbox."""
        outbox = self.letter("actor")["outbox"]
        self.serve({"@context": AS2, "id": outbox, "type": "OrderedCollection",
                    "totalItems": len(items), "orderedItems": list(items)})  # fmt: skip

    async def say(self, hub: Server, name: str, document: Any = None) -> str:
        """Deliver a letter, signed by its actor as that software does it; what came of it."""
        sent = document or self.letter(name)
        who = sent["actor"]
        key_uri = next(a["publicKey"]["id"] for a in self.actors.values() if a["id"] == who)
        reply = await self.peer.send(
            f"{hub.url}/inbox",
            sent,
            names=self.software.headers,
            algorithm=self.software.algorithm,
            key_uri=key_uri,
        )
        assert reply.status == 202, reply
        await hub.quiet()
        return reply.text

    async def listed(self, hub: Server) -> list[dict[str, Any]]:
        """What anybody sees of it in the listing where it belongs."""
        address = f"{hub.url}/api/v1/{self.software.listing}"
        async with self.peer.http.get(address) as response:
            found: list[dict[str, Any]] = (await response.json())["items"]
            return found

    def object_of(self, name: str) -> Any:
        """The object in a letter, however deep."""
        inner = self.letter(name)["object"]
        return inner.get("object", inner)


@pytest.fixture(scope="session")
def their_key() -> Any:
    """A key pair that is none of ours."""
    return new_key()


@pytest.fixture
async def ruche(make_server: MakeServer) -> Server:
    """A hub."""
    return await make_server(role="hub", username="ruche", name="La Ruche")


@pytest.fixture(params=list(EVERY))
async def there(request: pytest.FixtureRequest, their_key: Any) -> AsyncIterator[Elsewhere]:
    """A server of each software in turn."""
    async with peer("coop", their_key) as made:
        yield furnished(EVERY[request.param], made)


def furnished(software: Software, made: Peer) -> Elsewhere:
    """A server with its actors and an empty outbox."""
    found = Elsewhere(software, made, {})
    for path in sorted((HERE / software.name).glob("actor*.json")):
        found.actors[path.stem] = document = found.letter(path.stem)
        found.serve(document)
    found.publish()
    return found


async def let_in(hub: Server, there: Elsewhere) -> None:
    """Invite its actor, and have it agree by a link."""
    actor = await resolve(hub.node, there.uri)
    profile = profile_of(actor)

    async def work(session: Session) -> Any:
        ours = await setup.the_hub(session)
        return await invitation.invite(session, hub.node.uris, ours, actor, profile)

    await hub.write(work)
    await hub.write(willing.agreeing(hub.node, actor, "link", actor.uri))
    await hub.quiet()
    assert await hub.state_of(there.uri) == "member"


async def test_listed_corrected_and_taken_off(ruche: Server, there: Elsewhere) -> None:
    """Create, Update and Delete, as they come; what was deleted never comes back."""
    software = there.software
    await let_in(ruche, there)
    if software.second_hand:
        there.serve(there.object_of("create"))
    await there.say(ruche, "create")
    (item,) = await there.listed(ruche)
    assert item["name"] == software.shown
    assert item["url"].startswith(there.peer.url) or software.listing == "events"
    assert item["uri"] == there.object_of("create")["id"]
    if software.second_hand:
        there.serve(there.object_of("update"))
    await there.say(ruche, "update")
    (item,) = await there.listed(ruche)
    assert item["name"] == software.corrected
    there.serve({"@context": AS2, "id": item["uri"], "type": "Tombstone"}, status=410)
    await there.say(ruche, "delete")
    assert await there.listed(ruche) == []
    again = there.letter("create") | {"id": f"{there.peer.url}/again/1"}
    await there.say(ruche, "create", again)
    assert await there.listed(ruche) == []
    assert await ruche.value("SELECT count(*) FROM inbox WHERE state = 'parked'") == 0


async def test_read_from_its_outbox(ruche: Server, there: Elsewhere) -> None:
    """Who never accepts a Follow is read on schedule; by objects, by ids, and by activities."""
    obj = there.object_of("create")
    there.serve({"@context": AS2} | obj)
    await let_in(ruche, there)
    create = there.letter("create")
    for items in ([create], [obj["id"]], [{"@context": AS2} | obj]):
        if there.software.name == "lemmy" and items != [create]:
            continue  # its outbox holds Announces
        there.publish(*items)
        await ruche.write(lambda session: session.run("DELETE FROM objects WHERE actor_id IS NULL"))
        entry = await ruche.entry(there.uri)
        assert entry is not None
        await ruche.write(partial(members.read_at, member_id=entry.id, due_at=clock.now_ms()))
        await ruche.quiet()
        assert [item["name"] for item in await there.listed(ruche)] == [there.software.shown], items


async def test_not_public_is_not_listed(ruche: Server, there: Elsewhere) -> None:
    """To followers alone it isn't listed, and one that becomes so is taken off."""
    await let_in(ruche, there)
    followers = [f"{there.uri}/followers"]
    for name in ("create", "update"):
        letter, hidden = there.letter(name), there.object_of(name) | {"to": followers, "cc": []}
        if there.software.second_hand:
            there.serve(hidden)
        _put(letter, hidden)
        await there.say(ruche, name, letter | {"to": followers, "cc": []})
        assert await there.listed(ruche) == []
        if name == "create":
            there.serve(there.object_of("create"))
            fresh = there.letter("create") | {"id": f"{there.peer.url}/again/2"}
            await there.say(ruche, "create", fresh)
            assert len(await there.listed(ruche)) == 1


def _put(letter: Any, obj: Any) -> None:
    holder = letter if letter["type"] in {"Create", "Update"} else letter["object"]
    holder["object"] = obj


Here = Callable[[str], AbstractAsyncContextManager[Elsewhere]]


@pytest.fixture
def make(their_key: Any) -> Iterator[Here]:
    """A server of one software: `async with make("lemmy") as there`."""

    @asynccontextmanager
    async def build(name: str) -> AsyncIterator[Elsewhere]:
        async with peer("coop", their_key) as made:
            yield furnished(EVERY[name], made)

    yield build


async def first_listed(hub: Server, there: Elsewhere) -> dict[str, Any]:
    """Let it in, take its Create, and see what is listed."""
    await let_in(hub, there)
    there.serve({"@context": AS2} | there.object_of("create"))
    await there.say(hub, "create")
    (item,) = await there.listed(hub)
    return item


@pytest.mark.case("P2")
async def test_p2_a_type_that_is_a_list(ruche: Server, make: Here) -> None:
    """Misskey's forks send `["Note", …]`: the type we know is taken."""
    async with make("misskey") as there:
        assert (await first_listed(ruche, there))["kind"] == "note"


@pytest.mark.case("P3")
async def test_p3_pleromas_own_properties(ruche: Server, make: Here) -> None:
    """`context` and `actor` on objects, tags as bare words; an EmojiReact has no effect."""
    async with make("pleroma") as there:
        item = await first_listed(ruche, there)
        before = await ruche.rows("SELECT uri, updated_at, deleted_at FROM objects")
        await there.say(ruche, "react")
        assert await ruche.rows("SELECT uri, updated_at, deleted_at FROM objects") == before
        assert item["url"] == item["uri"]


@pytest.mark.case("P4")
async def test_p4_a_picture_without_a_text(ruche: Server, make: Here) -> None:
    """Pixelfed's Note is told by the words of its picture."""
    async with make("pixelfed") as there:
        assert (await first_listed(ruche, there))["text"] == "Le premier vélo sort de l'atelier"


@pytest.mark.case("P5")
async def test_p5_public_in_three_spellings(ruche: Server, make: Here) -> None:
    """Friendica's `as:Public` beside a list of followers, and the bare word."""
    async with make("friendica") as there:
        await first_listed(ruche, there)
        for spelling in ("Public", f"{AS2}#Public"):
            letter = there.letter("update")
            letter["object"] |= {"to": [f"{there.uri}/f"], "cc": spelling, "name": spelling}
            await there.say(ruche, "update", letter | {"id": f"{there.peer.url}/u/{len(spelling)}"})
            assert len(await there.listed(ruche)) == 1


@pytest.mark.case("P6")
async def test_p6_a_page_announced_by_its_community(ruche: Server, make: Here) -> None:
    """Lemmy's Announce of a Create: the Page is asked for, and its own author named."""
    async with make("lemmy") as there:
        item = await first_listed(ruche, there)
        assert item["author"] == f"{there.peer.url}/u/ada"
        assert (item["kind"], item["language"]) == ("article", "fr")
        assert there.peer.asked("/post/4711") >= 1


async def test_what_a_community_passes_on_is_not_believed(ruche: Server, make: Here) -> None:
    """The copy in the Announce may lie: what its origin serves is kept, or nothing."""
    async with make("lemmy") as there:
        await let_in(ruche, there)
        letter = there.letter("create")
        letter["object"]["object"]["name"] = "Un mensonge"
        there.serve(there.object_of("create"))
        await there.say(ruche, "create", letter)
        assert [each["name"] for each in await there.listed(ruche)] == [there.software.shown]
        elsewhere = there.object_of("create") | {"audience": None, "to": [f"{AS2}#Public"]}
        other = elsewhere | {"id": f"{there.peer.url}/post/4712"}
        there.serve(other)
        letter = there.letter("create") | {"id": f"{there.peer.url}/activities/9"}
        letter["object"]["object"] = other
        await there.say(ruche, "create", letter)
        assert len(await there.listed(ruche)) == 1, "it wasn't written for the community"


@pytest.mark.case("P9")
async def test_p9_a_list_of_locations(ruche: Server, make: Here) -> None:
    """Gancio: the place and the link out of one list, no end, an actor without followers."""
    async with make("gancio") as there:
        item = await first_listed(ruche, there)
        assert item["location"]["name"] == "Le Cinéma"
        assert item["location"]["latitude"] == 47.218
        assert item["onlineUrl"] == "https://visio.example/projection"
        assert item["endTime"] is None
        entry = await ruche.entry(there.uri)
        assert entry is not None and entry.state == "member"


@pytest.mark.case("P10")
async def test_p10_the_event_bridge(ruche: Server, make: Here) -> None:
    """WordPress: the summary from a template isn't the text; ids with a query are ids."""
    async with make("wordpress") as there:
        item = await first_listed(ruche, there)
        assert item["description"] == "Musique et soupe."
        assert item["uri"] == f"{there.peer.url}/?p=512"
        assert (item["timezone"], item["status"]) == ("Europe/Paris", "scheduled")
        await there.say(ruche, "update")
        (item,) = await there.listed(ruche)
        assert item["status"] == "tentative"


@pytest.mark.case("P11")
async def test_p11_numeric_ids(ruche: Server, make: Here) -> None:
    """Mastodon's `/ap/users/NUMBER` is an id like any other; the handle is its user name."""
    async with make("mastodon") as there:
        item = await first_listed(ruche, there)
        host = there.peer.url.removeprefix("http://")
        assert item["member"] == f"coop@{host}" and item["language"] == "fr"
        assert item["url"] == f"{there.peer.url}/@coop/113500000000000001"


async def test_a_person_speaks_for_no_other_group(ruche: Server, make: Here) -> None:
    """Mobilizon: what somebody of the server says of a group's event is asked for there."""
    async with make("mobilizon") as there:
        await let_in(ruche, there)
        lie = there.letter("create")
        lie["object"]["name"] = "Un mensonge"
        await there.say(ruche, "create", lie)
        assert await there.listed(ruche) == [], "its origin doesn't serve it"
        there.serve(there.object_of("create"))
        await there.say(ruche, "create", lie | {"id": f"{there.peer.url}/again/3"})
        assert [each["name"] for each in await there.listed(ruche)] == [there.software.shown]
        await there.say(ruche, "delete")
        assert len(await there.listed(ruche)) == 1, "it still stands at its origin"


async def test_a_key_named_by_its_actor(ruche: Server, make: Here) -> None:
    """PeerTube's `keyId` is the account itself, whose document lists one key under another id."""
    async with make("peertube") as there:
        await let_in(ruche, there)
        create = there.letter("create")
        reply = await there.peer.send(f"{ruche.url}/inbox", create, key_uri=there.uri)
        assert reply.status == 202, reply
        await ruche.quiet()
        assert len(await there.listed(ruche)) == 1


async def test_a_channel_may_be_the_member(ruche: Server, make: Here) -> None:
    """PeerTube: a film is its account's and its channel's; the channel announces it."""
    async with make("peertube") as there:
        there.actors["actor"], there.actors["actor-channel"] = (
            there.actors["actor-channel"], there.actors["actor"],
        )  # fmt: skip
        channel = there.actors["actor"]
        there.serve({"@context": AS2, "id": channel["outbox"], "type": "OrderedCollection",
                     "orderedItems": []})  # fmt: skip
        actor = await resolve(ruche.node, channel["id"])

        async def work(session: Session) -> Any:
            ours = await setup.the_hub(session)
            profile = profile_of(actor)
            return await invitation.invite(session, ruche.node.uris, ours, actor, profile)

        await ruche.write(work)
        await ruche.write(willing.agreeing(ruche.node, actor, "link", actor.uri))
        there.serve({"@context": AS2} | there.object_of("create"))
        await there.say(ruche, "announce")
        (item,) = await there.listed(ruche)
        assert (item["kind"], item["host"]) == ("video", there.peer.url.removeprefix("http://"))
        assert item["url"] == item["uri"]
