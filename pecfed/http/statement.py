"""A statement as people read it: by principle, with what it leaves unsaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pecfed.domain.statement import Declared, Statement, digest
from pecfed.language.charter import Charter, Commitment, Principle, charter, charters
from pecfed.store.objects import Stored


@dataclass(frozen=True, slots=True)
class Line:
    """A commitment and what is declared for it, None where the statement is silent."""

    commitment: Commitment
    declared: Declared | None


@dataclass(frozen=True, slots=True)
class Section:
    """A principle with its lines."""

    principle: Principle
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A statement beside its charter.

    `other` is what this node's copy of the charter has no commitment for: everything,
    where it doesn't know that version. `counts` is how often each level stands in it.
    """

    stored: Stored
    statement: Statement
    digest: str
    charter: Charter | None
    sections: tuple[Section, ...]
    other: tuple[Declared, ...]
    counts: tuple[tuple[str, int], ...]


def declaration(stored: Stored | None) -> Declaration | None:
    """The statement that an object holds; None for no object or another kind."""
    statement = stored.content if stored else None
    if stored is None or not isinstance(statement, Statement):
        return None
    text = charter(statement.charter) if statement.charter in charters() else None
    by_id = {item.commitment: item for item in statement.commitments}
    sections = tuple(
        Section(principle, tuple(Line(each, by_id.get(each.id)) for each in principle.commitments))
        for principle in (text.principles if text else ())
    )
    known = {each.id for each in text.commitments} if text else set()
    tally = Counter(item.level for item in statement.commitments)
    order = [level.id for level in text.levels] if text else sorted(tally)
    return Declaration(
        stored=stored,
        statement=statement,
        digest=digest(statement.to_value()),
        charter=text,
        sections=sections,
        other=tuple(item for item in statement.commitments if item.commitment not in known),
        counts=tuple((level, tally[level]) for level in order if tally[level]),
    )
