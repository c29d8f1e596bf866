"""`pecfed verify`: each step in words, exit 1 on any doubt, offline with what was saved."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import pecfed
from pecfed.domain.credential import Attestation, Endorsement, Label
from pecfed.services import credentials
from pecfed.store.credentials import Credential
from tests.conftest import MakeServer
from tests.servers import Server
from tests.together.nodes import Ran, call
from tests.vouched import CONFIRMED, document, endorsed, issued, labelled, statement_of

ServeCopy = Callable[[dict[str, Any]], Awaitable[str]]


@pytest.fixture
def engine() -> str:
    """SQLite alone: the command doesn't touch the database."""
    return "sqlite"


async def verify(*arguments: object, development: bool = True) -> Ran:
    """Run the command while the nodes of this process answer."""
    flags = ("--development",) if development else ()
    return await asyncio.to_thread(call, "verify", *flags, *arguments)


async def doubts(*arguments: object) -> list[str]:
    """The names of the steps that don't hold; the command must have said no."""
    ran = await verify(*arguments, "--json")
    assert ran.code == 1, ran
    told = json.loads(ran.out)
    assert told["valid"] is False
    return [step["step"] for item in told["items"] for step in item["steps"] if not step["holds"]]


def written(path: Path, value: Any) -> Path:
    """A file with that document."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """La Ruche, a hub."""
    return await make_server(role="hub", username="ruche", name="La Ruche")


@pytest.fixture
async def lilas(make_server: MakeServer) -> Server:
    """Lilas, a platform on a node of its own."""
    return await make_server(username="lilas", name="Lilas")


@pytest.fixture
async def serve_copy() -> AsyncIterator[ServeCopy]:
    """A site on an origin of its own that shows what somebody else issued, at an address."""
    copies: list[dict[str, Any]] = []

    async def show(request: web.Request) -> web.Response:
        return web.json_response(copies[-1])

    app = web.Application()
    app.router.add_get("/copy.json", show)

    async with TestServer(app, host="127.0.0.1") as site:

        async def serve(document: dict[str, Any]) -> str:
            copies.append(document)
            return str(site.make_url("/copy.json"))

        yield serve


async def test_a_label_is_verified_from_its_address(hub: Server, lilas: Server) -> None:
    """Every step is told, with what it found."""
    _, label = await labelled(hub, await statement_of(lilas))
    ran = await verify(label.uri)
    assert (ran.code, ran.err) == (0, ""), ran.out
    for words in (
        f"a label of {lilas.actor_uri}, by {hub.actor_uri}", "nothing was altered since",
        "valid from", "not revoked", "still the same", "confirms 5 principles", "Valid.",
    ):  # fmt: skip
        assert words in ran.out
    told = (await verify(label.uri, "--json")).json
    assert told["valid"] is True
    (item,) = told["items"]
    assert (item["kind"], item["id"], item["subject"]) == ("label", label.uri, lilas.actor_uri)
    assert [step["step"] for step in item["steps"]] == [
        "credential", "keys", "signature", "dates", "status", "statement", "attestation", "issuer",
    ]  # fmt: skip


async def test_it_is_verified_offline_with_saved_keys(
    hub: Server, lilas: Server, tmp_path: Path
) -> None:
    """The saved file is all it takes; what isn't in it is a doubt, and nobody is asked."""
    attestation, label = await labelled(hub, await statement_of(lilas))
    path = written(tmp_path / "label.json", await document(hub, label.uri))
    keys = tmp_path / "keys.json"
    assert (await verify(path, "--save-keys", keys)).code == 0
    saved = json.loads(keys.read_text())
    assert set(saved["documents"]) == {
        hub.actor_uri, attestation.uri, label.document["credentialStatus"]["statusListCredential"],
        label.document["credentialSubject"]["statement"]["id"],
    }  # fmt: skip
    # from here on the net would say another thing: the label is revoked
    await hub.write(lambda session: credentials.revoke(session, label.uri, "error"))
    assert await doubts(path) == ["status"]
    ran = await verify(path, "--keys", keys)
    assert ran.code == 0, ran.out
    # an address that nobody could rely on is one offline, too
    assert (await verify(path, "--keys", keys, development=False)).code == 1
    for address in saved["documents"]:
        fewer = {k: v for k, v in saved["documents"].items() if k != address}
        other = written(tmp_path / "fewer.json", {"documents": fewer})
        assert (await verify(path, "--keys", other)).code == 1, address
    # the actor's document alone says whose keys count; the rest is a doubt
    actor = written(tmp_path / "actor.json", saved["documents"][hub.actor_uri])
    assert await doubts(path, "--keys", actor) == ["status", "statement", "attestation"]


async def test_a_folder_is_verified_as_a_whole(hub: Server, lilas: Server, tmp_path: Path) -> None:
    """What is verified anyway may lie beside it; whose keys count never does."""
    attestation, label = await labelled(hub, await statement_of(lilas))
    folder = tmp_path / "papers"
    folder.mkdir()
    written(folder / "1.json", await document(hub, attestation.uri))
    written(folder / "2.json", await document(hub, label.uri))
    assert (await verify(folder)).code == 0
    entry, statement = (
        label.document["credentialStatus"]["statusListCredential"],
        label.document["credentialSubject"]["statement"]["id"],
    )
    written(folder / "3.json", await document(hub, entry))
    written(folder / "4.json", await document(lilas, statement))
    actor = await document(hub, hub.actor_uri)
    keys = written(tmp_path / "keys.json", actor)
    told = (await verify(folder, "--keys", keys, "--json")).json
    assert [item["from"] for item in told["items"]] == ["1.json", "2.json"]
    # an actor that lies in the folder is nobody's word
    written(folder / "5.json", actor)
    stranger = written(tmp_path / "other.json", actor | {"id": f"{hub.url}/actors/other"})
    assert "keys" in await doubts(folder, "--keys", stranger)
    # one bad file spoils the folder
    written(folder / "6.json", (await document(hub, label.uri)) | {"validUntil": "2099-01-01"})
    assert "signature" in await doubts(folder)
    assert (await verify(tmp_path / "papers" / "..")).code == 1


async def test_a_changed_statement_is_a_doubt(hub: Server, lilas: Server) -> None:
    """The credential is of the statement as it was; so is one of a statement that is gone."""
    _, label = await labelled(hub, await statement_of(lilas))
    assert (await verify(label.uri)).code == 0
    await statement_of(lilas, "planned")
    assert await doubts(label.uri) == ["statement"]
    await lilas.apply('[actor]\nname = "Lilas"\n', prune=True)
    assert await doubts(label.uri) == ["statement"]


async def test_a_label_stands_with_its_attestation(hub: Server, lilas: Server) -> None:
    """One that was revoked, questions something, or is of another statement carries none."""
    about = await statement_of(lilas)
    attestation, label = await labelled(hub, about)
    await hub.write(lambda session: credentials.revoke(session, attestation.uri, "error"))
    assert await doubts(label.uri) == ["attestation"]
    some = dict.fromkeys(CONFIRMED, "confirmed")
    for principles in ({**some, "data": "questioned"}, {"governance": "confirmed"}, {}):
        weak = await issued(hub, Attestation(about, principles))  # type: ignore[arg-type]
        assert await doubts((await issued(hub, Label(about, weak.uri))).uri) == ["attestation"]
    endorsement = await issued(hub, Endorsement(about))
    assert await doubts((await issued(hub, Label(about, endorsement.uri))).uri) == ["attestation"]


async def test_a_statement_on_an_earlier_charter_is_a_doubt(
    hub: Server, lilas: Server, tmp_path: Path
) -> None:
    """With a version of pecfed that has a newer one, as the directory itself says "outdated"."""
    about = await statement_of(lilas)
    attestation, label = await labelled(hub, about)
    root = Path(pecfed.__file__).parent.parent
    for name in ("pecfed", "vocab", "actors"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    old = tmp_path / "vocab" / "v1" / "charter" / "2018.toml"
    text = old.read_text(encoding="utf-8")
    newer = text.replace('version = "2018"', 'version = "2030"')
    assert newer != text

    async def failed(uri: str) -> list[str]:
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "pecfed", "verify", "--development", "--json", uri],
            capture_output=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=False,
        )  # fmt: skip
        (item,) = json.loads(ran.stdout)["items"]
        return [step["step"] for step in item["steps"] if not step["holds"]]

    assert await failed(label.uri) == []
    old.with_name("2030.toml").write_text(newer, encoding="utf-8")
    assert await failed(label.uri) == ["statement", "attestation"]
    assert await failed(attestation.uri) == ["statement"]
    # who vouches for a statement vouches for that one, on whichever charter
    assert await failed((await endorsed(hub, about)).uri) == []


async def test_plain_http_is_for_development_only(hub: Server, lilas: Server) -> None:
    """On this machine, too; it is said what permits it."""
    _, label = await labelled(hub, await statement_of(lilas))
    ran = await verify(label.uri, development=False)
    assert ran.code == 1
    assert "--development permits" in ran.out


async def test_what_is_no_credential_is_refused(hub: Server, tmp_path: Path) -> None:
    """With a reason, and without a traceback."""
    for number, text in enumerate(
        ["{}", "[]", "nothing", "", '{"a":1,"a":2}', '{"@context":["x"]}', "[" * 100_000,
         json.dumps(await document(hub, hub.actor_uri)),
         json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": {}})]
    ):  # fmt: skip
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        ran = await verify(path)
        assert (ran.code, ran.err) == (1, ""), text
        assert "NO" in ran.out and "Not valid" in ran.out
    for url in (f"{hub.url}/nowhere", f"{hub.url}/", "http://127.0.0.1:1/x", "https://"):
        assert await doubts(url)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (await verify(empty)).code == 1
    for arguments in (
        ("/nowhere/x.json",), (tmp_path / "0.json", "--keys", tmp_path / "0.json"),
        (tmp_path / "0.json", "--keys", "/nowhere"), (f"{hub.url}/", "--keys", tmp_path / "0.json"),
        (tmp_path / "0.json", "--keys", "x", "--save-keys", "y"),
    ):  # fmt: skip
        ran = await verify(*arguments)
        assert (ran.code, ran.out) == (2, ""), ran


async def test_another_file_isnt_written_over(hub: Server, lilas: Server, tmp_path: Path) -> None:
    """`--save-keys` adds to what it wrote itself, and saves nothing of what isn't valid."""
    _, label = await labelled(hub, await statement_of(lilas))
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    assert (await verify(label.uri, "--save-keys", mine)).code == 2
    assert mine.read_text() == "mine"
    keys = tmp_path / "keys.json"
    assert (await verify(label.uri, "--save-keys", keys)).code == 0
    assert (await verify(label.uri, "--save-keys", keys)).code == 0
    await statement_of(lilas, "planned")
    before = keys.read_text()
    assert (await verify(label.uri, "--save-keys", keys)).code == 1
    assert keys.read_text() == before


async def test_who_issued_it_must_be_who_is_meant(
    hub: Server, lilas: Server, tmp_path: Path
) -> None:
    """Anybody can issue a label; a file says only that it is the word of who signed it."""
    _, label = await labelled(hub, await statement_of(lilas))
    path = written(tmp_path / "label.json", await document(hub, label.uri))
    ran = await verify(path)
    assert ran.code == 0
    assert ran.out.rstrip().endswith(f"Valid, if you trust {hub.actor_uri}")
    for what in (path, label.uri):
        ran = await verify(what, "--issuer", hub.actor_uri)
        assert (ran.code, ran.out.rstrip()[-6:]) == (0, "Valid."), ran
        assert await doubts(what, "--issuer", f"{hub.actor_uri}x") == ["issuer"]
        assert await doubts(what, "--issuer", lilas.actor_uri) == ["issuer"]
    for nothing in ("ruche", "ruche@ruche.example", "https://", ""):
        ran = await verify(path, "--issuer", nothing)
        assert (ran.code, ran.out) == (2, ""), ran
    # every file of a folder must be by that issuer
    written(tmp_path / "other.json", await document(lilas, (await endorsed_hub(hub, lilas)).uri))
    assert await doubts(tmp_path, "--issuer", hub.actor_uri) == ["issuer"]
    assert (await verify(tmp_path)).code == 0


async def endorsed_hub(hub: Server, lilas: Server) -> Credential:
    """Lilas vouches for what the hub's speaker declares."""
    return await issued(lilas, Endorsement(await statement_of(hub)))


async def test_a_copy_on_another_site_is_a_doubt_until_its_issuer_is_named(
    hub: Server, lilas: Server, serve_copy: ServeCopy
) -> None:
    """A site vouches for nobody else: a stranger's label is none of the site that shows it."""
    endorsement = await endorsed_hub(hub, lilas)
    assert (await verify(endorsement.uri)).code == 0
    url = await serve_copy(await document(lilas, endorsement.uri))
    ran = await verify(url)
    assert ran.code == 1
    assert endorsement.uri in ran.out and f"--issuer {lilas.actor_uri}" in ran.out
    assert await doubts(url) == ["issuer"]
    assert (await verify(url, "--issuer", lilas.actor_uri)).code == 0


async def test_pinned_keys_are_kept(hub: Server, lilas: Server, tmp_path: Path) -> None:
    """Saving again adds to the file; a key that changed or is gone is told, and nothing saved."""
    endorsement = await endorsed_hub(hub, lilas)
    _, label = await labelled(hub, await statement_of(lilas))
    keys = tmp_path / "keys.json"
    for uri in (endorsement.uri, label.uri):
        assert (await verify(uri, "--save-keys", keys)).code == 0
    first = json.loads(keys.read_text())["documents"]
    assert {hub.actor_uri, lilas.actor_uri} <= set(first)
    path = written(tmp_path / "endorsement.json", await document(lilas, endorsement.uri))
    assert (await verify(path, "--keys", keys)).code == 0
    # as if they had been other ones when they were pinned
    listed = first[hub.actor_uri]["assertionMethod"]
    other = first[lilas.actor_uri]["assertionMethod"][0]["publicKeyMultibase"]
    for pinned, says in (
        ([each | {"publicKeyMultibase": other} for each in listed], "is another one"),
        ([*listed, listed[0] | {"id": f"{hub.actor_uri}#gone"}], "no longer lists"),
    ):
        actor = first[hub.actor_uri] | {"assertionMethod": pinned}
        written(keys, {"documents": first | {hub.actor_uri: actor}})
        before = keys.read_text()
        ran = await verify(label.uri, "--save-keys", keys)
        assert ran.code == 1 and says in ran.err and "Nothing was saved" in ran.err, ran
        assert keys.read_text() == before
    # a key that came is no reason to doubt those that stayed
    fewer = first[hub.actor_uri] | {"assertionMethod": listed[-1:]}
    written(keys, {"documents": first | {hub.actor_uri: fewer}})
    assert (await verify(label.uri, "--save-keys", keys)).code == 0
    assert json.loads(keys.read_text())["documents"] == first


def test_it_loads_no_more_than_it_needs() -> None:
    """Neither the node's server and client, nor the databases, nor asyncio."""
    heavy = ("aiohttp", "asyncio", "jinja2", "jsonschema", "sqlite3", "asyncpg", "pecfed.app")
    code = f"import sys, pecfed.cli.verify; print(*(set({heavy!r}) & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
