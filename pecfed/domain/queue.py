"""The queue of what waits for a reviewer: its states, and what leads from one to the next.

    open ──decide──▶ decided ──take effect──▶ done        (publish, refuse)
     │  ◀───undo──────┘   └────────send──────▶ asked      (ask: the member answers)
     ├──propose──▶ proposed ──second──▶ decided           (where two must agree)
     └──later──▶ later ──return──▶ open

A decision waits in `decided` until its grace time is over: until then nobody was told
anything, so undoing it leaves no trace but its line. What changes meanwhile (a new
version of the statement) goes back to `open`, since the decision was about something
else. Words of the member open only what waits for them, or was put off: else whoever is
decided about could hold up each decision by talking. The table is checked when it is
loaded, so that a wrong one cannot start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "join", "statement", "endorsement", "report", "stale", "duplicate",
    "silent", "appeal", "claim", "take-off", "suspicion",
]  # fmt: skip
State = Literal["open", "later", "proposed", "decided", "asked", "done"]
Act = Literal["publish", "ask", "refuse", "later"]
Step = Literal[
    "decide", "propose", "second", "object", "later", "undo",
    "effect", "send", "fail", "answer", "return", "change", "close",
]  # fmt: skip

KINDS: tuple[Kind, ...] = (
    "join", "statement", "endorsement", "report", "stale", "duplicate",
    "silent", "appeal", "claim", "take-off", "suspicion",
)  # fmt: skip
STATES: tuple[State, ...] = ("open", "later", "proposed", "decided", "asked", "done")
ACTS: tuple[Act, ...] = ("publish", "ask", "refuse", "later")
STEPS: tuple[Step, ...] = (
    "decide", "propose", "second", "object", "later", "undo",
    "effect", "send", "fail", "answer", "return", "change", "close",
)  # fmt: skip
WAITING: tuple[State, ...] = ("open", "proposed")
"""What a reviewer has to look at now; the others wait for somebody or something else."""

TRANSITIONS: dict[tuple[State, Step], State] = {
    ("open", "decide"): "decided",
    ("open", "propose"): "proposed",
    ("open", "later"): "later",
    ("open", "change"): "open",
    ("open", "close"): "done",
    ("proposed", "second"): "decided",
    ("proposed", "object"): "open",
    ("proposed", "undo"): "open",
    ("proposed", "change"): "open",
    ("proposed", "close"): "done",
    ("decided", "undo"): "open",
    ("decided", "effect"): "done",
    ("decided", "send"): "asked",
    ("decided", "later"): "later",
    ("decided", "fail"): "open",
    ("decided", "change"): "open",
    ("decided", "close"): "done",
    ("later", "return"): "open",
    ("later", "undo"): "open",
    ("later", "change"): "open",
    ("later", "answer"): "open",
    ("later", "close"): "done",
    ("asked", "answer"): "open",
    ("asked", "return"): "open",
    ("asked", "undo"): "open",
    ("asked", "change"): "open",
    ("asked", "close"): "done",
}

MAX_MESSAGE = 4000  # characters of a message to a member, and of a note between reviewers


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides about an item.

    `reason` is a code of the published criteria; `message` goes to the member, who reads
    it in `language`. `until` is an ISO date: when the item comes back (later, ask), or the
    last day of what is granted (publish; empty: as long as the settings say).
    `commitments` are those that a question is about, `questioned` the principles that an
    attestation leaves in doubt; `label` asks for the label with the attestation.
    """

    act: Act
    reason: str = ""
    message: str = ""
    language: str = ""
    until: str = ""
    commitments: tuple[str, ...] = ()
    questioned: tuple[str, ...] = ()
    label: bool = False

    def to_data(self) -> dict[str, Any]:
        """The decision as JSON values, for the database."""
        return {
            "act": self.act,
            "reason": self.reason,
            "message": self.message,
            "language": self.language,
            "until": self.until,
            "commitments": list(self.commitments),
            "questioned": list(self.questioned),
            "label": self.label,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Decision:
        """The inverse of `to_data`."""
        lists = {name: tuple(data.get(name, ())) for name in ("commitments", "questioned")}
        return cls(**{**data, **lists})

    def same_as(self, other: Decision) -> bool:
        """Whether a second reviewer decides the same: the act and what it grants, not the words."""
        return (
            self.act == other.act
            and set(self.questioned) == set(other.questioned)
            and self.label == other.label
            and self.until == other.until
        )


def after(state: State, step: Step) -> State | None:
    """The state after a step, or None where that step is not possible."""
    return TRANSITIONS.get((state, step))


def possible(state: State) -> list[Step]:
    """The steps that lead on from that state."""
    return [step for step in STEPS if (state, step) in TRANSITIONS]


def _check() -> None:
    """Refuse a table that names unknown words, leaves a state out of reach or without a way out.

    Raises:
        ValueError: saying which entry is wrong.
    """
    for (state, step), to in TRANSITIONS.items():
        if state not in STATES or step not in STEPS or to not in STATES:
            raise ValueError(f"queue: unknown word in {state} --{step}--> {to}")
        if state == "done":
            raise ValueError(f"queue: what is done stays done, but {step} leads on")
    for state in STATES:
        if state not in TRANSITIONS.values():
            raise ValueError(f"queue: nothing leads to {state!r}")
        if state != "done" and TRANSITIONS.get((state, "close")) != "done":
            raise ValueError(f"queue: {state!r} can't be closed")
    for step in STEPS:
        if all(step != known for _, known in TRANSITIONS):
            raise ValueError(f"queue: {step!r} is never possible")


_check()
