"""A verdict on a copy of a hub's log: every line, and its end, which the hub has signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pecfed.domain.log import BadLineError, Copy, verify_lines
from pecfed.errors import PecfedError, RefusedError
from pecfed.federation import verify
from pecfed.federation.verdict import Source, Step, Verdict
from pecfed.language.wire import as_uri

KIND = "log"


def log(lines: Iterable[bytes], source: Source, now: datetime, heads: Mapping[int, str]) -> Verdict:
    """What to think of a copy.

    The source gives the hub's document, and the head as it is now (or was saved);
    `heads` are those that were saved: for how many lines, which hash.
    """
    try:
        copy = verify_lines(lines, heads=heads)
    except BadLineError as error:
        return Verdict(KIND, "", "", "", (Step("lines", False, str(error)),))
    steps = [Step("lines", True, f"{copy.lines} lines, each follows the one before it")]
    if copy.head is None:
        words = "the copy has no signed head: nobody says that it is whole"
        return Verdict(KIND, "", "", "", (*steps, Step("head", False, words)))
    head_uri, hub = as_uri(copy.head.get("id")), as_uri(copy.head.get("attributedTo"))
    try:
        issuer = source(hub)
        key = verify.signature(copy.head, hub, issuer, now)
        steps.append(Step("head", True, f"signed by {key}, {_when(copy.head)}"))
        known = source(head_uri)
        verify.signature(known, hub, issuer, now)
        steps.append(Step("agrees", True, _agrees(copy, known, heads)))
    except PecfedError as error:
        name = "agrees" if steps[-1].name == "head" else "head"
        steps.append(Step(name, False, error.message))
    return Verdict(KIND, head_uri, hub, "", tuple(steps))


def _when(head: Mapping[str, Any]) -> str:
    return str(head.get("published"))[:19]


def _agrees(copy: Copy, known: Mapping[str, Any], heads: Mapping[int, str]) -> str:
    """Whether the copy is a beginning of the log whose head is known, or goes on from it.

    Raises:
        RefusedError: the hub has signed another log than the one in the copy.
    """
    said = known.get("logHead")
    lines = said.get("lines") if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping) or type(lines) is not int:
        raise RefusedError("the head that is known says nothing of the log", code="head")
    if lines == copy.lines and said.get("hash") != copy.hash:
        raise RefusedError(
            f"the hub has signed two logs of {lines} lines: this copy, and another", code="head"
        )
    if lines < copy.lines and lines not in heads:
        raise RefusedError(f"the hub itself counts {lines} lines only", code="head")
    if lines < copy.lines:
        return f"it goes on from the {lines} lines that were known"
    more = lines - copy.lines
    return f"the hub's log has {more} more lines since" if more else "it is the hub's whole log"
