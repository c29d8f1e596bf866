"""La Ruche, a hub, and Lilas, its member, which bears the label."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pecfed.services import attest, label, setup
from pecfed.store.database import Session
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.servers import Server, eventually
from tests.vouched import CONFIRMED

STATEMENT = """
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2099-11-01
""" + "".join(
    f'[charter.commitments.{name}-1]\nlevel = "practised"\n'
    f'explanation.fr = "« {name} » : l’assemblée décide, 100 % – ça tient 🐝."\n'
    f'evidence = ["https://lilas.example/{name}.pdf"]\n'
    for name in CONFIRMED
)
CHANGED = STATEMENT.replace("data.pdf", "data-2.pdf")


@pytest.fixture
def engine() -> str:
    """SQLite alone: pages and pictures don't touch the database beyond one reading."""
    return "sqlite"


@pytest.fixture
async def ruche(make_server: MakeServer) -> Server:
    """La Ruche, a hub."""
    return await make_server(role="hub", username="ruche", name="La Ruche")


@pytest.fixture
async def lilas(make_server: MakeServer) -> Server:
    """Lilas, a platform on a node of its own."""
    return await make_server(username="lilas", name="Les Lilas & Cie <b>")


@pytest.fixture
async def declared(ruche: Server, lilas: Server) -> Server:
    """Lilas, a member whose statement la Ruche has."""
    await let_in_node(ruche, lilas)
    await changed(ruche, lilas, STATEMENT)
    return lilas


@pytest.fixture
async def labelled(ruche: Server, declared: Server) -> Server:
    """Lilas, attested and labelled by two acts of a reviewer."""

    async def work(session: Session) -> None:
        hub = await setup.the_hub(session)
        uris, settings = ruche.node.uris, ruche.settings
        principles = dict.fromkeys(CONFIRMED, "confirmed")
        await attest.attest(
            session, uris, hub, settings, declared.handle, principles=principles, by=["reviewer"]
        )
        await label.give(session, uris, hub, settings, declared.handle, by=["reviewer"])

    await ruche.write(work)
    return declared


async def changed(hub: Server, of: Server, text: str) -> None:
    """Publish a statement, and wait until the hub has it."""
    before = await hub.value("SELECT count(*) FROM statement_versions")
    await of.apply(text)

    async def has_it() -> bool:
        return bool(await hub.value("SELECT count(*) > ? FROM statement_versions", before))

    await eventually(has_it)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A visitor without a browser."""
    async with aiohttp.ClientSession() as made:
        yield made
