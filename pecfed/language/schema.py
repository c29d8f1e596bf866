"""Check documents against the JSON Schemas in `vocab/v1/schemas`, in plain English.

`problems` is for what people and programs write (apply files, the API, connectors): slower, with
sentences. `is_valid` is for the inbox: yes or no, through `jsonschema-rs` where the extra `fast` is
installed. Both count `format` as part of the check, and both read `$` in a pattern as the very end
of the text, as JSON Schema 2020-12 does and Python's `re` by itself doesn't.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Literal, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from pecfed.language.sentences import sentence
from pecfed.shipped import shipped

Kind = Literal[
    "actor-profile", "statement", "event", "resource", "article", "endorsement", "attestation",
    "label", "apply", "invited",
]  # fmt: skip

MOST_PROBLEMS = 20
"""More than this nobody reads, and a hostile document could cause any number."""


class Problem(NamedTuple):
    """One thing that is wrong.

    `path` is a JSON pointer (RFC 6901), "" for the whole document; `sentence` begins with it.
    """

    path: str
    sentence: str


def problems(kind: Kind, document: object) -> list[Problem]:
    """What keeps `document` from being a `kind`: at most `MOST_PROBLEMS`, none when it is valid.

    `document` is JSON as Python reads it; for `apply` and `invited`, TOML with its dates and times
    turned into ISO 8601 strings.
    """
    found: list[Problem] = []
    for error in _checker(kind).iter_errors(document):
        path = "".join(f"/{_escaped(step)}" for step in error.absolute_path)
        problem = Problem(path, f"{path or '/'}: {sentence(error)}")
        misspelt = error.validator == "format" and any(path == other.path for other in found)
        if problem not in found and not misspelt:
            found.append(problem)
        if len(found) == MOST_PROBLEMS:
            break
    return found


def is_valid(kind: Kind, document: object) -> bool:
    """Whether `problems` would find nothing, as fast as this installation can tell."""
    return _quick_check(kind)(document)


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


@cache
def read_schema(kind: Kind) -> Mapping[str, Any]:
    """The schema of `kind` as it is shipped; not to be changed."""
    file = shipped("vocab") / "v1" / "schemas" / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


@cache
def _quick_check(kind: Kind) -> Callable[[object], bool]:
    verdict = _checker(kind).is_valid
    with suppress(ImportError):
        import jsonschema_rs

        verdict = jsonschema_rs.Draft202012Validator(
            dict(read_schema(kind)), validate_formats=True, formats=dict(_FORMATS)
        ).is_valid

    def check(document: object) -> bool:
        try:
            return bool(verdict(document))
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            # a value that JSON can't hold, such as nan or a date object, or one nested too deep
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
    made = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, validators=ours, type_checker=types
    )
    return made(read_schema(kind), format_checker=_format_checker())


# Keywords of ours: the same verdict as the library's, with the offending key alone as the message,
# so that `sentence` needn't take the library's English apart.


def _required(_: Any, keys: list[str], instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError(key) for key in keys if key not in instance)


def _additional(
    validator: Any, allowed: Any, instance: object, schema: Any
) -> Iterator[ValidationError]:
    if allowed is not False:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](
            validator, allowed, instance, schema
        )
    elif isinstance(instance, dict):
        yield from (
            ValidationError(str(key)) for key in instance if key not in schema.get("properties", {})
        )


def _dependent(
    _: Any, needs: dict[str, list[str]], instance: object, __: object
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for has, wanted in needs.items():
            if has in instance:
                yield from (
                    ValidationError(f"{has} {key}") for key in wanted if key not in instance
                )


def _pattern(_: Any, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern))


def _is_number(_: object, instance: object) -> bool:
    """TOML knows `nan` and `inf`; JSON, and therefore every peer, doesn't."""
    if isinstance(instance, float):
        return math.isfinite(instance)
    return isinstance(instance, int) and not isinstance(instance, bool)


# Formats say that a date is in the calendar; a pattern beside each settles the spelling. The two
# with names of ours are known to nobody else, who may skip them.


def _is_day(value: str) -> bool:
    return _reads(date.fromisoformat, value)


def _is_moment(value: str) -> bool:
    return _reads(datetime.fromisoformat, value)


def _is_rough_day(value: str) -> bool:
    return _reads(date.fromisoformat, value + "-01" * (2 - value.count("-")))


def _reads(reader: Callable[[str], object], value: str) -> bool:
    try:
        reader(value)
    except ValueError:
        return False
    return True


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_day,
    "date-time": _is_moment,
    "moment": _is_moment,
    "rough-day": _is_rough_day,
}


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, holds in _FORMATS.items():
        checker.checks(name)(partial(_text_or_not, holds))
    return checker


def _text_or_not(holds: Callable[[str], bool], value: object) -> bool:
    """A format says something of texts only."""
    return not isinstance(value, str) or holds(value)
