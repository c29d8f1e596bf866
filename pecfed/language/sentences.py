"""The words in which a schema error is told: what is wrong, and what would be right.

One function for each JSON Schema keyword that the schemas in ``vocab/`` use. Where a schema has a ``description``
on a value with a ``pattern``, that description is a noun phrase ("An http or https address …"), and on a ``then``
it is the rule that was broken; both are quoted.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from jsonschema.exceptions import ValidationError

LONGEST_VALUE = 60
"""Characters of a wrong value that are shown."""

TYPES = {
    "string": "a text",
    "object": "a table",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


def sentence(error: ValidationError) -> str:
    """What ``error`` means, without its place and without a full stop."""
    tell = SENTENCES.get(str(error.validator))
    return tell(error) if tell else _shorten(error.message, 200)


def shown(value: object) -> str:
    """A value as a sentence can hold it: short, on one line."""
    if isinstance(value, str):
        return repr(_shorten(value, LONGEST_VALUE))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list | tuple):
        return "a table" if isinstance(value, dict) else "a list"
    return _shorten(str(value), LONGEST_VALUE)


def nearest(word: object, choices: Iterable[str]) -> str:
    """``; did you mean …?`` where one of the choices is spelled much like ``word``, else nothing."""
    near = get_close_matches(str(word)[:LONGEST_VALUE].lower(), list(choices), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _rule(error: ValidationError) -> str:
    """The description of the ``then`` that an error stands in, or nothing."""
    if "then" not in error.absolute_schema_path or not isinstance(error.schema, Mapping):
        return ""
    return str(error.schema.get("description", ""))


def _type(error: ValidationError) -> str:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)
    return f"{shown(error.instance)} is not {' or '.join(TYPES[name] for name in wanted)}"


def _enum(error: ValidationError) -> str:
    choices = [str(choice) for choice in error.validator_value]
    wrong = f"{shown(error.instance)} is not "
    if len(choices) == 1:
        return f"{wrong}{choices[0]!r}"
    return f"{wrong}one of {', '.join(choices)}{nearest(error.instance, choices)}"


def _const(error: ValidationError) -> str:
    return f"{shown(error.instance)} is not {shown(error.validator_value)}"


def _pattern(error: ValidationError) -> str:
    rule = _rule(error)
    if rule:
        return f"{shown(error.instance)} doesn't fit: {rule}"
    said = str(error.schema.get("description", "")) if isinstance(error.schema, Mapping) else ""
    wanted = said[:1].lower() + said[1:].removesuffix(".") if said else "written as it should be"
    return f"{shown(error.instance)} is not {wanted}"


def _format(error: ValidationError) -> str:
    return f"{shown(error.instance)} is not in the calendar"


def _required(error: ValidationError) -> str:
    rule = _rule(error)
    return f"the key {error.message!r} is missing{': ' + rule if rule else ''}"


def _unknown_key(error: ValidationError) -> str:
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
    near = nearest(error.message, known)
    if not near and len(known) <= 20:
        near = f"; known here: {', '.join(known)}"
    return f"the key {_shorten(error.message, LONGEST_VALUE)!r} is unknown{near}"


def _dependent(error: ValidationError) -> str:
    has, lacks = error.message.split(" ", 1)
    return f"{has!r} needs {lacks!r} beside it"


def _any_of(error: ValidationError) -> str:
    return _rule(error) or "this fits none of the forms it may have"


def _short(error: ValidationError) -> str:
    return "the text is empty" if not error.instance else f"the text is shorter than {error.validator_value} characters"


def _long(error: ValidationError) -> str:
    return f"the text has {len(error.instance)} characters, at most {error.validator_value} are allowed"


def _few_items(error: ValidationError) -> str:
    return "the list is empty" if not error.instance else f"the list needs {error.validator_value} entries or more"


def _many_items(error: ValidationError) -> str:
    return f"the list has {len(error.instance)} entries, at most {error.validator_value} are allowed"


def _twice(_: ValidationError) -> str:
    return "the list holds the same entry twice"


def _contains(error: ValidationError) -> str:
    wanted = error.schema.get("contains", {}) if isinstance(error.schema, Mapping) else {}
    for name, schema in wanted.get("properties", {}).items():
        return f"the {name} {schema.get('const')!r} stands here more than once, at most one is allowed"
    return "the list holds too many entries of one kind"


def _few_keys(_: ValidationError) -> str:
    return "the table is empty"


def _many_keys(error: ValidationError) -> str:
    return f"the table has {len(error.instance)} keys, at most {error.validator_value} are allowed"


def _small(error: ValidationError) -> str:
    return f"{shown(error.instance)} is less than {error.validator_value}"


def _great(error: ValidationError) -> str:
    return f"{shown(error.instance)} is more than {error.validator_value}"


SENTENCES: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "additionalProperties": _unknown_key,
    "dependentRequired": _dependent,
    "anyOf": _any_of,
    "minLength": _short,
    "maxLength": _long,
    "minItems": _few_items,
    "maxItems": _many_items,
    "uniqueItems": _twice,
    "maxContains": _contains,
    "minProperties": _few_keys,
    "maxProperties": _many_keys,
    "minimum": _small,
    "maximum": _great,
}
