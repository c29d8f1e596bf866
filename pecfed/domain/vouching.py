"""What the log says of one member: its statement, who vouches for it, until when.

`read` folds lines in their order; what they don't justify has no effect: a credential that was
ended doesn't come back, a label counts for its own attestation only, an endorsement only from
somebody who is a member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from pecfed.domain.log import Act
from pecfed.language.charter import UnknownCharterError, charter

STATEMENT_ACTS = ("declare", "withdraw")
VOUCHING_ACTS = (
    "endorse", "unendorse", "attest", "revoke", "label", "unlabel", "hide", "unhide",
)  # fmt: skip
ACTS = (*STATEMENT_ACTS, *VOUCHING_ACTS, "charter")
"""What standing is computed from, besides who is a member (`after.membership` of any act)."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The statement as it is now; `since` is the day from which it has had this text."""

    digest: str
    charter: str
    valid_until: date
    since: date
    commitments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """A credential that was given: its id, its first and its last day."""

    credential: str
    since: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Endorsement(Given):
    """Another member vouches for a text, or for the commitments named of it."""

    endorser: str
    digest: str
    commitments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attestation(Given):
    """The hub's review of a text: of each principle, "confirmed" or "questioned"."""

    digest: str
    charter: str
    principles: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether every principle of its charter is confirmed."""
        try:
            wanted = {principle.id for principle in charter(self.charter).principles}
        except UnknownCharterError:
            return False
        confirmed = {each for each, found in self.principles.items() if found == "confirmed"}
        return confirmed >= wanted and confirmed == set(self.principles)


@dataclass(frozen=True, slots=True)
class Label(Given):
    """The label, on one attestation."""

    attestation: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the log says of a member now; what was ended is in none of the lists.

    `charter` is the hub's present version, "" where it never said; `members` are those
    who endorsed and are members at present.
    """

    statement: Declared | None = None
    taken_back: bool = False
    charter: str = ""
    endorsements: tuple[Endorsement, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    labels: tuple[Label, ...] = ()
    hidden: bool = False
    members: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()

    def given(self) -> list[Given]:
        """Every credential of it that hasn't been ended."""
        return [*self.endorsements, *self.attestations, *self.labels]

    def counting(self) -> list[Endorsement]:
        """The endorsements of those who are members now."""
        return [each for each in self.endorsements if each.endorser in self.members]

    def attested(self) -> Attestation | None:
        """The attestation that says something of the statement, or did.

        The newest one of its very text, else the newest in which nothing was questioned and
        that was valid when the text became another: one declared later owes it nothing.
        """
        if self.statement is None:
            return None
        of_another = None
        for each in reversed(self.attestations):
            if each.digest == self.statement.digest:
                return each
            counted = each.is_whole and self.statement.since <= each.valid_until
            if of_another is None and counted:
                of_another = each
        return of_another

    def ends(self) -> set[date]:
        """The last days of whatever has one."""
        found = {each.valid_until for each in self.given()}
        return found | {self.statement.valid_until} if self.statement else found


def day_of(value: object) -> date | None:
    """An ISO date of the log; None where it is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def read(subject: str, acts: Iterable[Act]) -> Facts:
    """What those acts, in the order of the log, say of `subject`.

    Of others they need only hold who is a member (those who endorsed it), and of the hub
    itself which charter is the present one.
    """
    facts = Facts()
    for act in acts:
        facts = one_more(facts, subject, act)
    return facts


def is_enough(acts: Iterable[Act]) -> bool:
    """Whether nothing before these lines about a statement counts any more.

    They are declares and withdraws of one subject, the newest first. What counts is the last
    text and since when it has stood, or, where none stands, whether there was one at all.
    """
    last: str | None = None  # the text that stands; None until it is known
    is_gone = False
    for act in acts:
        text = act.facts.get("digest")
        if act.act == "withdraw":
            if last is not None:
                return True
            is_gone = True
        elif _declare(Facts(), act).statement is not None:
            if is_gone or (last is not None and text != last):
                return True
            last = str(text)
    return False


def one_more(facts: Facts, subject: str, act: Act) -> Facts:
    """What one act more makes of what is known of `subject`."""
    if not act.subject and act.act == "charter":
        facts = replace(facts, charter=str(act.facts.get("version", "")))
    elif act.subject == subject and act.act in _READ:
        facts = _READ[act.act](facts, act)
    if act.subject and "membership" in act.after:
        facts = _membership(facts, subject, act.subject, str(act.after["membership"]))
    return facts


def _membership(facts: Facts, subject: str, who: str, state: str) -> Facts:
    """Somebody became a member, or is one no more: leaving ends what it gave and what it had."""
    if state == "member":
        return replace(facts, members=facts.members | {who})
    facts = replace(facts, members=facts.members - {who})
    if state not in {"left", "refused", "archived"}:
        return facts
    if who == subject:
        return _without(facts, {each.credential for each in facts.given()})
    own = [each for each in facts.endorsements if each.endorser == who]
    return _without(facts, {each.credential for each in own})


def _without(facts: Facts, ended: set[str]) -> Facts:
    """Some credentials have ended, for good."""
    gone = facts.ended | ended
    return replace(
        facts,
        endorsements=tuple(each for each in facts.endorsements if each.credential not in gone),
        attestations=tuple(each for each in facts.attestations if each.credential not in gone),
        labels=tuple(each for each in facts.labels if each.credential not in gone),
        ended=gone,
    )


def _credential(facts: Facts, act: Act) -> str:
    """The id of the credential that begins here; "" for none, or one that has been before."""
    named = act.facts.get("credential")
    before = facts.ended.union(each.credential for each in facts.given())
    return named if isinstance(named, str) and named not in before else ""


def _declare(facts: Facts, act: Act) -> Facts:
    until = day_of(act.facts.get("valid_until"))
    digest, version = act.facts.get("digest"), act.facts.get("charter")
    if until is None or not isinstance(digest, str) or not isinstance(version, str):
        return facts
    before = facts.statement
    since = before.since if before is not None and before.digest == digest else _day(act)
    commitments = act.facts.get("commitments")
    levels = dict(commitments) if isinstance(commitments, Mapping) else {}
    return replace(
        facts, statement=Declared(digest, version, until, since, levels), taken_back=False
    )


def _withdraw(facts: Facts, act: Act) -> Facts:
    taken_back = facts.taken_back or facts.statement is not None
    return replace(facts, statement=None, taken_back=taken_back)


def _endorse(facts: Facts, act: Act) -> Facts:
    until, credential = day_of(act.facts.get("valid_until")), _credential(facts, act)
    endorser, named = act.facts.get("endorser"), act.facts.get("commitments")
    if until is None or not credential or not isinstance(endorser, str):
        return facts
    if endorser == act.subject or endorser not in facts.members:
        return facts
    commitments = tuple(str(each) for each in named) if isinstance(named, list | tuple) else ()
    made = Endorsement(
        credential, _day(act), until, endorser, str(act.facts.get("digest", "")), commitments
    )
    return replace(facts, endorsements=(*facts.endorsements, made))


def _attest(facts: Facts, act: Act) -> Facts:
    until, credential = day_of(act.facts.get("valid_until")), _credential(facts, act)
    principles = act.facts.get("principles")
    if until is None or not credential or not isinstance(principles, Mapping):
        return facts
    made = Attestation(
        credential,
        _day(act),
        until,
        str(act.facts.get("digest", "")),
        str(act.facts.get("charter", "")),
        {str(name): str(found) for name, found in principles.items()},
    )
    return replace(facts, attestations=(*facts.attestations, made))


def _label(facts: Facts, act: Act) -> Facts:
    until, credential = day_of(act.facts.get("valid_until")), _credential(facts, act)
    if until is None or not credential:
        return facts
    made = Label(credential, _day(act), until, str(act.facts.get("attestation", "")))
    return replace(facts, labels=(*facts.labels, made))


def _end(facts: Facts, act: Act) -> Facts:
    return _without(facts, {str(act.facts.get("credential", ""))})


def _unendorse(facts: Facts, act: Act) -> Facts:
    others = [*facts.attestations, *facts.labels]
    return facts if _names(act, others) else _end(facts, act)


def _unlabel(facts: Facts, act: Act) -> Facts:
    others = [*facts.endorsements, *facts.attestations]
    return facts if _names(act, others) else _end(facts, act)


def _names(act: Act, given: Sequence[Given]) -> bool:
    return any(each.credential == act.facts.get("credential") for each in given)


def _hide(facts: Facts, act: Act) -> Facts:
    return replace(facts, hidden=True)


def _unhide(facts: Facts, act: Act) -> Facts:
    return replace(facts, hidden=False)


def _day(act: Act) -> date:
    """The day (UTC) of an act."""
    return datetime.fromtimestamp(act.at / 1000, UTC).date()


_READ = {
    "declare": _declare,
    "withdraw": _withdraw,
    "endorse": _endorse,
    "unendorse": _unendorse,
    "attest": _attest,
    "revoke": _end,
    "label": _label,
    "unlabel": _unlabel,
    "hide": _hide,
    "unhide": _unhide,
}
