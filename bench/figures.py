"""A figure: ours and the yardstick, round by round, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Figure:
    """One line of a table; `base` stays empty where there is nothing to compare with."""

    name: str
    ours: list[float] = field(default_factory=list)
    base: list[float] = field(default_factory=list)

    def add(self, ours: float, base: float | None = None) -> None:
        """The outcome of one round; both sides come from the same round."""
        self.ours.append(ours)
        if base is not None:
            self.base.append(base)

    @property
    def ratios(self) -> list[float]:
        """Ours divided by the yardstick, each round by itself."""
        return [ours / base for ours, base in zip(self.ours, self.base, strict=True) if base]


@dataclass
class Table:
    """What one subject measured: a title, the yardstick's name, and figures."""

    subject: str
    yardstick: str
    notes: dict[str, Any] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def figure(self, name: str) -> Figure:
        """The figure of that name, made where it isn't there yet."""
        for figure in self.figures:
            if figure.name == name:
                return figure
        self.figures.append(Figure(name))
        return self.figures[-1]


def as_json(table: Table) -> dict[str, Any]:
    """A table for a script: medians, the spread of the ratio, and every round."""
    return {
        "subject": table.subject,
        "yardstick": table.yardstick,
        **table.notes,
        "figures": {
            figure.name: {
                "ours": _short(median(figure.ours)),
                "rounds": [_short(value) for value in figure.ours],
                **(_compared(figure) if figure.base else {}),
            }
            for figure in table.figures
        },
    }


def _compared(figure: Figure) -> dict[str, Any]:
    ratios = figure.ratios
    return {
        "yardstick": _short(median(figure.base)),
        "yardstick_rounds": [_short(value) for value in figure.base],
        "ratio": {
            "min": _short(min(ratios, default=0)),
            "median": _short(median(ratios) if ratios else 0),
            "max": _short(max(ratios, default=0)),
        },
    }


def as_text(table: Table) -> str:
    """A table for a person."""
    notes = ", ".join(f"{name} {value}" for name, value in table.notes.items())
    lines = [
        f"{table.subject} ({notes})",
        f"  {'':<34}{'ours':>10}  {table.yardstick:>22}  ratio min / median / max",
    ]
    for figure in table.figures:
        line = f"  {figure.name:<34}{_shown(median(figure.ours)):>10}"
        if figure.base:
            ratios = figure.ratios or [0.0]
            spread = " / ".join(_shown(f(ratios)) for f in (min, median, max))
            line += f"  {_shown(median(figure.base)):>22}  {spread}"
        elif len(figure.ours) > 1:
            line += f"  {'':>22}  ({_shown(min(figure.ours))} to {_shown(max(figure.ours))})"
        lines.append(line)
    return "\n".join(lines)


def _short(value: float) -> float:
    """Three digits that count; more would claim too much."""
    return float(f"{value:.3g}") if abs(value) < 1000 else round(value)


def _shown(value: float) -> str:
    return f"{_short(value):,.10g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values stay below; values come sorted."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0
