"""TOML files that people write: read, bounded, with every problem named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pecfed.errors import RefusedError
from pecfed.language.schema import Problem

MAX_BYTES = 2_000_000


class InvalidFileError(RefusedError):
    """A file that can't be applied, with every problem found in it."""

    def __init__(self, path: Path, found: list[Problem]) -> None:
        lines = "\n".join(f"{path}: {problem.sentence}" for problem in found)
        super().__init__(lines, status=400, code="invalid_file")
        self.problems = found


def parse(path: Path) -> Mapping[str, Any]:
    """The file's table, dates as ISO texts.

    Raises:
        RefusedError: it can't be read, or isn't TOML (the line and column are named).
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RefusedError(f"{path}: larger than {MAX_BYTES} bytes", code="invalid_file")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}", code="invalid_file") from None
    except UnicodeDecodeError:
        raise RefusedError(f"{path}: is not UTF-8 text", code="invalid_file") from None
    except tomllib.TOMLDecodeError as error:
        raise RefusedError(f"{path}: {error}", code="invalid_file") from None
    plain: Mapping[str, Any] = _plain(table)
    return plain


def _plain(value: Any) -> Any:
    """TOML's dates and times as ISO texts, everything else as it is."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
