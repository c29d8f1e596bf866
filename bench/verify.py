"""Verifying: one label offline, process start included; and a log of 100,000 lines."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from bench.figures import Table
from pecfed import clock
from pecfed.domain import log, status_list
from pecfed.domain.about import About
from pecfed.domain.credential import Attestation, Claim, Issuing, Label, document
from pecfed.domain.statement import Statement
from pecfed.federation import kept, proofs
from pecfed.federation.multikey import multikey
from pecfed.language.charter import charter

LINES = 100_000
SITE = "https://annuaire.example"
HUB, KEY = f"{SITE}/actors/hub", f"{SITE}/actors/hub#attestation-key"
MEMBER, STATEMENT = "https://velo.example/actors/velo", "https://velo.example/objects/statement"
BARE = (
    "import argparse, hashlib, json; from cryptography.hazmat.primitives.asymmetric import ed25519"
)


def measure(folder: Path, rounds: int) -> Table:
    """`pecfed verify` of a label and of a log, by turns with the least that it takes."""
    table = Table(
        "verify", "Python that loads its crypto; hashing the same lines", {"rounds": rounds}
    )
    label, keys = folder / "label.json", folder / "keys.json"
    _papers(label, keys)
    ours = ["-m", "pecfed", "verify", str(label), "--keys", str(keys)]
    lines = _lines()
    table.notes["bytes of the log"] = sum(map(len, lines))
    for _ in range(rounds):
        bare_wall, bare_cpu = _run(["-c", BARE])
        wall, cpu = _run(ours)
        table.figure("label: wall ms").add(wall, bare_wall)
        table.figure("label: CPU ms").add(cpu, bare_cpu)
        plain = _timed(
            lambda: [(json.loads(each), hashlib.sha256(each).digest()) for each in lines]
        )
        table.figure("log: seconds").add(_timed(lambda: log.verify_lines(lines)), plain)
    return table


def _run(arguments: list[str]) -> tuple[float, float]:
    """Wall and CPU milliseconds of one process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return 1000 * wall, 1000 * cpu


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _papers(label: Path, keys: Path) -> None:
    """A label of a member, and all it takes to verify it offline."""
    key, now = ed25519.Ed25519PrivateKey.generate(), clock.now()
    created, until = clock.seconds(now), clock.seconds(now + timedelta(days=20))

    def signed(made: dict[str, Any]) -> dict[str, Any]:
        return proofs.sign(made, KEY, key, created)

    def issued(claim: Claim, place: int) -> dict[str, Any]:
        status = f"{SITE}/credentials/status/1"
        uri = f"{SITE}/credentials/{place}"
        return signed(
            document(
                claim,
                Issuing(uri, HUB, "Annuaire", SITE, "fr", created, until, status, place),
            )
        )

    statement = Statement(MEMBER, "2018", "2026-11-01", "2028-11-01", ())
    about = About.of(statement, STATEMENT, name="Vélo", handle="velo@velo.example")
    principles: Any = {each.id: "confirmed" for each in charter().principles}
    attestation = issued(Attestation(about, principles), 0)
    actor = {
        "id": HUB,
        "assertionMethod": [
            {
                "id": KEY,
                "type": "Multikey",
                "controller": HUB,
                "publicKeyMultibase": multikey(key.public_key()),
            }
        ],
    }
    listed = status_list.document(f"{SITE}/credentials/status/1", HUB, (), created, until)
    note = {
        "id": STATEMENT,
        "attributedTo": MEMBER,
        "charterStatement": statement.to_value(),
    }
    documents = [actor, signed(listed), note, attestation]
    kept.save(keys, {each["id"]: each for each in documents})
    label.write_text(json.dumps(issued(Label(about, attestation["id"]), 1)), encoding="utf-8")


def _lines() -> list[bytes]:
    previous, lines = log.BEGINNING, []
    at = clock.now()
    for number in range(1, LINES + 1):
        act = log.Act(
            clock.to_ms(at), "endorse", f"{MEMBER}{number % 500}", "reviewer", "meets-criteria",
            {"credential": f"{SITE}/credentials/{number}", "digest": "0" * 64},
        )  # fmt: skip
        line = log.write(act, number, previous, clock.stamp(at), "00" * log.SALT)
        previous = line.hash
        lines.append(log.row(line.entry, line.hash).encode())
    return lines
