"""Standing: what the directory shows of a member's statement; derived from the log, never claimed.

    none ─▶ declared ─▶ endorsed ─▶ attested ─▶ labelled
                │            │           │           │
                └────────────┴─────┬─────┴───────────┘
                    outdated · lapsed · withdrawn

`periods` says on which days which standing holds, from what `domain/vouching.py` has read out of
the log. The tables are checked when they are loaded, so that wrong ones cannot start.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple, cast, get_args

from pecfed.domain.vouching import Facts, day_of

Standing = Literal[
    "none", "declared", "endorsed", "attested", "labelled", "outdated", "lapsed", "withdrawn"
]
Because = Literal[
    "", "statement-changed", "new-charter", "statement-expired", "attestation-expired",
    "label-expired", "under-review", "questioned", "taken-back",
]  # fmt: skip
Event = Literal[
    "declare", "change", "withdraw", "endorse", "unendorse", "attest", "revoke", "label",
    "unlabel", "hide", "unhide", "charter", "suspend", "restore", "leave", "day",
]  # fmt: skip

STANDINGS: tuple[Standing, ...] = get_args(Standing)
BECAUSE: tuple[Because, ...] = get_args(Because)
"""Why a standing isn't another one; "" where there is nothing to say."""
EVENTS: tuple[Event, ...] = get_args(Event)
"""Acts of the log; `change` is a declaration of another text, or on another charter or until
another day; `day` the passing of one; suspended and restored is who endorsed."""

_LEADS: dict[Standing, dict[Event, str]] = {
    "none": {
        "declare": "declared endorsed attested labelled outdated lapsed",
    },
    "declared": {
        "change": "endorsed attested labelled outdated lapsed",
        "withdraw": "withdrawn",
        "endorse": "endorsed",
        "attest": "attested labelled outdated lapsed",
        "revoke": "attested labelled outdated lapsed",
        "charter": "outdated",
        "restore": "endorsed",
        "day": "lapsed",
    },
    "endorsed": {
        "change": "declared attested labelled outdated lapsed",
        "withdraw": "withdrawn",
        "unendorse": "declared",
        "attest": "attested labelled outdated lapsed",
        "revoke": "declared attested labelled outdated lapsed",
        "charter": "outdated",
        "suspend": "declared",
        "leave": "declared",
        "day": "declared lapsed",
    },
    "attested": {
        "change": "declared endorsed labelled outdated lapsed",
        "withdraw": "withdrawn",
        "attest": "declared endorsed labelled lapsed",
        "revoke": "declared endorsed labelled outdated lapsed",
        "label": "labelled",
        "unhide": "labelled",
        "charter": "outdated",
        "leave": "declared",
        "day": "lapsed",
    },
    "labelled": {
        "change": "declared endorsed attested outdated lapsed",
        "withdraw": "withdrawn",
        "attest": "declared endorsed attested lapsed",
        "revoke": "declared endorsed attested outdated lapsed",
        "unlabel": "attested",
        "hide": "attested",
        "charter": "outdated",
        "leave": "declared",
        "day": "attested lapsed",
    },
    "outdated": {
        "change": "declared endorsed attested labelled lapsed",
        "withdraw": "withdrawn",
        "attest": "declared endorsed attested labelled lapsed",
        "revoke": "declared endorsed lapsed",
        "charter": "declared endorsed attested labelled lapsed",
        "leave": "declared",
        "day": "lapsed",
    },
    "lapsed": {
        "change": "declared endorsed attested labelled outdated",
        "withdraw": "withdrawn",
        "attest": "declared endorsed attested labelled outdated",
        "revoke": "declared endorsed attested labelled outdated",
        "charter": "outdated",
        "leave": "declared",
    },
    "withdrawn": {
        "declare": "declared endorsed attested labelled outdated lapsed",
    },
}
TRANSITIONS: dict[tuple[Standing, Event], frozenset[Standing]] = {
    (standing, event): frozenset(cast("list[Standing]", to.split()))
    for standing, events in _LEADS.items()
    for event, to in events.items()
}
"""What an event can make of a standing; where nothing stands, or besides, it stays as it is."""


class Period(NamedTuple):
    """From one day until another, both included (UTC), that standing holds, for that reason."""

    from_date: date
    until_date: date
    standing: Standing
    because: Because


def on(facts: Facts, day: date) -> tuple[Standing, Because]:
    """The standing on that day, going by what is known now, and why it isn't another."""
    declared = facts.statement
    if declared is None:
        return ("withdrawn", "taken-back") if facts.taken_back else ("none", "")
    if day > declared.valid_until:
        return "lapsed", "statement-expired"
    if facts.charter and declared.charter != facts.charter:
        return "outdated", "new-charter"
    attested = facts.attested()
    if attested is not None and attested.digest == declared.digest:
        if attested.is_whole:
            if day > attested.valid_until:
                return "lapsed", "attestation-expired"
            return _label(facts, attested.credential, day)
        # what is questioned isn't attested; others may vouch for it all the same
        return _declared(facts, day, "questioned")
    if attested is not None:
        if day > attested.valid_until:
            return "lapsed", "attestation-expired"
        return "outdated", "statement-changed"
    return _declared(facts, day, "")


def _label(facts: Facts, attestation: str, day: date) -> tuple[Standing, Because]:
    """What an attestation in its dates makes of a statement."""
    labels = [each for each in facts.labels if each.attestation == attestation]
    if not labels:
        return "attested", ""
    if facts.hidden:
        return "attested", "under-review"
    if all(day > each.valid_until for each in labels):
        return "attested", "label-expired"
    return "labelled", ""


def _declared(facts: Facts, day: date, because: Because) -> tuple[Standing, Because]:
    """What a statement is that no attestation says anything of."""
    assert facts.statement is not None
    vouched = [each for each in facts.counting() if day <= each.valid_until]
    if any(each.digest == facts.statement.digest for each in vouched):
        return "endorsed", because
    return "declared", because or ("statement-changed" if vouched else "")


def periods(facts: Facts) -> list[Period]:
    """Every day there is, in the order of time, each in just one period."""
    starts = {date.min} | {day + timedelta(days=1) for day in facts.ends() if day < date.max}
    found: list[Period] = []
    for start in sorted(starts):
        standing, because = on(facts, start)
        if found and found[-1][2:] == (standing, because):
            continue
        if found:
            found[-1] = found[-1]._replace(until_date=start - timedelta(days=1))
        found.append(Period(start, date.max, standing, because))
    return found


def of_statement(valid_until: str, today: date) -> Standing:
    """What a member may say of its own statement, where nobody else has spoken."""
    last = day_of(valid_until)
    if last is None:
        return "none"
    return "declared" if today <= last else "lapsed"


def _check() -> None:
    """Refuse a table that names unknown words, or leaves a standing out of reach.

    Raises:
        ValueError: saying which entry is wrong.
    """
    for (standing, event), to in TRANSITIONS.items():
        if standing not in STANDINGS or event not in EVENTS or not to <= set(STANDINGS):
            raise ValueError(f"standing: unknown word in {standing} --{event}--> {sorted(to)}")
        if standing in to:
            raise ValueError(f"standing: {standing} --{event}--> {standing} says nothing")
    reached = {"none"}.union(*TRANSITIONS.values())
    for standing in STANDINGS:
        if standing not in reached:
            raise ValueError(f"standing: nothing leads to {standing!r}")
    for event in EVENTS:
        if all(event != known for _, known in TRANSITIONS):
            raise ValueError(f"standing: {event!r} changes nothing")


_check()
