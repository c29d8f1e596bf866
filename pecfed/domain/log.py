"""The log: one line for each act at a hub, each bound to the line before by its hash.

A line is `{"entry": {…}, "hash": "…"}`. The entry is public and in its canonical form
(RFC 8785); its hash is SHA-256 over just those bytes. What is not for the public (a message to
the member, an account's name, a whole act about somebody who isn't listed) stays with the hub
and is only in the entry as a salted digest, `sealed`. So anybody can check a copy, and what is
private can be erased without breaking the chain.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pecfed.language.canonical import canonical

BEGINNING = "0" * 64
"""What the first line names as the hash of the line before it."""
ROLES = ("operator", "reviewer", "observer", "hub")
"""Who acts where no actor does; `ROLE:NAME` is an account, whose name stays private."""
MAX_ENTRY = 65_536  # bytes of an entry
SALT = 16  # bytes
_LINE = re.compile(rb'\{"entry":(\{.*\}),"hash":"([0-9a-f]{64})"\}')


@dataclass(frozen=True, slots=True)
class Act:
    """One act, whole, as the hub knows it; `at` is milliseconds since 1970.

    `subject` is the actor (or, before it has one, the entry) that it is about, "" for the hub
    itself; `by` an actor's uri, a role, or `ROLE:NAME`. `facts` say what was done, `before` and
    `after` what it changed; `private` is never shown. Of an act that isn't public only
    its time is.
    """

    at: int
    act: str
    subject: str
    by: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = True

    @property
    def role(self) -> str:
        """Who acted, as the public may know it: an actor's uri or a role."""
        head = self.by.partition(":")[0]
        return head if head in ROLES else self.by

    def _deed(self) -> dict[str, Any]:
        """What the public reads of it, if it is public; what is empty is left out."""
        said = {
            "act": self.act, "subject": self.subject, "by": self.role, "reason": self.reason,
            "facts": dict(self.facts), "before": dict(self.before), "after": dict(self.after),
        }  # fmt: skip
        return {name: value for name, value in said.items() if value or name in {"act", "by"}}

    def _kept_back(self) -> dict[str, Any]:
        """What the public doesn't read."""
        kept = (
            dict(self.private) if self.is_public else self._deed() | {"private": {**self.private}}
        )
        if self.by != self.role:
            kept["account"] = self.by
        return {name: value for name, value in kept.items() if value}


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is kept: number, public entry and its hash; salt and what was kept back."""

    number: int
    entry: str
    hash: str
    salt: str
    content: str


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy of the log turned out to hold: its lines, their last hash, its signed head."""

    lines: int
    hash: str
    head: Mapping[str, Any] | None


def person(by: str) -> str:
    """Who that is whatever the role: one person's two roles are no two reviewers.

    Only a role is taken away: an actor's uri stays whole.
    """
    role, _, name = by.partition(":")
    return name if name and role in ROLES else by


class BadLineError(ValueError):
    """A copy of the log is not what the hub wrote, from the line `number` on."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(f"line {number}: {words}")
        self.number = number


def write(act: Act, number: int, previous: str, at: str, salt: str) -> Line:
    """The line of an act after the one with the hash `previous`; `at` is its time in ISO form.

    `salt` (hex, random) keeps what is private from being guessed by its digest.

    Raises:
        ValueError: it holds what JSON can't say, more than fits a line, or nobody did it.
    """
    if not act.by or not act.act:
        raise ValueError("an act has a name, and somebody did it")
    entry: dict[str, Any] = {"line": number, "at": at, "previous": previous}
    if act.is_public:
        entry |= act._deed()
    kept, content = act._kept_back(), ""
    if kept:
        content = canonical(kept).decode()
        entry["sealed"] = seal(content, salt)
    text = canonical(entry)
    if len(text) > MAX_ENTRY:
        raise ValueError(f"the act {act.act!r} has more to say than fits a line of the log")
    return Line(number, text.decode(), digest(text), salt if kept else "", content)


def digest(entry: bytes) -> str:
    """The hash of an entry: lower-case hex SHA-256 over its canonical bytes."""
    return hashlib.sha256(entry).hexdigest()


def seal(content: str, salt: str) -> str:
    """The digest that stands for what is kept back."""
    return hashlib.sha256(bytes.fromhex(salt) + content.encode()).hexdigest()


def read(at: int, entry: str, content: str) -> Act | None:
    """The act of a line, from its public entry and what was kept back; None if that was erased."""
    said = json.loads(entry)
    kept = json.loads(content) if content else {}
    is_public = "act" in said
    if not is_public:
        if "act" not in kept:
            return None
        said = kept
    private = kept if is_public else kept.get("private", {})
    return Act(
        at=at,
        act=said["act"],
        subject=said.get("subject", ""),
        by=kept.get("account") or said["by"],
        reason=said.get("reason", ""),
        facts=said.get("facts", {}),
        before=said.get("before", {}),
        after=said.get("after", {}),
        private={name: value for name, value in private.items() if name != "account"},
        is_public=is_public,
    )


def row(entry: str, hash_: str) -> str:
    """A line as it stands in a copy of the log."""
    return f'{{"entry":{entry},"hash":"{hash_}"}}'


def entries(lines: Iterable[bytes | str]) -> Iterator[Mapping[str, Any]]:
    """The public entries of a copy, each checked against the one before it.

    Raises:
        BadLineError: naming the first line that is altered, missing, or in the wrong place.
    """
    previous = BEGINNING
    for number, line in enumerate(lines, 1):
        raw = line.encode() if isinstance(line, str) else line
        found = _LINE.fullmatch(raw.rstrip(b"\r\n")) if len(raw) < 2 * MAX_ENTRY else None
        if found is None:
            raise BadLineError(number, "not a line of a log")
        if digest(found[1]) != found[2].decode():
            raise BadLineError(number, "it was altered: its hash is another")
        try:
            entry = json.loads(found[1])
        except (ValueError, RecursionError):
            raise BadLineError(number, "not a line of a log") from None
        if entry.get("line") != number:
            raise BadLineError(number, f"the line with the number {entry.get('line')} stands here")
        if entry.get("previous") != previous:
            raise BadLineError(number, "it doesn't follow the line before it")
        previous = found[2].decode()
        yield entry | {"hash": previous}


def verify_lines(lines: Iterable[bytes | str], *, heads: Mapping[int, str] | None = None) -> Copy:
    """Check a copy of the log: every line, and that it ends as its head says.

    The head, a document with `logHead`, may be the last line of the copy: it is given back, for
    the caller to check its signature. `heads` are others known to be signed: for how many
    lines, which hash; the copy must reach and agree with each of them.

    Raises:
        BadLineError: naming the first line that is altered, missing, or in the wrong place.
    """
    known = dict(heads or {})
    head: Mapping[str, Any] | None = None
    count, last = 0, BEGINNING

    def without_head() -> Iterator[bytes | str]:
        nonlocal head
        for number, line in enumerate(lines, 1):
            if head is not None:
                raise BadLineError(number, "something follows the head, which is the last line")
            if "logHead" in (start := _start(line)):
                head = start
                continue
            yield line

    for entry in entries(without_head()):
        count, last = entry["line"], entry["hash"]
        if known.pop(count, last) != last:
            raise BadLineError(count, "it isn't the one that the hub has signed")
    if head is not None:
        _end(count, last, head)
    if known := {number: hash_ for number, hash_ in known.items() if number > 0}:
        raise BadLineError(count + 1, f"missing: the hub has signed {max(known)} lines")
    return Copy(count, last, head)


def _start(line: bytes | str) -> Mapping[str, Any]:
    """A line as JSON where it isn't one of the log's own, else nothing."""
    raw = line.encode() if isinstance(line, str) else line
    if raw.startswith(b'{"entry":') or len(raw) > MAX_ENTRY:
        return {}
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _end(count: int, last: str, head: Mapping[str, Any]) -> None:
    """Whether a copy ends where its own head says."""
    said = head["logHead"]
    if not isinstance(said, Mapping) or type(said.get("lines")) is not int:
        raise BadLineError(count + 1, "the head says nothing of the log")
    if said["lines"] > count:
        raise BadLineError(count + 1, f"missing: the head counts {said['lines']} lines")
    if said["lines"] < count:
        raise BadLineError(said["lines"] + 1, f"the head counts {said['lines']} lines only")
    if count and said.get("hash") != last:
        raise BadLineError(count, "it isn't the one that the head names")
