"""The words in which a schema error is told: what is wrong, and what would be right.

One function for each JSON Schema keyword that the schemas in `vocab/` use. In those schemas the
`description` beside a `pattern` is a noun phrase ("An http or https address …"), and the
`description` of a `then` is the rule that was broken: the sentences quote both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema.exceptions import ValidationError

LONGEST_VALUE = 60
"""Characters of a wrong value that are shown."""

_MOST_KEYS_LISTED = 20
_TYPES = {
    "string": "a text",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One schema error, by what the sentences need.

    `wanted` is what the keyword demands, `word` the library's message or, for the keywords that
    `schema.py` replaces, the offending key; `rule` is "" outside a `then`.
    """

    value: Any
    wanted: Any
    schema: Mapping[str, Any]
    word: str
    rule: str


def sentence(error: ValidationError) -> str:
    """What `error` means, without its place and without a full stop."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    rule = str(schema.get("description", "")) if "then" in error.absolute_schema_path else ""
    fault = Fault(error.instance, error.validator_value, schema, error.message, rule)
    tell = SENTENCES.get(str(error.validator))
    return tell(fault) if tell else _shorten(error.message, 200)


def shown(value: object) -> str:
    """A value as a sentence can hold it: short, and on one line."""
    if isinstance(value, str):
        return repr(_shorten(value, LONGEST_VALUE))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list | tuple):
        return "a table" if isinstance(value, dict) else "a list"
    return _shorten(str(value), LONGEST_VALUE)


def nearest(word: object, choices: Iterable[str]) -> str:
    """The question "; did you mean …?" where a choice is spelled much like `word`, else ""."""
    near = get_close_matches(str(word)[:LONGEST_VALUE].lower(), list(choices), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _type(fault: Fault) -> str:
    names = [fault.wanted] if isinstance(fault.wanted, str) else list(fault.wanted)
    kinds = [_table(fault.schema) if name == "object" else _TYPES[name] for name in names]
    return f"{shown(fault.value)} is not {' or '.join(kinds)}"


def _table(schema: Mapping[str, Any]) -> str:
    if "propertyNames" in schema:
        return "a table by language, with keys such as fr and en"
    keys = schema.get("required") or list(schema.get("properties", {}))[:3]
    return f"a table with keys such as {', '.join(keys)}" if keys else "a table"


def _enum(fault: Fault) -> str:
    choices = [str(choice) for choice in fault.wanted]
    if len(choices) == 1:
        return f"{shown(fault.value)} is not {choices[0]!r}"
    one_of = f"{shown(fault.value)} is not one of {', '.join(choices)}"
    return one_of + nearest(fault.value, choices)


def _const(fault: Fault) -> str:
    return f"{shown(fault.value)} is not {shown(fault.wanted)}"


def _pattern(fault: Fault) -> str:
    if fault.rule:
        return f"{shown(fault.value)} doesn't fit: {fault.rule}"
    noun = str(fault.schema.get("description", "")).split(". ", 1)[0].removesuffix(".")
    wanted = noun[:1].lower() + noun[1:] if noun else "written as it should be"
    return f"{shown(fault.value)} is not {wanted}"


def _format(fault: Fault) -> str:
    return f"{shown(fault.value)} is not in the calendar"


def _required(fault: Fault) -> str:
    missing = f"the key {fault.word!r} is missing"
    return f"{missing}: {fault.rule}" if fault.rule else missing


def _unknown_key(fault: Fault) -> str:
    known = list(fault.schema.get("properties", {}))
    near = nearest(fault.word, known)
    if not near and len(known) <= _MOST_KEYS_LISTED:
        near = f"; known here: {', '.join(known)}"
    return f"the key {_shorten(fault.word, LONGEST_VALUE)!r} is unknown{near}"


def _dependent(fault: Fault) -> str:
    there, missing = fault.word.split(" ", 1)
    return f"{there!r} needs {missing!r} beside it"


def _any_of(fault: Fault) -> str:
    return fault.rule or "this fits none of the forms it may have"


def _too_short(fault: Fault) -> str:
    if not fault.value:
        return "the text is empty"
    return f"the text has {len(fault.value)} characters, {fault.wanted} or more are needed"


def _too_long(fault: Fault) -> str:
    return f"the text has {len(fault.value)} characters, at most {fault.wanted} are allowed"


def _too_few(fault: Fault) -> str:
    if not fault.value:
        return "the list is empty"
    return f"the list has {len(fault.value)} entries, {fault.wanted} or more are needed"


def _too_many(fault: Fault) -> str:
    return f"the list has {len(fault.value)} entries, at most {fault.wanted} are allowed"


def _same_twice(_: Fault) -> str:
    return "the list holds the same entry twice"


def _one_too_many(fault: Fault) -> str:
    for name, schema in fault.schema.get("contains", {}).get("properties", {}).items():
        told = f"the {name} {schema.get('const')!r} stands here more than once"
        return f"{told}, at most {fault.wanted} is allowed"
    return "the list holds too many entries of one kind"


def _empty(_: Fault) -> str:
    return "there is nothing in it"


def _too_many_keys(fault: Fault) -> str:
    return f"the table has {len(fault.value)} keys, at most {fault.wanted} are allowed"


def _too_small(fault: Fault) -> str:
    return f"{shown(fault.value)} is less than {fault.wanted}"


def _too_great(fault: Fault) -> str:
    return f"{shown(fault.value)} is more than {fault.wanted}"


SENTENCES: Mapping[str, Callable[[Fault], str]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "additionalProperties": _unknown_key,
    "dependentRequired": _dependent,
    "anyOf": _any_of,
    "minLength": _too_short,
    "maxLength": _too_long,
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _same_twice,
    "maxContains": _one_too_many,
    "minProperties": _empty,
    "maxProperties": _too_many_keys,
    "minimum": _too_small,
    "maximum": _too_great,
}
"""What is said for each keyword; a test finds the keyword of a schema that isn't here."""
