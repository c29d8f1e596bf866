"""A self-assessment: what a member has written on each commitment, before it is published.

Everything here is pure. A draft answers with `Declared`, whose level is "" until it is
chosen; published is a `Statement`, in which nothing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pecfed.domain.statement import Declared, Statement, digest
from pecfed.domain.text import clean
from pecfed.language.charter import Charter
from pecfed.language.schema import read_schema

Gap = Literal["level", "evidence", "explanation"]
"""What an answer needs yet: a level, a link or an explanation, an explanation."""
Wrong = Literal["level", "too_long", "too_many", "no_address"]
"""What can't be kept: no level of the charter, a text, a number of links, a link."""

LONGEST_VALID = 3
"""Years for which a statement can be declared in the admin; a file may say more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written so far; `answers` by commitment.

    `based_on` is the digest of the published statement that it was begun from, "" where
    there was none; `valid_until` an ISO date, "" until it is chosen.
    """

    based_on: str = ""
    valid_until: str = ""
    answers: Mapping[str, Declared] = field(default_factory=dict)

    @classmethod
    def of(cls, statement: Statement | None) -> Draft:
        """A draft that says what is published."""
        if statement is None:
            return cls()
        answers = {item.commitment: item for item in statement.commitments}
        return cls(digest(statement.to_value()), statement.valid_until, answers)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a draft is: ids of commitments in the order of the charter.

    `unfinished` says of each answer that is begun what it needs yet.
    """

    complete: tuple[str, ...]
    unfinished: Mapping[str, Gap]
    silent: tuple[str, ...]

    @property
    def next(self) -> str:
        """The commitment to go on with: one that is begun, else a silent one, "" for none."""
        return next(iter((*self.unfinished, *self.silent)), "")


def gap(answer: Declared, charter: Charter) -> Gap | None:
    """What an answer needs yet; None for one that can be published."""
    level = next((each for each in charter.levels if each.id == answer.level), None)
    if level is None:
        return "level"
    if level.needs == "explanation" and not answer.explanation:
        return "explanation"
    if level.needs == "evidence" and not answer.explanation and not answer.evidence:
        return "evidence"
    return None


def is_empty(answer: Declared) -> bool:
    """Whether nothing is said: neither level nor explanation nor evidence."""
    return not (answer.level or answer.explanation or answer.evidence)


def progress(draft: Draft, charter: Charter) -> Progress:
    """How far a draft is on that charter."""
    complete, unfinished, silent = [], dict[str, Gap](), []
    for commitment in charter.commitments:
        answer = draft.answers.get(commitment.id)
        if answer is None or is_empty(answer):
            silent.append(commitment.id)
        elif (missing := gap(answer, charter)) is not None:
            unfinished[commitment.id] = missing
        else:
            complete.append(commitment.id)
    return Progress(tuple(complete), unfinished, tuple(silent))


def written(
    commitment: str, level: str, explanation: Mapping[str, str], evidence: Iterable[str]
) -> Declared:
    """An answer as a form gives it, made tidy: lines and links without what doesn't show.

    It may be one that `wrong` finds fault with: nothing is cut away in silence.
    """
    texts = {
        tag: clean(text.replace("\r\n", "\n"), len(text) + 1) for tag, text in explanation.items()
    }
    links = dict.fromkeys(link.strip() for link in evidence)
    return Declared(
        commitment,
        level.strip(),
        {tag: text for tag, text in texts.items() if text},
        tuple(link for link in links if link),
    )


def wrong(answer: Declared, charter: Charter) -> tuple[tuple[Wrong, str], ...]:
    """What can't be kept of an answer, each with what it is about (a language, a link)."""
    defs = read_schema("statement")["$defs"]
    longest = defs["textMap"]["additionalProperties"]["maxLength"]
    found: list[tuple[Wrong, str]] = []
    if answer.level and answer.level not in {level.id for level in charter.levels}:
        found.append(("level", answer.level))
    found += [("too_long", tag) for tag, text in answer.explanation.items() if len(text) > longest]
    if len(answer.evidence) > defs["urls"]["maxItems"]:
        found.append(("too_many", str(defs["urls"]["maxItems"])))
    address = re.compile(defs["url"]["pattern"].removesuffix("$"))
    found += [
        ("no_address", link)
        for link in answer.evidence
        if len(link) > defs["url"]["maxLength"] or not address.fullmatch(link)
    ]
    return tuple(found)


def statement(draft: Draft, charter: Charter, member: str, declared: date) -> Statement:
    """The draft as the statement of that member; what isn't complete is left out.

    A statement of which no end is chosen is valid for a year.
    """
    complete = progress(draft, charter).complete
    return Statement(
        member=member,
        charter=charter.version,
        declared=declared.isoformat(),
        valid_until=draft.valid_until or years_after(declared, 1).isoformat(),
        commitments=tuple(draft.answers[id_] for id_ in complete),
    )


def years_after(day: date, years: int) -> date:
    """The same day of a later year; of a 29 February the day before where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def ends(today: date) -> tuple[str, ...]:
    """The days until which a statement made today may be declared valid, as ISO dates."""
    return tuple(years_after(today, years).isoformat() for years in range(1, LONGEST_VALID + 1))


def catch_up(
    draft: Draft, base: Statement | None, published: Statement | None
) -> tuple[Draft, tuple[str, ...]]:
    """A draft on top of a statement published since it was begun from `base`.

    What the draft left as it was takes what is published now; what only the draft changed
    stays. Of what both changed the draft's answer stays, and its commitment is named. Where
    the published one was withdrawn, all of the draft stays.
    """
    if published is None:
        return replace(draft, based_on=""), ()
    was, now = Draft.of(base).answers, Draft.of(published).answers
    answers = dict(now)
    both: list[str] = []
    for commitment in dict.fromkeys((*draft.answers, *was)):
        mine, before, theirs = (each.get(commitment) for each in (draft.answers, was, now))
        if mine in (before, theirs):
            continue
        if theirs != before:
            both.append(commitment)
        if mine is None:
            answers.pop(commitment, None)
        else:
            answers[commitment] = mine
    until = draft.valid_until
    if base is not None and until == base.valid_until:
        until = published.valid_until
    return Draft(Draft.of(published).based_on, until, answers), tuple(both)


def mark(asked: Statement) -> str:
    """What tells one statement that a file asks for from another: all of it but its day."""
    return digest(replace(asked, declared="").to_value())


Verdict = Literal["publish", "keep", "conflict"]


def verdict(
    asked: Statement | None, published: Statement | None, *, in_admin: bool, file_mark: str
) -> Verdict:
    """What becomes of the statement of a file, beside the published one.

    `in_admin` says that the published one was written in the admin pages since a file was
    last applied, `file_mark` what that file asked for. A file that still says the same is
    the older of the two: what is published stays. One that says something else, too, was
    changed beside it, and somebody must choose.
    """
    if not in_admin or published is None:
        return "publish"
    if asked is None or mark(asked) == file_mark:
        return "keep"
    return "publish" if mark(asked) == mark(published) else "conflict"
