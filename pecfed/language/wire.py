"""Reading what others send: bounded JSON, and "one or many" tolerated in this one place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.errors import RefusedError

try:
    import orjson
except ModuleNotFoundError:
    orjson = None  # type: ignore[assignment]

MAX_DEPTH = 32
MAX_NODES = 20_000
MAX_STRING = 65_536
MAX_INTEGER = 2**53
SHORT = 40_000  # bytes that can't hold too many values (each takes two) or too long a text
Document = dict[str, Any]


def _bad(code: str, words: str) -> RefusedError:
    return RefusedError(words, status=400, code=code)


def _pairs(pairs: list[tuple[str, Any]]) -> Document:
    """An object whose keys are all different; readers disagree on which twin counts."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _bad("duplicate_key", "a JSON object names the same key twice")
    return made


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise _bad("number_range", "a JSON number is beyond what every reader keeps exactly")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _bad("number_range", "a JSON number is not finite")
    return value


def _constant(name: str) -> Any:
    raise _bad("number_range", f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)


def parse(body: bytes) -> Document:
    """A JSON object out of untrusted bytes.

    Raises:
        RefusedError: 400, with the reason: not UTF-8, not JSON, not an object, a key
            twice, too deep (32), too many values (20,000), a text over 64 KiB, a
            number that isn't finite or beyond ±2^53, a NUL or half a character.
    """
    quick = _quickly(body)
    return _thoroughly(body) if quick is None else quick


def _quickly(body: bytes) -> Document | None:
    """The object, where a fast reader is installed and nothing about the bytes is in doubt.

    What is short has no room for too many values or too long a text, and what has few
    brackets is not deep. That reader lets the last of two equal keys win, and makes
    fractions of long numbers: written again, neither is what came. Most programs write
    JSON as it does; what is spelled otherwise is read thoroughly.
    """
    shallow = body.count(b"{") + body.count(b"[") <= MAX_DEPTH
    if orjson is None or not shallow or len(body) > SHORT or b"\\u" in body:
        return None
    try:
        value = orjson.loads(body)
        again = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except (ValueError, TypeError):  # not JSON; a number beyond 2^53
        return None
    return value if again == body and type(value) is dict else None


def _thoroughly(body: bytes) -> Document:
    """The object, or why it isn't taken.

    Raises:
        RefusedError: as for `parse`.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise _bad("not_utf8", "the body is not UTF-8") from None
    except RecursionError:
        raise _bad("too_deep", f"the JSON is nested more than {MAX_DEPTH} levels deep") from None
    except ValueError:
        raise _bad("not_json", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise _bad("not_an_object", "the body is not a JSON object")
    suspicious = b"\\u" in body
    deep = body.count(b"{") + body.count(b"[") > MAX_DEPTH
    if suspicious or deep or len(body) > SHORT:
        _bound(value, suspicious=suspicious, large=len(body) > MAX_STRING)
    return value


def _bound(value: Document, *, suspicious: bool, large: bool) -> None:
    """Refuse what is too deep, too much or too long; walks without recursion.

    Only what has an escape in it is `suspicious` of bad characters, and only what is
    `large` can have a key that is too long.
    """
    level: list[Any] = [value]
    nodes = 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            children = node.values() if isinstance(node, dict) else node
            nodes += len(node)
            for child in children:
                if isinstance(child, dict | list):
                    below.append(child)
                elif isinstance(child, str):
                    _text(child, suspicious=suspicious)
            if (suspicious or large) and isinstance(node, dict):
                for key in node:
                    _text(key, suspicious=suspicious)
        if nodes > MAX_NODES:
            raise _bad("too_many_values", f"the JSON holds more than {MAX_NODES} values")
        if not below:
            return
        level = below
    raise _bad("too_deep", f"the JSON is nested more than {MAX_DEPTH} levels deep")


def _text(value: str, *, suspicious: bool) -> None:
    if len(value) > MAX_STRING:
        raise _bad("text_too_long", f"a JSON text is longer than {MAX_STRING} characters")
    if suspicious and ("\x00" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise _bad("bad_character", "a JSON text holds a NUL or half a character")


def one_or_many(value: object) -> list[Any]:
    """A list of what may be nothing, one thing or a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_uri(value: object) -> str:
    """The id of something that is given as its id or as an object with one; "" otherwise."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        inner = value.get("id")
        return inner if isinstance(inner, str) else ""
    if isinstance(value, list) and len(value) == 1:
        return as_uri(value[0])
    return ""


def embedded(value: object) -> Mapping[str, Any]:
    """An object that is embedded, by itself or as the only one of a list; else nothing."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


def as_moment(value: object, otherwise: int) -> int:
    """A time in milliseconds, never in the future; `otherwise` where it can't be read."""
    try:
        moment = clock.from_iso(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        moment = None
    return otherwise if moment is None else min(clock.to_ms(moment), clock.now_ms())


def as_link(value: object) -> str:
    """The first web address in a `url`: a string, a Link, or a list of these; else ""."""
    for each in one_or_many(value):
        found = each.get("href") if isinstance(each, Mapping) else each
        if isinstance(found, str) and found.startswith(("https://", "http://")):
            return found
    return ""


def type_of(document: Mapping[str, Any], known: frozenset[str] | None = None) -> str:
    """The `type`, which may come as a list: the first one known, else the first."""
    given = [each for each in one_or_many(document.get("type")) if isinstance(each, str)]
    for each in given:
        if known is None or each in known:
            return each
    return given[0] if given else ""


def text_by_language(
    document: Mapping[str, Any], name: str, language: str = "und"
) -> dict[str, str]:
    """A natural-language property by language: its map, else the plain value under `language`."""
    mapped = document.get(f"{name}Map")
    if isinstance(mapped, Mapping):
        found = {k: v for k, v in mapped.items() if isinstance(k, str) and isinstance(v, str) and v}
        if found:
            return found
    plain = document.get(name)
    return {language: plain} if isinstance(plain, str) and plain else {}
