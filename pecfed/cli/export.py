"""`export`: a copy of an actor with everything it owns, in one file."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pecfed import __version__, clock
from pecfed.cli.command import add_actor, add_command, add_json, on_node, say, say_json
from pecfed.errors import UsageError
from pecfed.exports import FORMATS
from pecfed.federation.activities import build
from pecfed.federation.actor import document
from pecfed.federation.node import Node
from pecfed.services import setup
from pecfed.store import activities, follows, memberships, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Row, Session

PAGE = 500
MEDIA = "media"
_README = """\
{name} ({uri})
pecfed {version}, {now}

content.toml    profil, déclaration, événements, ressources : « pecfed apply » sait le relire
                profile, statement, events, resources: `pecfed apply` reads it
actor.json      l'acteur tel que les autres serveurs le voient / the actor as other servers see it
outbox.json     tout ce qu'il a publié, signé / all it published (ActivityStreams 2.0)
followers.csv   qui le suit / who follows it
following.csv   qui il suit / whom it follows
hubs.csv        ses annuaires / its directories
media/          les images / pictures

Les clés privées n'y sont pas / the private keys are not in it.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed export`."""
    made = add_command(
        commands,
        "export",
        _checked,
        "write an actor with everything it owns into a zip file",
        "  pecfed export --dir node velo.zip\n"
        "  pecfed export --dir node --actor panier panier-2026-11-23.zip --json",
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a new file, as velo.zip")
    add_actor(made)
    add_json(made)


def _checked(given: argparse.Namespace) -> int:
    """Look at the file's name before the node is opened.

    Raises:
        UsageError: it is taken, or its folder isn't there.
    """
    path: Path = given.file
    if path.exists():
        raise UsageError(f"{path} exists already: choose another name, so that nothing is lost")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no folder")
    return on_node(given, _export)


async def _export(node: Node, given: argparse.Namespace) -> int:
    path: Path = given.file
    actor = await node.database.read(lambda session: setup.speaker(session, given.actor))
    part = path.with_name(f".{path.name}.part")
    try:
        # what follows whom is for its owner's eyes
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            counts = await _fill(node, actor, archive)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if given.json:
        say_json({"file": str(path), "actor": actor.uri, **counts})
    else:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        say(f"{path}: {actor.profile.name}, {told}.")
    return 0


async def _fill(node: Node, actor: LocalActor, archive: zipfile.ZipFile) -> dict[str, int]:
    """Write every part; how much there is of each."""
    settings, database = node.settings, node.database

    async def owned(session: Session) -> tuple[Any, ...]:
        return (
            await objects.of_actor(session, actor.uri, limit=objects.EVERYTHING),
            await follows.followers(session, actor.id, objects.EVERYTHING),
            await follows.following(session, actor.id),
            await memberships.of_actor(session, actor.id),
        )

    published, followers, following, hubs = await database.read(owned)
    contents = [each.content for each in published]
    readme = _README.format(
        name=actor.profile.name, uri=actor.uri, version=__version__, now=clock.stamp(clock.now())
    )
    archive.writestr("README.txt", readme)
    archive.writestr(
        "content.toml", FORMATS["apply_file"](actor.username, actor.profile, contents, MEDIA)
    )
    archive.writestr("actor.json", _json(document(actor, node.uris, settings)))
    archive.writestr("followers.csv", _csv(["actor"], [{"actor": uri} for uri in followers]))
    archive.writestr("following.csv", _csv(["actor"], [{"actor": uri} for uri in following]))
    columns = ["hub_uri", "state", "reason", "message"]
    archive.writestr("hubs.csv", _csv(columns, hubs))
    count = 0
    with archive.open("outbox.json", "w") as out:
        out.write(b"[")
        before = None
        while True:
            page = await database.read(
                lambda session: activities.outbox(session, actor.id, PAGE, before)  # noqa: B023
            )
            for each in page:
                out.write(b"\n" if count == 0 else b",\n")
                out.write(_json(build(each, actor, node.uris, settings)).encode())
                count += 1
            if len(page) < PAGE:
                break
            before = page[-1].id
        out.write(b"\n]\n")
    pictures = 0
    for file in _pictures(settings.dir, _json([each.to_data() for each in contents]),
                          _json(actor.profile.to_data())):  # fmt: skip
        archive.write(file, f"{MEDIA}/{file.name}")
        pictures += 1
    return {
        "objects": len(published),
        "activities": count,
        "followers": len(followers),
        "following": len(following),
        "pictures": pictures,
    }


def _pictures(folder: Path, *texts: str) -> Iterator[Path]:
    """The files of the node's pictures that these texts name."""
    kept = folder / MEDIA
    for file in sorted(kept.iterdir()) if kept.is_dir() else ():
        if any(f"/{MEDIA}/{file.name}" in text for text in texts):
            yield file


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _csv(columns: list[str], rows: list[Row]) -> str:
    """A table that spreadsheets open; a text that they would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        cells = [str(row[name]) for name in columns]
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
    return out.getvalue()
