"""A year of la Ruche (a hub) and Vélo Commun (a node) in a few seconds, over real HTTP.

Corbeau, a server without our code, follows both, is a member of the hub for a while and
plays a hub itself. It keeps every letter, and a crawler reads everything that is served.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed.federation.hubs import find_hub
from pecfed.language.charter import charter
from pecfed.services import attest, join, label, life, setup
from pecfed.store.database import Session
from tests.cast import ACTIVITY, AS2, Got, Peer, peer
from tests.servers import KeyBox, Server, eventually, serving_node

COMMUNITY = Path(__file__).resolve().parent.parent.parent / "actors" / "community"
WHOLE_DEGREES = """
[[event]]
uid = "sans-decimales"
name.fr = "Rencontre au carrefour des degrés"
start = 2027-06-01T10:00:00
timezone = "Europe/Paris"
location = {name = "Carrefour", city = "Ailleurs", country = "FR", latitude = 48, longitude = -2}
"""
POLL = """
[[poll]]
uid = "forum-2027"
question = {fr = "Un forum en 2027 ?", en = "A forum in 2027?"}
options = [{fr = "Oui", en = "Yes"}, {fr = "Non", en = "No"}]
ends = 2027-06-01T10:00:00+02:00
tags = ["Forum"]
"""
LINKS = ("outbox", "followers", "following", "featured", "directory", "first", "next", "id")
Document = dict[str, Any]


@dataclass(frozen=True)
class Served:
    """An answer to a GET."""

    url: str
    status: int
    document: Document


@dataclass
class Story:
    """Everything that two nodes said, and who said it."""

    hub: str
    node: str
    hub_actor: str
    node_actor: str
    corbeau: str
    served: list[Served] = field(default_factory=list)
    jrds: dict[str, Document] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    known: dict[str, Document] = field(default_factory=dict)

    def delivered(self, kind: str = "", inner: str = "") -> list[Document]:
        """The letters (of that type, about an object of that type), each a copy of its own."""
        letters = [each.json for each in self.got if each.method == "POST"]
        return [
            letter
            for letter in letters
            if kind in {"", letter["type"]} and inner in {"", type_within(letter)}
        ]

    def documents(self) -> Iterator[tuple[str, Document]]:
        """Each document with words on where it was found."""
        for each in self.served:
            yield f"{each.status} GET {each.url}", copy.deepcopy(each.document)
        for letter in self.delivered():
            yield f"{letter['type']} {letter['id']}", letter

    def fetch(self, uri: str) -> Document:
        """What stands at an address, the fragment aside, without asking anybody.

        Raises:
            KeyError: nobody served it.
        """
        return copy.deepcopy(self.known[uri.partition("#")[0]])


def type_within(letter: Document) -> str:
    """The type of an embedded object, "" of one that is named."""
    inner = letter.get("object")
    return str(inner["type"]) if isinstance(inner, dict) else ""


async def tell(folder: Path, keys: KeyBox, key: rsa.RSAPrivateKey) -> Story:
    """Live through it and write it down."""
    for name in ("hub", "node"):
        (folder / name).mkdir()
    async with (
        peer("corbeau", key) as corbeau,
        serving_node(folder / "hub", keys, "ruche", "La Ruche", {"role": "hub"}) as hub,
        serving_node(
            folder / "node", keys, "velo", "Vélo", {"role": "member", "language": "en"}
        ) as node,
    ):
        story = Story(hub.url, node.url, hub.actor_uri, node.actor_uri, corbeau.uri)
        _open_a_directory(corbeau)
        for each in (hub, node):
            await corbeau.send(f"{each.url}/inbox", corbeau.activity("Follow", each.actor_uri))
        await _publish(hub, node)
        await _crawl(story, corbeau.http, hub, node)
        await _member_for_a_while(corbeau, hub)
        await _ask_corbeau(node, corbeau)
        await _without_ids(corbeau, hub)
        await node.leave(hub)
        await _ask_for_a_seat(node, corbeau)
        await _quiet(hub, node)
        await _crawl(story, corbeau.http, hub, node)
        await _move(node, corbeau)
        story.got = list(corbeau.got)
        story.known |= {each.url: each.document for each in story.served if each.status == 200}
        story.known[corbeau.uri] = corbeau.actor(alsoKnownAs=[node.actor_uri])
    return story


def _open_a_directory(corbeau: Peer) -> None:
    """Corbeau may be joined, too."""
    uri = f"{corbeau.url}/directory"
    corbeau.serve(corbeau.actor(directory=uri))
    corbeau.serve(
        {
            "@context": AS2, "id": uri, "type": "OrderedCollection",
            "attributedTo": corbeau.uri, "orderedItems": [],
        }
    )  # fmt: skip


async def _quiet(*servers: Server) -> None:
    """What one sends another is done, too."""
    for _ in range(2):
        for each in servers:
            await each.quiet()


async def _publish(hub: Server, node: Server) -> None:
    """Vélo joins, announces everything, and later corrects and withdraws some of it."""
    await node.join(hub)

    async def asked() -> bool:
        return await hub.state_of(node.actor_uri) == "asked"

    await eventually(asked)
    await hub.decide(node.actor_uri, "accept", "meets-criteria")
    await _quiet(hub, node)
    velo = _in_english("velo.toml")
    await node.apply(velo + WHOLE_DEGREES)
    await _quiet(node, hub)
    await _vouch(hub, node)
    await node.apply(_in_english("changes/velo-after.toml"), prune=True)
    await hub.apply((COMMUNITY / "hub.toml").read_text("utf-8") + POLL)
    await _quiet(node, hub)


async def _vouch(hub: Server, node: Server) -> None:
    """The hub attests what Vélo declares, and gives it the label; it will end when Vélo leaves."""
    uris, of = hub.node.uris, node.actor_uri
    principles = dict.fromkeys((each.id for each in charter().principles), "confirmed")

    async def work(session: Session) -> None:
        me = await setup.the_hub(session)
        await attest.attest(
            session, uris, me, hub.settings, of, principles=principles, by=["operator"]
        )
        await label.give(session, uris, me, hub.settings, of, by=["operator"])

    await hub.write(work)
    await _quiet(hub, node)


def _in_english(name: str) -> str:
    """A file of Vélo's, as if it wrote in English first; the hub's French stays."""
    text = (COMMUNITY / name).read_text("utf-8")
    return text.replace('languages = ["fr", "en"]', 'languages = ["en", "fr"]', 1)


async def _member_for_a_while(corbeau: Peer, hub: Server) -> None:
    asks = corbeau.activity("Join", hub.actor_uri)
    await corbeau.send(f"{hub.url}/inbox", asks)
    await hub.note_of(asks["id"])
    await hub.decide(corbeau.uri, "accept", "meets-criteria")
    await _arrived(corbeau, "Follow")
    await corbeau.send(f"{hub.url}/inbox", corbeau.activity("Accept", corbeau.posted("Follow")[0]))
    await hub.quiet()
    await corbeau.send(f"{hub.url}/inbox", corbeau.activity("Join", hub.actor_uri, id=None))
    await hub.quiet()
    await hub.decide(corbeau.uri, "suspend", "abuse", "Deux signalements.\n\nNous en parlerons.")
    await _arrived(corbeau, "Undo")


async def _ask_corbeau(node: Server, corbeau: Peer) -> None:
    """Vélo asks a hub that runs other software, is let in, and leaves."""
    uris, actor = node.node.uris, await node.me()
    hub = await find_hub(node.node, corbeau.url)
    await node.write(lambda session: join.ask(session, uris, actor, hub))
    await _arrived(corbeau, "Join")
    accept = corbeau.activity("Accept", corbeau.posted("Join")[0])
    await corbeau.send(f"{node.url}/inbox", accept)
    await node.note_of(accept["id"])
    await node.write(lambda session: join.leave(session, uris, actor, hub))
    await _arrived(corbeau, "Leave")


async def _ask_for_a_seat(node: Server, corbeau: Peer) -> None:
    """Corbeau would like to come to one of Vélo's events."""
    event = await node.value(
        "SELECT uri FROM objects WHERE kind = 'event' AND deleted_at IS NULL LIMIT 1"
    )
    await corbeau.send(f"{node.url}/inbox", corbeau.activity("Join", event))
    await _arrived(corbeau, "Ignore")


async def _move(node: Server, corbeau: Peer) -> None:
    """Vélo goes to live at Corbeau's."""
    uris, actor = node.node.uris, await node.me()
    known = [actor.uri]
    await node.write(lambda session: life.move(session, uris, actor, corbeau.uri, known))
    await _arrived(corbeau, "Move")


async def _without_ids(corbeau: Peer, hub: Server) -> None:
    """Some software gives its Follow no id that can be looked up."""
    before = len(corbeau.posted("Accept"))
    await corbeau.send(f"{hub.url}/inbox", corbeau.activity("Follow", hub.actor_uri, id=None))

    async def answered() -> bool:
        return len(corbeau.posted("Accept")) > before

    await eventually(answered)
    await corbeau.send(f"{hub.url}/inbox", corbeau.activity("Join", hub.actor_uri, id=None))
    await hub.quiet()
    await hub.decide(corbeau.uri, "remove", "other")

    async def told() -> bool:
        return len(corbeau.posted("Reject")) == 2

    await eventually(told)


async def _arrived(corbeau: Peer, kind: str) -> None:
    async def has() -> bool:
        return bool(corbeau.posted(kind))

    await eventually(has)


async def _crawl(story: Story, http: aiohttp.ClientSession, *servers: Server) -> None:
    """Read whatever can be reached from the actors, as another server would."""
    for server in servers:
        seen: set[str] = set()
        waiting = [server.actor_uri, f"{server.url}/actor", f"{server.url}/actor/outbox"]
        while waiting:
            url = waiting.pop(0)
            if url in seen or "#" in url or not url.startswith(f"{server.url}/"):
                continue
            seen.add(url)
            async with http.get(url, headers={"Accept": ACTIVITY}) as answer:
                if answer.status not in {200, 410} or answer.content_type != ACTIVITY:
                    continue
                document = json.loads(await answer.read())
            story.served.append(Served(url, answer.status, document))
            waiting += _links(document)
        name = f"instance@{server.settings.handles_host}"
        for resource in (f"acct:{server.handle}", f"acct:{name}", server.actor_uri):
            where = f"{server.url}/.well-known/webfinger?resource={quote(resource)}"
            async with http.get(where) as answer:
                story.jrds[resource] = await answer.json(content_type="application/jrd+json")


def _links(document: Document) -> list[str]:
    found = [document[name] for name in LINKS if isinstance(document.get(name), str)]
    for item in document.get("orderedItems", []):
        found += [item] if isinstance(item, str) else [item["id"], _object_of(item)]
    return found


def _object_of(activity: Document) -> str:
    inner = activity["object"]
    return str(inner["id"] if isinstance(inner, dict) else inner)
