"""Willingness: an organisation is listed because it said so, and how it said so is kept."""

from __future__ import annotations

import re
from typing import Literal

Proof = Literal["join", "reply", "link"]
"""Its own `Join`, its answer to our question, a `rel="me"` link of its profile to us."""

YES = frozenset({"oui", "yes"})
NO = frozenset({"non", "no"})
BUT = frozenset({"ne", "n", "pas", "jamais", "aucun", "not", "never", "don", "cannot"})
"""Words that turn a yes round, in one language or the other."""
QUOTED = '>«»“”„"‹›'
MAX_WORDS = 400  # more is no answer but a letter, for the operator to read
_MENTION = re.compile(r"^(?:@[\w.~+-]+(?:@[\w.:-]+)?[\s:,]*)+")
_WORD = re.compile(r"[^\W\d_]+")


def answer(text: str) -> bool | None:
    """What a reply says: True for yes, False for no, None where that isn't clear.

    `text` is plain. Only the first word after the mentions counts, and only where the
    contrary stands nowhere else in the text: nor does a yes that is a question, a quotation,
    or has a negation after it.
    """
    words = [word.casefold() for word in _WORD.findall(_MENTION.sub("", text.strip()))]
    if not words or len(words) > MAX_WORDS:
        return None
    if words[0] in YES:
        doubtful = (NO | BUT) & set(words) or any(mark in text for mark in (*QUOTED, "?"))
        return None if doubtful else True
    if words[0] in NO:
        return None if YES & set(words) else False
    return None
