"""Command line: `python -m bench SUBJECT` or `all`; README.md says what each means."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import accept, actor, fanout, inbox, known, nodes, verify
from bench.figures import Table, as_json, as_text

SUBJECTS = ("accept", "inbox", "fanout", "actor", "known", "verify")
SIZES = ((500, 0), (2000, 0), (2000, 200))  # inboxes, and milliseconds they take to answer


def main() -> int:
    """Measure what was asked for; figures on standard output, progress on standard error."""
    given = _arguments()
    chosen = SUBJECTS if given.subject == "all" else (given.subject,)
    tables = []
    print(f"{nodes.dump(nodes.machine())}", file=sys.stderr)
    with nodes.databases(given.database) as new_database:
        for subject in chosen:
            for table in _measure(subject, new_database, given):
                table.notes = {"database": given.database} | table.notes
                tables.append(table)
                if not given.json:
                    print(as_text(table), end="\n\n", flush=True)
    if given.json:
        found = [as_json(table) for table in tables]
        print(nodes.dump({"machine": nodes.machine(), "tables": found}))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subject", choices=(*SUBJECTS, "all"))
    parser.add_argument("--seconds", type=float, default=10.0, metavar="N",
                        help="load on each side in all (accept, inbox, actor)")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5, help="turns of ours and the yardstick")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of tables")
    given = parser.parse_args()
    if not (0 < given.seconds <= 600 and 1 <= given.rounds <= 50 and 1 <= given.connections <= 500):
        parser.error("--seconds up to 600, --rounds up to 50, --connections up to 500")
    return given


def _measure(
    subject: str, new_database: Callable[[], str], given: argparse.Namespace
) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="pecfed-bench-") as kept:
        folder = Path(kept)
        if subject == "accept":
            yield accept.measure(
                folder, new_database(), given.seconds, given.rounds, given.connections
            )
        elif subject == "inbox":
            yield inbox.measure(
                folder, new_database(), given.seconds, given.rounds, given.connections
            )
        elif subject == "actor":
            yield actor.measure(
                folder, new_database(), given.seconds, given.rounds, given.connections
            )
        elif subject == "verify":
            yield verify.measure(folder, given.rounds)
        elif subject == "known":
            yield known.measure(folder, new_database(), given.connections)
        else:
            for inboxes, delay_ms in SIZES:
                part = folder / f"{inboxes}-{delay_ms}"
                part.mkdir()
                yield fanout.measure(part, new_database(), given.rounds, inboxes, delay_ms)


if __name__ == "__main__":
    sys.exit(main())
