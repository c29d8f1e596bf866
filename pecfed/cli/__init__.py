"""The command line: one file for each group of commands, one line each in this table."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Mapping, Sequence

from pecfed import __version__
from pecfed.cli.command import shown
from pecfed.errors import PecfedError, UsageError

COMMANDS: Mapping[str, str] = {
    "demo": "demo.add_parser",
    "init": "node.add_init",
    "serve": "node.add_serve",
    "apply": "apply.add_parser",
    "assessment": "assessment.add_parser",
    "join": "hubs.add_join",
    "leave": "hubs.add_leave",
    "status": "status.add_status",
    "retry": "status.add_retry",
    "actors": "speakers.add_parser",
    "export": "export.add_parser",
    "keys": "keys.add_parser",
    "members": "members.add_parser",
    "queue": "queue.add_parser",
    "claims": "claims.add_parser",
    "groups": "groups.add_groups",
    "announce": "groups.add_announce",
    "conversations": "conversations.add_parser",
    "reports": "reports.add_parser",
    "blocks": "blocks.add_parser",
    "notices": "notices.add_parser",
    "people": "people.add_parser",
    "contest": "contest.add_contest",
    "replies": "contest.add_replies",
    "admin": "admin.add_parser",
    "verify": "verify.add_parser",
}
"""Each command, and what adds it to the parser; only the file of the one asked for is read."""
OK, REFUSED, USAGE = 0, 1, 2


class OneLine(logging.Formatter):
    """A record as one line: a peer's words can't begin another, or move a terminal's cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line, with what isn't printable escaped."""
        return shown(super().formatMessage(record))


def _in_a_line(record: logging.LogRecord) -> bool:
    """What aiohttp says of a request that it can't read: a line, where it has a page for each."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]!r:.200}", ()
        record.exc_info = record.exc_text = None
    return True


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Every command with its help and examples, or `only` that one."""
    made = argparse.ArgumentParser(
        prog="pecfed",
        description="The federated directory of fair, open, cooperative platforms.",
        epilog="examples:\n  pecfed demo\n  pecfed init --dir node --role member --url https://node.velo.example\n"
        "  pecfed apply --dir node velo.toml\n  pecfed COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"pecfed {__version__}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for name in [only] if only else COMMANDS:
        file, _, function = COMMANDS[name].partition(".")
        getattr(importlib.import_module(f"pecfed.cli.{file}"), function)(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused, 2 asked in the wrong way."""
    if sys.version_info < (3, 11):  # noqa: UP036 - installed by hand on an old Python
        print("pecfed needs Python 3.11 or newer", file=sys.stderr)  # noqa: T201
        return USAGE
    words = sys.argv[1:] if arguments is None else arguments
    given = parser(words[0] if words and words[0] in COMMANDS else None).parse_args(words)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_in_a_line)
    logging.getLogger("asyncpg").setLevel(logging.ERROR)  # we say ourselves that it is away
    try:
        code = given.run(given)
    except UsageError as error:
        print(f"pecfed: {error.message}", file=sys.stderr)  # noqa: T201
        return USAGE
    except PecfedError as error:
        print(f"pecfed: {error.message}", file=sys.stderr)  # noqa: T201
        return REFUSED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return REFUSED
    except OSError as error:
        # a folder that can't be written, a disk that is full
        where = f"{error.filename}: " if error.filename else ""
        print(f"pecfed: {where}{error.strerror or error}", file=sys.stderr)  # noqa: T201
        return REFUSED
    return int(code)
