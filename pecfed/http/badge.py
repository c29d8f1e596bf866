"""A badge to show elsewhere: one picture for each standing, so that it goes down in public.

SVG by attributes alone, without style, script, font or link: it shows the same wherever a
page may load pictures from. Its words are real text, and it says the same to who can't see.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal, NamedTuple

from pecfed.domain.standing import Standing

Size = Literal["small", "medium", "large"]
Theme = Literal["light", "dark"]
SIZES: Mapping[Size, tuple[int, int]] = {
    "small": (230, 24),
    "medium": (250, 64),
    "large": (320, 112),
}
"""Width and height in pixels."""
THEMES: tuple[Theme, ...] = ("light", "dark")


class Colours(NamedTuple):
    """Ground, line, ink and quiet ink of a theme."""

    ground: str
    line: str
    ink: str
    quiet: str


_COLOURS: Mapping[Theme, Colours] = {
    "light": Colours("#ffffff", "#c9cec8", "#1d2421", "#55605b"),
    "dark": Colours("#1c2320", "#4a554f", "#e6eae7", "#a5b0aa"),
}
_GOOD, _FAIR, _OFF = "#1f5f4a", "#9a5b00", "#6b746f"
_SEAL: Mapping[Standing, tuple[str, str]] = {
    "labelled": (_GOOD, "check"),
    "attested": (_GOOD, "check"),
    "endorsed": (_GOOD, "dot"),
    "declared": (_GOOD, "dot"),
    "outdated": (_FAIR, "mark"),
    "lapsed": (_FAIR, "mark"),
    "withdrawn": (_OFF, "dash"),
    "none": (_OFF, "dash"),
}
"""The seal's colour and its sign: a colour alone tells nothing to many."""
_SIGNS = {
    "check": '<path d="M-5 0l3.6 4L5.4-4.4" fill="none" stroke="#fff" stroke-width="2.4" '
    'stroke-linecap="round" stroke-linejoin="round"/>',
    "dot": '<circle r="3.2" fill="#fff"/>',
    "mark": '<path d="M0-5.5v6.5" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>'
    '<circle cy="4.9" r="1.5" fill="#fff"/>',
    "dash": '<path d="M-4.5 0h9" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>',
}
_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"


class Words(NamedTuple):
    """What a badge says: its title, the standing, whose it is, until when and by whom."""

    title: str
    standing: str
    name: str
    until: str
    by: str

    def spoken(self) -> str:
        """All of it in a line, for who can't see it."""
        return ", ".join(filter(None, (f"{self.title}: {self.name}", self.standing, self.until)))


def draw(standing: Standing, size: Size, theme: Theme, words: Words) -> str:
    """The picture."""
    width, height = SIZES[size]
    colours = _COLOURS[theme]
    inner = {"small": _small, "medium": _medium, "large": _large}[size]
    spoken = escape(words.spoken())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{spoken}">'
        f"<title>{spoken}</title>"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" '
        f'rx="{min(8, height // 5)}" fill="{colours.ground}" stroke="{colours.line}"/>'
        f"{inner(standing, colours, words)}</svg>"
    )


def _small(standing: Standing, colours: Colours, words: Words) -> str:
    return (
        _seal(standing, 13, 12, 0.72)
        + _text(27, 16, 11, colours.ink, words.title, 124, bold=True)
        + _text(222, 16, 11, colours.quiet, words.standing, 66, end=True)
    )


def _medium(standing: Standing, colours: Colours, words: Words) -> str:
    return (
        _seal(standing, 30, 32, 1.7)
        + _text(58, 27, 14, colours.ink, words.title, 182, bold=True)
        + _text(58, 47, 13, colours.quiet, _joined(words.standing, words.until), 182)
    )


def _large(standing: Standing, colours: Colours, words: Words) -> str:
    return (
        _seal(standing, 44, 56, 2.5)
        + _text(86, 30, 15, colours.ink, words.title, 222, bold=True)
        + _text(86, 53, 15, colours.ink, words.name, 222)
        + _text(86, 75, 13, colours.quiet, _joined(words.standing, words.until), 222)
        + _text(86, 96, 12, colours.quiet, words.by, 222)
    )


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _seal(standing: Standing, x: int, y: int, scale: float) -> str:
    colour, sign = _SEAL[standing]
    ring = (
        f'<circle r="10.6" fill="none" stroke="{colour}" stroke-width="1.2"/>'
        if standing == "labelled"
        else ""
    )
    return (
        f'<g transform="translate({x} {y}) scale({scale})">{ring}'
        f'<circle r="9" fill="{colour}"/>{_SIGNS[sign]}</g>'
    )


def _text(
    x: int, y: int, size: int, fill: str, words: str, room: int, *, bold: bool = False,
    end: bool = False,
) -> str:  # fmt: skip
    """A line of text that stays within `room` pixels, in whichever font there is."""
    most = int(room / size * 2.4)
    shown = words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
    squeezed = len(shown) * size * (0.58 if bold else 0.54) > room
    return (
        f'<text x="{x}" y="{y}" font-family="{_FONT}" font-size="{size}" fill="{fill}"'
        + (' font-weight="600"' if bold else "")
        + (' text-anchor="end"' if end else "")
        + (f' textLength="{room}" lengthAdjust="spacingAndGlyphs"' if squeezed else "")
        + f">{escape(shown)}</text>"
    )
