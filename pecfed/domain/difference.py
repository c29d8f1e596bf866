"""What changed between two versions of a statement, commitment by commitment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from pecfed.domain.statement import Declared, Statement
from pecfed.domain.text import Texts

What = Literal["new", "gone", "changed", "same"]
Mark = Literal["kept", "added", "removed"]
_WORD = re.compile(r"\s*\S+")
MAX_WORDS = 1500
"""Words of a text that are compared one by one; a longer one counts as changed as a whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a text that stayed, came or went."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One commitment in both versions; `before` or `now` is None where it isn't declared.

    `texts` are the explanations by language, in pieces; `added` and `removed` the links.
    """

    commitment: str
    what: What
    before: Declared | None
    now: Declared | None
    texts: Mapping[str, Sequence[Piece]] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def level_changed(self) -> bool:
        """Whether it is declared in both, at another level."""
        return (
            self.before is not None and self.now is not None and self.before.level != self.now.level
        )


def pieces(before: str, now: str) -> Sequence[Piece]:
    """A text word by word: what stayed, went and came, in reading order."""
    if before == now:
        return [Piece("kept", now)] if now else []
    old, new = _WORD.findall(before), _WORD.findall(now)
    if not old or not new or max(len(old), len(new)) > MAX_WORDS:
        found = (Piece("removed", before), Piece("added", now))
        return [piece for piece in found if piece.text]
    # a word that stands often may still be where two versions meet
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    result: list[Piece] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            result.append(Piece("kept", "".join(new[k:m])))
            continue
        if i < j:
            result.append(Piece("removed", "".join(old[i:j])))
        if k < m:
            result.append(Piece("added", "".join(new[k:m])))
    return result


def difference(
    before: Statement | None, now: Statement, order: Sequence[str] = ()
) -> Sequence[Change]:
    """Every commitment that either version declares, in the order of the charter.

    Args:
        before: the version that was reviewed or shown, None where there was none.
        now: the version that waits.
        order: the ids of the charter's commitments; others come last, as they are declared.
    """
    old = {each.commitment: each for each in before.commitments} if before else {}
    new = {each.commitment: each for each in now.commitments}
    known = [each for each in order if each in old or each in new]
    ids = dict.fromkeys([*known, *new, *old])
    return [_change(each, old.get(each), new.get(each)) for each in ids]


def _change(commitment: str, before: Declared | None, now: Declared | None) -> Change:
    what: What
    if before is None:
        what = "new"
    elif now is None:
        what = "gone"
    else:
        what = "same" if before == now else "changed"
    old, new = _parts(before), _parts(now)
    return Change(
        commitment=commitment,
        what=what,
        before=before,
        now=now,
        texts={
            tag: pieces(old[0].get(tag, ""), new[0].get(tag, ""))
            for tag in dict.fromkeys([*new[0], *old[0]])
        },
        added=tuple(url for url in new[1] if url not in old[1]),
        removed=tuple(url for url in old[1] if url not in new[1]),
    )


def _parts(item: Declared | None) -> tuple[Texts, tuple[str, ...]]:
    return (item.explanation, item.evidence) if item else ({}, ())
