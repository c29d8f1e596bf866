"""What others send can't forge a line of the log."""

import logging
import sys

from pecfed.cli import OneLine


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("pecfed", logging.INFO, __file__, 1, message, values, None)


def test_a_record_is_one_line_without_control_characters() -> None:
    """A peer's answer may hold line ends, or move a terminal's cursor."""
    told = OneLine("%(levelname)s %(message)s").format(
        record("answered %s", "no\n2026-11-23 INFO all is well\x1b[2J")
    )
    assert told == r"INFO answered no\n2026-11-23 INFO all is well\x1b[2J"


def test_a_traceback_keeps_its_lines() -> None:
    """It is ours, and unreadable otherwise."""
    made = record("it failed")
    try:
        raise ValueError("odd")
    except ValueError:
        made.exc_info = sys.exc_info()
    assert "\nValueError: odd" in OneLine("%(message)s").format(made)
