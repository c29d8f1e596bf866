"""Check documents against the JSON Schemas in ``vocab/v1/schemas`` and say in plain English what is wrong.

`problems` is for what people and programs write (apply files, the API, connectors): slower, with sentences.
`is_valid` is for the inbox: yes or no, through ``jsonschema-rs`` where the extra ``fast`` is installed.
Both count ``format`` as part of the check, and both read ``$`` in a pattern as the very end of the text, as JSON
Schema 2020-12 does and Python's ``re`` by itself doesn't.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from pecfed.language.sentences import sentence
from pecfed.shipped import shipped

Kind = Literal["actor-profile", "statement", "event", "resource", "apply", "invited"]

MOST_PROBLEMS = 20
"""More than this nobody reads, and a hostile document could cause any number."""


class Problem(NamedTuple):
    """One thing that is wrong: a JSON pointer to where ("" is the whole document), and a sentence naming the place."""

    path: str
    sentence: str


def problems(kind: Kind, document: object) -> list[Problem]:
    """What keeps ``document`` from being a ``kind``: at most `MOST_PROBLEMS`, an empty list when it is valid.

    ``document`` is JSON as Python reads it; for ``apply`` and ``invited``, TOML with its dates and times turned
    into ISO 8601 strings.
    """
    found: list[Problem] = []
    for error in _checker(kind).iter_errors(document):
        path = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in error.absolute_path)
        problem = Problem(path, f"{path or '/'}: {sentence(error)}")
        if problem not in found:
            found.append(problem)
        if len(found) == MOST_PROBLEMS:
            break
    return found


def is_valid(kind: Kind, document: object) -> bool:
    """Whether `problems` would find nothing, as fast as this installation can tell."""
    return _quick_check(kind)(document)


@cache
def read_schema(kind: Kind) -> Mapping[str, Any]:
    """The schema of ``kind`` as it is shipped; not to be changed."""
    file = shipped("vocab") / "v1" / "schemas" / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


@cache
def _quick_check(kind: Kind) -> Callable[[object], bool]:
    try:
        import jsonschema_rs
    except ImportError:
        slow: Callable[[object], bool] = _checker(kind).is_valid
        return slow
    compiled = jsonschema_rs.Draft202012Validator(dict(read_schema(kind)), validate_formats=True)

    def check(document: object) -> bool:
        try:
            return bool(compiled.is_valid(document))
        except (ValueError, TypeError, RecursionError):
            # a value that JSON can't hold, such as nan or a date object
            return False

    return check


@cache
def _checker(kind: Kind) -> Any:
    ours = {
        "pattern": _pattern,
        "required": _required,
        "additionalProperties": _additional,
        "dependentRequired": _dependent,
    }
    types = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number)
    made = extend(Draft202012Validator, validators=ours, type_checker=types)
    return made(read_schema(kind), format_checker=_formats())


# Keywords of ours: the same verdict as the library's, with the offending key alone as the message, so that
# `sentence` needn't take the library's English apart.


def _required(_: Any, keys: list[str], instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError(key) for key in keys if key not in instance)


def _additional(validator: Any, allowed: Any, instance: object, schema: Any) -> Iterator[ValidationError]:
    if allowed is not False:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, instance, schema)
    elif isinstance(instance, dict):
        yield from (ValidationError(str(key)) for key in instance if key not in schema.get("properties", {}))


def _dependent(_: Any, needs: dict[str, list[str]], instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for has, wanted in needs.items():
            if has in instance:
                yield from (ValidationError(f"{has} {key}") for key in wanted if key not in instance)


def _pattern(_: Any, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern))


def _is_number(_: object, instance: object) -> bool:
    """TOML knows ``nan`` and ``inf``; JSON, and therefore every peer, doesn't."""
    return isinstance(instance, int | float) and not isinstance(instance, bool) and math.isfinite(instance)


def _formats() -> FormatChecker:
    """The two formats that the schemas use; a pattern beside each has already settled the spelling."""
    checker = FormatChecker(formats=())
    checker.checks("date", raises=ValueError)(lambda value: _reads(date.fromisoformat, value))
    checker.checks("date-time", raises=ValueError)(lambda value: _reads(datetime.fromisoformat, value))
    return checker


def _reads(reader: Callable[[str], object], value: object) -> bool:
    return not isinstance(value, str) or reader(value) is not None
