"""A hub with a small cast, filled through the store and served on loopback.

The cast: Lilas (a member with everything), Orme (a member whose statement has lapsed),
Corbeau (a member that writes what it shouldn't), Ancienne (suspended) and Invitée.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from pecfed import clock
from pecfed.domain.content import Content
from pecfed.domain.liveness import ANSWERS, DAY
from pecfed.domain.note import Note
from pecfed.domain.place import Place
from pecfed.domain.profile import Past, Profile
from pecfed.domain.statement import Statement
from pecfed.domain.uris import Uris
from pecfed.federation.node import Node
from pecfed.federation.speakers import make_attestation_key
from pecfed.http import wire
from pecfed.http.appkeys import DATABASE, NODE, PROXIES, SETTINGS, URIS
from pecfed.http.middleware import protect
from pecfed.http.routes import add_routes
from pecfed.services import log, still_true
from pecfed.settings import Settings, make
from pecfed.store import actors, liveness, members, objects
from pecfed.store.database import Database, Session
from tests.http.hive import (
    ANCIENNE,
    CORBEAU,
    EVIL,
    LILAS,
    ORME,
    SCRIPT_URL,
    corbeau,
    event,
    lilas,
    resource,
    statement_of,
)  # fmt: skip

Client = TestClient[web.Request, web.Application]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Served:
    """A node that answers."""

    client: Client
    settings: Settings
    database: Database
    uris: Uris

    async def page(self, path: str, status: int = 200, **headers: str) -> str:
        """The text at a path, which must answer with that status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(path, headers=named, allow_redirects=False) as response:
            text = await response.text()
            assert response.status == status, (path, response.status, text[:400])
            return text

    async def json(self, path: str, status: int = 200) -> Any:
        """The JSON at a path, which must answer with that status."""
        async with self.client.get(path) as response:
            assert response.status == status, (path, response.status, await response.text())
            return await response.json(content_type=None)


@pytest.fixture(autouse=True)
def _fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon on 23 November 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


async def serve(
    database: Database,
    folder: Path,
    role: str,
    username: str,
    *,
    host: str = "127.0.0.1",
    **more: Any,
) -> AsyncIterator[Served]:
    """A node of that role with one actor of its own, on a free loopback port.

    `host` is the name in its address: browsers make passkeys for `localhost`, not for numbers.
    """
    port = unused_port()
    url = f"http://{host}:{port}"
    settings = make(folder, {"role": role, "url": url, "development": True, **more})
    uris = Uris(url)
    await add_actor(database, uris, "instance", "instance", Profile("instance"))
    app = web.Application()
    app[NODE] = node = Node.make(settings, database)
    app[SETTINGS], app[DATABASE], app[URIS] = settings, database, uris
    app[PROXIES] = settings.proxies()
    wire.prepare(app)
    protect(app)
    add_routes(app, settings)
    client = TestClient(TestServer(app, host="127.0.0.1", port=port))
    await client.start_server()
    try:
        yield Served(client, settings, database, uris)
    finally:
        await client.close()
        await node.client.close()


def node_of(served: Served) -> Node:
    """The node behind what is served."""
    app = served.client.app
    assert app is not None
    return app[NODE]


async def add_actor(
    database: Database, uris: Uris, username: str, card: str, profile: Profile
) -> int:
    """One more actor that this node speaks for; its database key."""

    async def work(session: Session) -> int:
        made = await actors.add(
            session, username=username, card=card, uri=uris.actor(username), profile=profile,
            rsa_public="", ed25519_public="", now=clock.to_ms(NOW),
        )  # fmt: skip
        return made.id

    return await database.write(work)


async def publish(
    database: Database,
    actor_uri: str,
    content: Content,
    *,
    uri: str = "",
    actor_id: int | None = None,
    url: str = "",
    at: datetime = NOW,
) -> str:
    """Keep an object as if its actor had announced it; its uri."""
    uri = uri or f"{actor_uri.rpartition('/actors/')[0]}/objects/{content.uid}"

    async def work(session: Session) -> None:
        await objects.keep(
            session, uri=uri, actor_uri=actor_uri, actor_id=actor_id, content=content, url=url,
            published_at=clock.to_ms(at), updated_at=clock.to_ms(at),
        )  # fmt: skip
        if isinstance(content, Statement) and actor_id is None:
            await log.declared(session, actor_uri)

    await database.write(work)
    return uri


async def add_member(
    database: Database,
    slug: str,
    uri: str | None,
    profile: Profile,
    state: Any = "member",
    source: tuple[str, ...] = (),
) -> None:
    """One more entry in the directory."""
    await database.write(
        lambda session: members.add(
            session, slug=slug, uri=uri, state=state, profile=profile,
            source=source or (uri or "",), now=clock.to_ms(NOW),
        )
    )  # fmt: skip


async def fill(served: Served, hub_id: int) -> None:
    """The whole cast, and two things of the hub's own."""
    database, hub = served.database, served.uris.actor("ruche")
    await add_member(database, "lilas@lilas.example", LILAS, lilas())
    await publish(database, LILAS, statement_of(LILAS))
    await publish(database, LILAS, event(), url="https://lilas.example/@lilas/ag")
    await publish(database, LILAS, resource())
    await publish(
        database, LILAS, event("passe", name={"fr": "Fête d’hier"},
        start=datetime(2025, 6, 1, 10, tzinfo=UTC), end=None),
    )  # fmt: skip
    call = event(
        "appel", kind="call", name={"en": "Call for projects"}, status="postponed",
        deadline=datetime(2027, 3, 31, 22, 59, tzinfo=UTC), online_url="https://visio.example/x",
    )  # fmt: skip
    await publish(database, LILAS, call)

    await add_member(
        database, "orme@orme.example", ORME, Profile("Orme", place=Place(country="BE"))
    )
    await publish(database, ORME, statement_of(ORME, valid_until="2026-01-01"))

    await add_member(database, "corbeau@corbeau.example", CORBEAU, corbeau())
    evil = {"fr": EVIL, "en": EVIL}
    await publish(
        database, CORBEAU,
        statement_of(CORBEAU, text=evil, evidence=(SCRIPT_URL, f"https://x.example/{EVIL}")),
    )  # fmt: skip
    await publish(
        database, CORBEAU, event(
            "mal", name=evil, description=evil, timezone=EVIL, url=SCRIPT_URL,
            online_url=SCRIPT_URL, source=(SCRIPT_URL,), working_group=EVIL, status=EVIL,
            place=Place(name=EVIL, address=EVIL, city=EVIL, country=EVIL),
        ), url=SCRIPT_URL,
    )  # fmt: skip
    await publish(
        database, CORBEAU, resource(
            "mal-2", name=evil, description=evil, url=SCRIPT_URL, version=EVIL, license=EVIL,
            authors=(EVIL,), languages=(EVIL,), source=(SCRIPT_URL,), kind=EVIL, openness=EVIL,
            working_group=EVIL, released=EVIL,
        ), url=SCRIPT_URL,
    )  # fmt: skip

    await add_member(
        database, "ancienne@ancienne.example", ANCIENNE, Profile("Ancienne"), "suspended"
    )
    await publish(database, ANCIENNE, event("cache", name={"fr": "Événement caché"}))
    await add_member(
        database, "invitee", None,
        Profile("Invitée", {"fr": "Une association."}, "https://invitee.example", "association",
                ("food",), history=(Past("2018", {"fr": "Citée."}, ("https://source.example/a",)),)),
        "invited", ("https://source.example/a", "https://source.example/b"),
    )  # fmt: skip

    await add_member(
        database, "fermee", None,
        Profile("Fermée", history=(Past("2019", {"fr": "Fondée."}),)), "archived",
        ("https://source.example/c",),
    )  # fmt: skip
    await database.write(lives)

    await publish(
        database, hub, event("forum", name={"fr": "Forum", "en": "Forum"}, all_day=True,
        start=datetime.fromisoformat("2027-01-11T00:00:00+01:00"),
        end=datetime.fromisoformat("2027-01-13T00:00:00+01:00")),
        uri=f"{served.uris.base}/objects/forum", actor_id=hub_id,
    )  # fmt: skip
    await publish(
        database, hub, resource("bilan", name={"fr": "Bilan"}, kind="report", license=""),
        uri=f"{served.uris.base}/objects/bilan", actor_id=hub_id, at=NOW + timedelta(hours=1),
    )  # fmt: skip
    await publish(
        database, hub, Note("mot", {"fr": f"Bonjour {EVIL}"}, "https://lilas.example"),
        uri=f"{served.uris.base}/objects/mot", actor_id=hub_id,
    )  # fmt: skip


async def lives(session: Session) -> None:
    """Orme has gone silent and is asked "still true?"; Fermée has closed, and Lilas goes on."""
    now = clock.to_ms(NOW)
    silent, closed = [
        (await liveness.needed(session, entry.id, now)).member_id
        for slug in ("orme@orme.example", "fermee")
        if (entry := await members.by_slug(session, slug)) is not None
    ]
    await liveness.answered(session, silent, now, now, "", "")
    await liveness.told(session, silent, "silent", now)
    links = [(still_true.hashed(f"jeton-{answer}"), answer) for answer in ANSWERS]
    await liveness.asked(session, silent, now, links, now + 9 * 366 * DAY)
    await liveness.set_archived(
        session, closed, "2026-11-01", "https://lilas.example/", is_closed=True
    )


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """La Ruche, a hub with the whole cast."""
    async for served in serve(database, tmp_path, "hub", "ruche", handle_domain="ruche.example"):
        profile = Profile("La Ruche", {"fr": "L’annuaire.", "en": "The directory."})
        hub_id = await add_actor(database, served.uris, "ruche", "hub", profile)
        await make_attestation_key(node_of(served))
        await fill(served, hub_id)
        yield served


@pytest.fixture
async def empty_hub(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """A hub on its first day."""
    async for served in serve(database, tmp_path, "hub", "ruche"):
        await add_actor(database, served.uris, "ruche", "hub", Profile("La Ruche"))
        await make_attestation_key(node_of(served))
        yield served


@pytest.fixture
async def node(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """Lilas's own node, with one of everything."""
    async for served in serve(database, tmp_path, "member", "lilas"):
        key = await add_actor(database, served.uris, "lilas", "member", lilas())
        mine = served.uris.actor("lilas")
        for content in (statement_of(mine), event(), resource()):
            await publish(
                database, mine, content, actor_id=key,
                uri=f"{served.uris.base}/objects/{content.uid}",
            )  # fmt: skip
        yield served
