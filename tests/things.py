"""Things to publish and people to meet, with a default for all that a test doesn't care about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pecfed.domain.event import Event
from pecfed.domain.place import Place
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Declared, Statement
from pecfed.services import log
from pecfed.store import actors, members, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.store.remotes import RemoteActor

NOW = 1_795_424_400_000  # 2026-11-23T09:00:00Z
DAY = 86_400_000
LILAS = "https://lilas.example/actors/lilas"
ORME = "https://orme.example/actors/orme"
CORBEAU = "https://corbeau.example/actors/corbeau"


def statement(member: str = LILAS, **more: Any) -> Statement:
    """A statement with one commitment."""
    values: dict[str, Any] = {
        "member": member,
        "charter": "2018",
        "declared": "2026-11-23",
        "valid_until": "2027-11-23",
        "commitments": (
            Declared("governance-1", "practised", {"fr": "Une personne, une voix."}, ("https://x.example/a",)),
        ),
    }  # fmt: skip
    return Statement(**values | more)


def event(uid: str = "ag", days: int = 0, **more: Any) -> Event:
    """An evening in May 2027, or so many days later."""
    start = datetime.fromisoformat("2027-05-12T18:00:00+02:00") + timedelta(days=days)
    values: dict[str, Any] = {
        "uid": uid,
        "name": {"fr": "Assemblée générale"},
        "start": start,
        "end": start + timedelta(hours=2),
        "timezone": "Europe/Paris",
        "place": Place(name="La Maison", city="Nantes", country="FR"),
    }
    return Event(**values | more)


def resource(uid: str = "statuts", **more: Any) -> Resource:
    """Statutes."""
    values: dict[str, Any] = {
        "uid": uid,
        "name": {"fr": "Nos statuts"},
        "kind": "statutes",
        "license": "CC-BY-SA-4.0",
        "url": "https://lilas.example/statuts.pdf",
    }
    return Resource(**values | more)


def remote(uri: str = LILAS, **more: Any) -> RemoteActor:
    """An actor of another server, at its own inbox."""
    name, host = uri.rpartition("/")[2], uri.split("/")[2]
    values: dict[str, Any] = {
        "uri": uri,
        "type": "Organization",
        "handle": f"{name}@{host}",
        "name": name.capitalize(),
        "inbox": f"{uri}/inbox",
        "shared_inbox": f"https://{host}/inbox",
        "document": "{}",
        "fetched_at": NOW,
        "gone_at": None,
    }
    return RemoteActor(**values | more)


async def local_actor(session: Session, username: str = "ruche", card: str = "hub") -> LocalActor:
    """An actor of ours."""
    return await actors.add(
        session,
        username=username,
        card=card,
        uri=f"https://node.example/actors/{username}",
        profile=Profile(username.capitalize()),
        rsa_public="",
        ed25519_public="",
        now=NOW,
    )


async def member(session: Session, uri: str | None = LILAS, **more: Any) -> Member:
    """An entry in the directory; `state` is member unless given."""
    name = uri.rpartition("/")[2] if uri else "invitee"
    values: dict[str, Any] = {
        "slug": f"{name}@{uri.split('/')[2]}" if uri else name,
        "uri": uri,
        "state": "member",
        "profile": Profile(name.capitalize()),
        "source": [uri or "https://source.example"],
        "now": NOW,
    }
    return await members.add(session, **values | more)


async def publish(
    session: Session, content: Statement | Event | Resource, actor_uri: str = LILAS, **more: Any
) -> str:
    """An object of somebody's; its uri."""
    host = actor_uri.split("/")[2]
    values: dict[str, Any] = {
        "uri": f"https://{host}/objects/{content.uid}",
        "actor_uri": actor_uri,
        "actor_id": None,
        "content": content,
        "url": "",
        "published_at": NOW,
        "updated_at": NOW,
    } | more
    await objects.keep(session, **values)
    if isinstance(content, Statement):
        await log.declared(session, actor_uri)
    return str(values["uri"])
