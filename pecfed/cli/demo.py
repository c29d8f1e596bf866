"""`demo`: a hub and five platforms on this machine, announcing for real."""

from __future__ import annotations

import argparse
from pathlib import Path

from pecfed.cli.command import add_command
from pecfed.demo.play import play


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed demo`."""
    made = add_command(
        commands,
        "demo",
        _demo,
        "start a hub and five member nodes on loopback and let them announce",
        "  pecfed demo                       # stays up until Ctrl-C\n"
        "  pecfed demo --exit --json         # for scripts: one line of JSON, then stop\n"
        "  pecfed demo --database postgresql # on a PostgreSQL that it starts itself",
        folder=False,
    )
    made.add_argument("--exit", action="store_true", help="stop once everything has arrived")
    made.add_argument("--json", action="store_true", help="print the outcome as one line of JSON")
    made.add_argument("--dir", type=Path, default=None, metavar="DIR",
                      help="keep the nodes and their data in this (new) folder")  # fmt: skip
    made.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite",
                      help="what each node keeps its data in (default: sqlite)")  # fmt: skip
    made.add_argument("--port", type=int, default=8400, metavar="PORT",
                      help="the hub's (default: 8400); the members take the next five")  # fmt: skip


def _demo(given: argparse.Namespace) -> int:
    return play(
        folder=given.dir,
        database=given.database,
        port=given.port,
        stop_at_once=given.exit,
        as_json=given.json,
    )
