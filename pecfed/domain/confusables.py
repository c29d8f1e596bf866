"""Names and handles that look like others: letters of another alphabet, digits for letters.

After the idea of UTS 39 (sections 4 and 5.1): two texts with one *skeleton* look alike, and
a word in two alphabets is seldom honest. Our own small table holds the letters of Cyrillic,
Greek, Armenian and special Latin that are drawn as Latin ones; it errs towards telling the
operator, who decides.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 500  # characters that are looked at
_PAIRS = (
    # Cyrillic
    "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw ӏl кk пn гr ьb тt мm нh вb ґr "
    "АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ӀI ЬB "
    # Greek
    "αa ιi κk νv οo ρp τt υu γy ηn ωw σo χx εe "
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ϳj ϲc "
    # Armenian
    "օo սu հh ոn ցg զq յj ՍU ՕO ՏS "
    # Latin that isn't a to z, and digits
    "ıi ɡg ɑa ſf ȷj ɩi ƨs ꜱs ʀr ɴn ʙb ʜh ʟl ɪi ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz "
    "øo łl đd ħh ŧt 0o 1l |l Il"
)
_LOOKS = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split() if len(pair) == 2})
_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_WORD = re.compile(r"\w+")
_SHARED = frozenset({"COMMON", "DIGIT", "MODIFIER", "COMBINING"})
_TOGETHER_SCRIPTS = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
)
"""Alphabets that are written together in one word (UTS 39, "highly restrictive")."""


def skeleton(text: str) -> str:
    """What a text looks like, in small Latin letters as far as it looks Latin.

    Accents are dropped: they are easily overlooked, and easily forgotten.
    """
    spread = unicodedata.normalize("NFKD", text[:MAX_LENGTH]).translate(_LOOKS).casefold()
    plain = "".join(c for c in spread.translate(_LOOKS) if not unicodedata.combining(c))
    for pair, one in _TOGETHER:
        plain = plain.replace(pair, one)
    return " ".join("".join(c if c.isalnum() or c in "@." else " " for c in plain).split())


def scripts(word: str) -> frozenset[str]:
    """The alphabets of a word's letters: LATIN, CYRILLIC, … as Unicode names the letters."""
    found = set()
    for char in word[:MAX_LENGTH]:
        if char.isalpha():
            found.add(unicodedata.name(char, "UNKNOWN").split(" ")[0].split("-")[0])
    return frozenset(found - _SHARED)


def mixed(text: str) -> tuple[str, ...]:
    """The words that are written in several alphabets which don't belong together."""
    return tuple(
        word
        for word in _WORD.findall(unicodedata.normalize("NFKC", text[:MAX_LENGTH]))
        if len(found := scripts(word)) > 1
        and not any(found <= together for together in _TOGETHER_SCRIPTS)
    )


def unicode_host(host: str) -> str:
    """A host with its `xn--` labels as people see them; what can't be read stays as it is."""
    return ".".join(_label(label) for label in host[:MAX_LENGTH].split("."))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def unicode_handle(handle: str) -> str:
    """A handle (name@host) as people see it."""
    name, at, host = handle.rpartition("@")
    return f"{name}{at}{unicode_host(host)}"
