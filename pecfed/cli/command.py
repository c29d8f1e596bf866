"""What commands are made of: a parser with examples, a node to work on, a way to print."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pecfed.settings import load

if TYPE_CHECKING:
    from pecfed.federation.node import Node

Run = Callable[[argparse.Namespace], int]


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Run,
    help: str,  # noqa: A002 - argparse's own word
    examples: str,
    *,
    folder: bool = True,
) -> argparse.ArgumentParser:
    """A command with its help; `examples` are shown as they are."""
    made = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    if folder:
        made.add_argument(
            "--dir", type=Path, required=True, metavar="DIR", help="the node's folder"
        )
    return made


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`: one line for scripts in place of words for people."""
    parser.add_argument("--json", action="store_true", help="print one line of JSON for scripts")


def add_actor(parser: argparse.ArgumentParser) -> None:
    """`--actor NAME`, where a node speaks for several."""
    parser.add_argument(
        "--actor", default="", metavar="NAME", help="which actor, where the node speaks for several"
    )


def on_node(
    given: argparse.Namespace, work: Callable[[Node, argparse.Namespace], Awaitable[int]]
) -> int:
    """Run a command on the node in `--dir`, whether it serves at the moment or not."""
    # the whole node takes half a second to read: `verify` and `--help` go without
    app = importlib.import_module("pecfed.app")

    async def run() -> int:
        async with app.open_node(load(given.dir)) as node:
            return await work(node, given)

    return run_loop(run())


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Run to the end on uvloop where it is installed (extra `fast`), else on asyncio's own loop."""
    asyncio = importlib.import_module("asyncio")
    try:
        import uvloop
    except ModuleNotFoundError:
        return int(asyncio.run(main))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return int(runner.run(main))


def say(text: str) -> None:
    """A line for people, on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(value: object) -> None:
    """One line of JSON, on standard output."""
    say(json.dumps(value, ensure_ascii=False))


def say_items(items: Sequence[object]) -> None:
    """A whole listing on one line of JSON, in the form of those that come page by page."""
    say_json({"items": items, "total": len(items), "next": None})


def shown(text: str) -> str:
    """A remote text on a terminal: what could move the cursor is escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def says_yes(question: str) -> bool:
    """Whether somebody is there and says yes; without a terminal nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes", "o", "oui"}
    except EOFError:
        return False


def agreed(warning: str) -> bool:
    """Whether somebody reads the warning and says yes; else it is said that nothing was done."""
    sys.stderr.write(f"{warning}\n")
    if says_yes("Go on?"):
        return True
    sys.stderr.write("pecfed: nothing was done; to do it without being asked, add --yes\n")
    return False
