"""The canonical form of JSON (RFC 8785), quickly where Python's own writer gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_SAFE = 2**53


def canonical(value: Any) -> bytes:
    """A JSON value in its one canonical form.

    Raises:
        ValueError: it has none (a NaN, an integer beyond ±(2^53 - 1), half a character).
    """
    if not _is_plain(value):
        return rfc8785.dumps(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _is_plain(value: Any) -> bool:
    """Whether sorted keys without white space are all there is to its canonical form.

    Keys sort by UTF-16 code units, which differs beyond ASCII; numbers are written as
    in ECMAScript, which differs from Python's repr for whole, tiny and huge fractions.
    """
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) or each is None or isinstance(each, bool):
            continue
        if isinstance(each, dict):
            for name in each:
                if not isinstance(name, str) or not name.isascii():
                    return False
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, int):
            if not -_SAFE < each < _SAFE:
                return False
        elif not isinstance(each, float) or each.is_integer() or not 1e-4 <= abs(each) < 1e15:
            return False
    return True
