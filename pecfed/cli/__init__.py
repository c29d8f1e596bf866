"""The command line: one file for each group of commands, one line each in this table."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from pecfed import __version__
from pecfed.cli import (
    admin,
    apply,
    blocks,
    claims,
    conversations,
    demo,
    export,
    groups,
    hubs,
    keys,
    members,
    node,
    reports,
    speakers,
    status,
)
from pecfed.cli.command import shown
from pecfed.errors import PecfedError, UsageError

COMMANDS: tuple[Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None], ...] = (
    demo.add_parser,
    node.add_init,
    node.add_serve,
    apply.add_parser,
    hubs.add_join,
    hubs.add_leave,
    status.add_status,
    status.add_retry,
    speakers.add_parser,
    export.add_parser,
    keys.add_parser,
    members.add_parser,
    claims.add_parser,
    groups.add_groups,
    groups.add_announce,
    conversations.add_parser,
    reports.add_parser,
    blocks.add_parser,
    admin.add_parser,
)
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


def parser() -> argparse.ArgumentParser:
    """Every command with its help and examples."""
    made = argparse.ArgumentParser(
        prog="pecfed",
        description="The federated directory of fair, open, cooperative platforms.",
        epilog="examples:\n  pecfed demo\n  pecfed init --dir node --role member --url https://node.velo.example\n"
        "  pecfed apply --dir node velo.toml\n  pecfed COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"pecfed {__version__}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused, 2 asked in the wrong way."""
    if sys.version_info < (3, 11):  # noqa: UP036 - installed by hand on an old Python
        print("pecfed needs Python 3.11 or newer", file=sys.stderr)  # noqa: T201
        return USAGE
    given = parser().parse_args(arguments)
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
