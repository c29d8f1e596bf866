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
        RefusedError: it can't be read, isn't TOML (the line and column are named), or
            holds a text that can't be stored.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RefusedError(f"{path}: larger than {MAX_BYTES} bytes", code="invalid_file")
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}", code="invalid_file") from None
    except UnicodeDecodeError:
        raise RefusedError(f"{path}: is not UTF-8 text", code="invalid_file") from None
    except RecursionError:
        raise RefusedError(f"{path}: is nested too deep", code="invalid_file") from None
    except tomllib.TOMLDecodeError as error:
        raise RefusedError(f"{path}: {error}", code="invalid_file") from None
    except ValueError:
        raise RefusedError(f"{path}: a number in it is too long", code="invalid_file") from None
    found: list[Problem] = []
    plain: Mapping[str, Any] = _plain(table, "", found)
    if found:
        raise InvalidFileError(path, found)
    return plain


def _plain(value: Any, path: str, found: list[Problem]) -> Any:
    """TOML's dates and times as ISO texts, everything else as it is.

    `found` is told of texts with a null character, which PostgreSQL can't store.
    """
    if isinstance(value, dict):
        return {name: _plain(item, f"{path}/{name}", found) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{path}/{at}", found) for at, item in enumerate(value)]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str) and "\0" in value:
        found.append(Problem(path, f"{path}: the text holds a null character; take it out"))
    return value
