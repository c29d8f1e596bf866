"""A verdict on a credential, step by step and in words, as `pecfed verify` says it.

Each step can fail by itself; what can't be told is a failure, too. Where the documents
come from, the net or a file that was saved before, is for the caller to say (`Source`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pecfed.domain.statement import digest
from pecfed.errors import FetchError, PecfedError, RefusedError
from pecfed.federation import verify
from pecfed.federation.verify import Claimed
from pecfed.language.charter import charter, charters
from pecfed.language.wire import Document, as_uri

Source = Callable[[str], Document]
"""Gives the document that stands at an address; a PecfedError where there is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at: its name for programs, whether it holds, words for people."""

    name: str
    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a document; it is valid when every step holds."""

    kind: str
    uri: str
    issuer: str
    subject: str
    steps: tuple[Step, ...]

    @property
    def is_valid(self) -> bool:
        """Whether there is no doubt at all."""
        return bool(self.steps) and all(step.holds for step in self.steps)


@dataclass(slots=True)
class _Steps:
    """The steps so far; one that fails doesn't hide what the next would say."""

    found: list[Step] = field(default_factory=list)

    def take(self, name: str, look: Callable[[], str]) -> bool:
        """Take one step: what `look` returns is what it says, what it raises is why it fails."""
        try:
            self.found.append(Step(name, True, look()))
        except PecfedError as error:
            self.found.append(Step(name, False, error.message))
        return self.found[-1].holds


def credential(document: Mapping[str, Any], source: Source, now: datetime) -> Verdict:
    """What to think of a credential at that moment."""
    steps = _Steps()
    claimed: Claimed | None = None

    def read() -> str:
        nonlocal claimed
        claimed = verify.read(document)
        return f"{_ARTICLE[claimed.kind]} of {claimed.subject}, by {claimed.issuer}"

    steps.take("credential", read)
    if claimed is None:
        return Verdict("", as_uri(document), "", "", tuple(steps.found))
    issuer = _issuer(steps, claimed, source)
    if issuer is not None:
        steps.take("signature", lambda: _signature(document, claimed, issuer, now))
    steps.take("dates", lambda: _dates(claimed, now))
    if issuer is not None:
        steps.take("status", lambda: _status(claimed, source, issuer, now))
    steps.take("statement", lambda: _statement(claimed, source))
    if claimed.kind == "label" and issuer is not None:
        steps.take("attestation", lambda: _attestation(claimed, source, issuer, now))
    return Verdict(claimed.kind, claimed.uri, claimed.issuer, claimed.subject, tuple(steps.found))


_ARTICLE = {"label": "a label", "attestation": "an attestation", "endorsement": "an endorsement"}


def _issuer(steps: _Steps, claimed: Claimed, source: Source) -> Document | None:
    """The issuer's own document, where it can be had."""
    issuer: Document | None = None

    def look() -> str:
        nonlocal issuer
        found = source(claimed.issuer)
        if found.get("id") != claimed.issuer:
            raise _no(f"the document of {claimed.issuer} is that of somebody else")
        count = len(verify.keys_of(found))
        if not count:
            raise _no(f"{claimed.issuer} lists no key that can sign credentials")
        issuer = found
        return f"{claimed.issuer} lists {count} key{'s' if count > 1 else ''}"

    steps.take("keys", look)
    return issuer


def _signature(
    document: Mapping[str, Any], claimed: Claimed, issuer: Document, now: datetime
) -> str:
    key = verify.signature(document, claimed.issuer, issuer, now)
    return f"nothing was altered since {key} signed it"


def _dates(claimed: Claimed, now: datetime) -> str:
    verify.dates(claimed, now)
    return f"valid from {claimed.valid_from:%Y-%m-%d} until {claimed.valid_until:%Y-%m-%d}"


def _status(claimed: Claimed, source: Source, issuer: Document, now: datetime) -> str:
    listed = source(claimed.status)
    verify.status(claimed, listed, issuer, now)
    return f"not revoked, says the list of {str(listed['validFrom'])[:10]}"


def _statement(claimed: Claimed, source: Source) -> str:
    """Whether the statement that is published today is the one that was spoken of."""
    found = source(claimed.statement)
    value = found.get("charterStatement")
    if found.get("id") != claimed.statement or not isinstance(value, Mapping):
        raise _no(f"{claimed.statement} is no statement (any more)")
    if (
        as_uri(found.get("attributedTo")) != claimed.subject
        or value.get("member") != claimed.subject
    ):
        raise _no("the statement is by somebody else than the credential is about")
    try:
        is_same = digest(value) == claimed.digest
    except ValueError:
        is_same = False
    if not is_same:
        raise _no("the statement has changed since: it is another than the one spoken of")
    if claimed.kind != "endorsement":
        _check_in_force(str(value.get("charter")))
    return f"the statement is still the same, of {value.get('declared')}"


def _attestation(claimed: Claimed, source: Source, issuer: Document, now: datetime) -> str:
    """Whether a label's attestation still stands, and is of the same statement."""
    found = source(claimed.attestation)
    attested = verify.credential(found, issuer, now)
    if attested.kind != "attestation" or attested.uri != claimed.attestation:
        raise _no("what it names as its attestation is none")
    _check_in_force(attested.charter)
    if (attested.subject, attested.digest) != (claimed.subject, claimed.digest):
        raise _no("its attestation is of another statement")
    wanted = {each.id for each in charter(attested.charter).principles}
    confirmed = {name for name, found in attested.principles.items() if found == "confirmed"}
    if confirmed != wanted or confirmed != set(attested.principles):
        raise _no("its attestation doesn't confirm every principle of the charter")
    verify.status(attested, source(attested.status), issuer, now)
    return f"it rests on an attestation that confirms {len(attested.principles)} principles"


def _check_in_force(version: str) -> None:
    """A statement on an earlier charter is outdated, as a directory says itself."""
    if version not in charters():
        raise _no(f"the charter {version!r} isn't known to this version of pecfed")
    if version != charters()[-1]:
        raise _no(f"it is of the charter {version}; since then there is that of {charters()[-1]}")


def _no(words: str) -> RefusedError:
    return RefusedError(words, status=400, code="doubt")


def refuse_to_ask(url: str) -> FetchError:
    """What an offline source says of an address it has nothing of."""
    return FetchError(f"{url}: isn't among what was saved", code="not_saved", retry=False)
