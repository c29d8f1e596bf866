"""Standing: no log, in whatever order, gives one that it doesn't justify."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pecfed.domain import standing as ladder
from pecfed.domain import vouching
from pecfed.domain.log import Act
from pecfed.domain.standing import BECAUSE, EVENTS, STANDINGS, TRANSITIONS, on, periods
from pecfed.language.charter import charter

ME, ORME, PIE = "https://a.example/a", "https://b.example/b", "https://c.example/c"
TODAY = date(2026, 11, 24)
PRINCIPLES = {each.id: "confirmed" for each in charter().principles}
QUESTIONED = PRINCIPLES | {charter().principles[0].id: "questioned"}
SOON, LATER = "2027-06-01", "2027-11-24"


def act(name: str, subject: str = ME, day: date = TODAY, after: str = "", **facts: Any) -> Act:
    """An act at noon of that day."""
    at = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
    state = {"membership": after} if after else {}
    return Act(at=at, act=name, subject=subject, by="operator", facts=facts, after=state)


def declare(text: str = "A", until: str = LATER, version: str = "2018", **more: Any) -> Act:
    return act("declare", digest=text * 64, charter=version, valid_until=until, **more)


def endorse(who: str = ORME, text: str = "A", until: str = LATER, credential: str = "") -> Act:
    return act(
        "endorse", credential=credential or f"e-{who}-{text}", endorser=who, digest=text * 64,
        commitments=[], valid_until=until,
    )  # fmt: skip


def attest(text: str = "A", until: str = LATER, credential: str = "", **more: Any) -> Act:
    facts = {"principles": PRINCIPLES, "charter": "2018"} | more
    return act(
        "attest", credential=credential or f"a-{text}", digest=text * 64, valid_until=until, **facts
    )


def label(of: str = "a-A", until: str = LATER, credential: str = "l") -> Act:
    return act("label", credential=credential, attestation=of, valid_until=until)


JOINED = [act("accept", who, after="member") for who in (ME, ORME, PIE)]
LABELLED = [*JOINED, declare(), endorse(), attest(), label()]


def shown(acts: Sequence[Act], day: date = TODAY) -> tuple[str, str]:
    """The standing of ME and why it isn't another."""
    return on(vouching.read(ME, acts), day)


def end(name: str, credential: str) -> Act:
    return act(name, credential=credential)


NEXT_YEAR = date(2027, 11, 25)


@pytest.mark.parametrize(
    ("acts", "day", "expected"),
    [
        ([], TODAY, ("none", "")),
        (JOINED, TODAY, ("none", "")),
        ([declare()], TODAY, ("declared", "")),
        ([declare()], date(2027, 11, 24), ("declared", "")),
        ([declare()], NEXT_YEAR, ("lapsed", "statement-expired")),
        ([declare(), act("withdraw")], TODAY, ("withdrawn", "taken-back")),
        ([act("withdraw"), declare()], TODAY, ("declared", "")),
        ([*JOINED, declare(), endorse()], TODAY, ("endorsed", "")),
        ([*JOINED, declare(), endorse(ME)], TODAY, ("declared", "")),
        ([*JOINED[:1], declare(), endorse()], TODAY, ("declared", "")),
        ([*JOINED, declare(), endorse(until=SOON)], date(2027, 6, 2), ("declared", "")),
        ([*JOINED, declare(), endorse(), declare("B")], TODAY, ("declared", "statement-changed")),
        ([*JOINED, declare(), endorse(), act("leave", ORME, after="left")], TODAY,
         ("declared", "")),
        ([*JOINED, declare(), endorse(), act("leave", ORME, after="left"),
          act("accept", ORME, after="member"), endorse()], TODAY, ("declared", "")),
        ([*JOINED, declare(), endorse(), act("suspend", ORME, after="suspended")], TODAY,
         ("declared", "")),
        ([*JOINED, declare(), endorse(), act("suspend", ORME, after="suspended"),
          act("restore", ORME, after="member")], TODAY, ("endorsed", "")),
        ([declare(), attest()], TODAY, ("attested", "")),
        ([declare(), attest(principles=QUESTIONED)], TODAY, ("declared", "questioned")),
        ([declare(), attest(principles={})], TODAY, ("declared", "questioned")),
        ([declare(), attest(charter="1789")], TODAY, ("declared", "questioned")),
        ([declare(), attest(), attest(principles=QUESTIONED, credential="a2")], TODAY,
         ("declared", "questioned")),
        ([declare(), attest(), end("revoke", "a-A")], TODAY, ("declared", "")),
        ([declare(), end("revoke", "a-A"), attest()], TODAY, ("declared", "")),
        ([declare(), attest(until=SOON)], date(2027, 6, 1), ("attested", "")),
        ([declare(), attest(until=SOON)], date(2027, 6, 2), ("lapsed", "attestation-expired")),
        (LABELLED, TODAY, ("labelled", "")),
        ([*LABELLED, declare("B")], TODAY, ("outdated", "statement-changed")),
        ([*LABELLED, declare("B"), declare()], TODAY, ("labelled", "")),
        ([*LABELLED, declare("B"), attest("B")], TODAY, ("attested", "")),
        ([*LABELLED, end("unlabel", "l")], TODAY, ("attested", "")),
        ([*LABELLED, end("unlabel", "l"), label()], TODAY, ("attested", "")),
        ([*LABELLED, end("unlabel", "a-A")], TODAY, ("labelled", "")),
        ([*LABELLED, end("revoke", "a-A")], TODAY, ("endorsed", "")),
        ([*LABELLED, act("hide")], TODAY, ("attested", "under-review")),
        ([*LABELLED, act("hide"), act("unhide")], TODAY, ("labelled", "")),
        ([declare(), attest(), label("another")], TODAY, ("attested", "")),
        ([declare(), attest(), label(until=SOON)], date(2027, 6, 2), ("attested", "label-expired")),
        ([*LABELLED, act("charter", "", version="2030")], TODAY, ("outdated", "new-charter")),
        ([declare(), act("charter", "", version="2018")], TODAY, ("declared", "")),
        ([*LABELLED, act("leave", after="left")], TODAY, ("declared", "")),
        ([declare(until="soon")], TODAY, ("none", "")),
        ([declare(), act("attest", credential=7, valid_until=None, principles=[])], TODAY,
         ("declared", "")),
    ],
)  # fmt: skip
def test_what_a_log_says(acts: list[Act], day: date, expected: tuple[str, str]) -> None:
    """Each rule, by an example."""
    assert shown(acts, day) == expected


def test_a_text_declared_after_an_attestation_ended_owes_it_nothing() -> None:
    """It is declared, neither outdated nor lapsed; one that was declared in its time is."""
    ended = [declare(until="2030-01-01"), attest(until=SOON)]
    late = replace(declare("B", until="2030-01-01"), at=ended[0].at + 300 * 86_400_000)
    assert shown([*ended, late], date(2027, 12, 1)) == ("declared", "")
    early = replace(late, at=ended[0].at + 86_400_000)
    assert shown([*ended, early], date(2026, 12, 1)) == ("outdated", "statement-changed")
    assert shown([*ended, early], date(2027, 12, 1)) == ("lapsed", "attestation-expired")


MOVES = [
    declare(), declare("B"), declare(until=SOON), declare(version="2030"), act("withdraw"),
    endorse(), endorse(PIE), endorse(text="B"), endorse(until=SOON, credential="e9"),
    *(end(how, f"e-{who}") for how in ("unendorse", "revoke") for who in (f"{ORME}-A", f"{PIE}-A")),
    end("unendorse", f"e-{ORME}-B"),
    attest(), attest(until=SOON, credential="a9"), attest("B"),
    attest(principles=QUESTIONED, credential="a8"),
    *(end("revoke", each) for each in ("a-A", "a9", "a-B", "a8", "l")),
    label(), label("a-B", credential="l2"), label("a9", SOON, "l3"), label("a-A", SOON, "l4"),
    end("unlabel", "l"), end("unlabel", "l2"), act("hide"), act("unhide"),
    act("charter", "", version="2018"), act("charter", "", version="2030"),
    act("leave", ORME, after="left"), act("accept", ORME, after="member"),
    act("leave", after="left"), act("accept", after="member"),
    act("suspend", PIE, after="suspended"), act("restore", PIE, after="member"),
]  # fmt: skip
LOGS = st.lists(st.sampled_from(MOVES), max_size=25)


@dataclass
class Slow:
    """What a log holds, found the slow way: every credential looked up apart from the fold."""

    held: dict[str, str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    alive: dict[str, Act] = field(default_factory=dict)
    statement: Act | None = None
    since: str = ""
    was_declared: bool = False
    charter: str = ""
    hidden: bool = False

    def hear(self, act: Act) -> None:
        """One line more."""
        named = act.facts.get("credential", "")
        if act.act == "charter":
            self.charter = act.facts["version"]
        elif act.act == "declare":
            before = self.statement.facts["digest"] if self.statement else ""
            if act.facts["digest"] != before:
                self.since = datetime.fromtimestamp(act.at / 1000, UTC).date().isoformat()
            self.statement, self.was_declared = act, True
        elif act.act == "withdraw":
            self.statement = None
        elif act.act in {"hide", "unhide"}:
            self.hidden = act.act == "hide"
        elif act.act in {"endorse", "attest", "label"}:
            who = act.facts.get("endorser", "")
            if named not in {*self.dead, *self.alive} and (not who or self.held[who] == "member"):
                self.alive[named] = act
        elif act.act in {"revoke", "unendorse", "unlabel"}:
            wanted = act.act.removeprefix("un")
            if act.act == "revoke" or named not in self.alive or self.alive[named].act == wanted:
                self.end(named)
        else:
            self.held[act.subject] = act.after["membership"]
            for name, grant in list(self.alive.items()):
                if self.held[act.subject] == "left" and act.subject in {
                    ME, grant.facts.get("endorser"),
                }:  # fmt: skip
                    self.end(name)

    def end(self, credential: str) -> None:
        """For good."""
        self.alive.pop(credential, None)
        self.dead.add(credential)

    def of(self, kind: str, **facts: str) -> list[Act]:
        """What is alive of a kind, with those facts."""
        return [
            each for each in self.alive.values()
            if each.act == kind and all(each.facts[name] == value for name, value in facts.items())
        ]  # fmt: skip


def justified(acts: Sequence[Act], today: date) -> str:
    """The standing that a log gives, found the slow way."""
    log, day = Slow(), today.isoformat()
    for each in acts:
        log.hear(each)
    if log.statement is None:
        return "withdrawn" if log.was_declared else "none"
    facts = log.statement.facts
    if day > facts["valid_until"]:
        return "lapsed"
    if log.charter and facts["charter"] != log.charter:
        return "outdated"
    mine = log.of("attest", digest=facts["digest"])
    whole = [each for each in log.of("attest") if each.facts["principles"] == PRINCIPLES]
    others = [each for each in whole if log.since <= each.facts["valid_until"]]
    last = [*others, *mine][-1:] if mine or others else []
    if last and last[0] in whole:
        if day > last[0].facts["valid_until"]:
            return "lapsed"
        if not mine:
            return "outdated"
        labels = log.of("label", attestation=last[0].facts["credential"])
        valid = [each for each in labels if day <= each.facts["valid_until"]]
        return "labelled" if valid and not log.hidden else "attested"
    vouched = [
        each for each in log.of("endorse", digest=facts["digest"])
        if log.held[each.facts["endorser"]] == "member" and day <= each.facts["valid_until"]
    ]  # fmt: skip
    return "endorsed" if vouched else "declared"


@settings(max_examples=600)
@given(LOGS, st.integers(0, 500))
def test_no_log_gives_what_it_does_not_justify(moves: list[Act], days: int) -> None:
    """Whatever is said, again, late or in another order: the fold and the slow way agree."""
    acts, day = [*JOINED, *moves], TODAY + timedelta(days=days)
    standing, because = shown(acts, day)
    assert standing == justified(acts, day)
    assert standing in STANDINGS and because in BECAUSE


@settings(max_examples=200)
@given(LOGS)
def test_periods_are_every_day_just_once(moves: list[Act]) -> None:
    """They follow each other without a gap, differ, and say what holds on each of their days."""
    facts = vouching.read(ME, [*JOINED, *moves])
    found = periods(facts)
    assert found[0].from_date == date.min and found[-1].until_date == date.max
    for one, two in pairwise(found):
        assert two.from_date == one.until_date + timedelta(days=1)
        assert one[2:] != two[2:]
    for each in found:
        for day in (each.from_date, each.until_date):
            assert on(facts, day) == (each.standing, each.because)


@settings(max_examples=200)
@given(LOGS, st.data())
def test_what_comes_again_changes_nothing(moves: list[Act], data: st.DataObject) -> None:
    """A credential that was given or ended before is passed over the second time."""
    again = [each for each in moves if "credential" in each.facts]
    if not again:
        return
    late = data.draw(st.sampled_from(again))
    acts = [*JOINED, *moves]
    if late.act in {"endorse", "attest", "label"}:
        ended = vouching.read(ME, acts).ended | {
            each.credential for each in vouching.read(ME, acts).given()
        }
        if late.facts["credential"] in ended:
            assert shown([*acts, late]) == shown(acts)
    else:
        assert shown([*acts, late, late]) == shown([*acts, late])


def event_of(move: Act, changed: bool) -> str:
    """What the table calls a move."""
    if move.act == "declare":
        return "change" if changed else "declare"
    return move.act


def walk(rng: random.Random, steps: int) -> Iterator[tuple[str, str, str]]:
    """A log that grows while days pass: (standing, event, standing after it)."""
    facts, day = vouching.read(ME, JOINED), TODAY
    for _ in range(steps):
        before = on(facts, day)[0]
        if rng.random() < 0.1:
            day += timedelta(days=rng.choice((1, 150, 200)))
            yield before, "day", on(facts, day)[0]
            continue
        move = rng.choice(MOVES)
        now = vouching.one_more(facts, ME, replace(move, at=act("x", day=day).at))
        changed = facts.statement is not None and facts.statement != now.statement
        facts = now
        yield before, event_of(move, changed), on(facts, day)[0]


def test_every_step_is_in_the_table_and_every_row_is_walked() -> None:
    """Thousands of logs, always the same ones."""
    rng = random.Random(4)
    told: dict[tuple[str, str], frozenset[str]] = {**TRANSITIONS}  # type: ignore[dict-item]
    seen: set[tuple[str, str]] = set()
    for _ in range(2500):
        for before, event, after in walk(rng, 25):
            if before != after:
                assert after in told.get((before, event), ()), (before, event, after)
                seen.add((before, event))
    assert seen == set(told)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({("none", "dance"): frozenset({"declared"})}, "unknown word"),
        ({("none", "declare"): frozenset({"gold"})}, "unknown word"),
        ({("declared", "day"): frozenset({"declared"})}, "says nothing"),
    ],
)
def test_a_wrong_table_stops_the_program(
    entry: dict[Any, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody knows is named when the table is loaded."""
    monkeypatch.setattr(ladder, "TRANSITIONS", TRANSITIONS | entry)
    with pytest.raises(ValueError, match=words):
        ladder._check()


def test_a_standing_out_of_reach_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """As does an event that changes nothing."""
    fewer: dict[Any, Any] = {key: to - {"labelled"} for key, to in TRANSITIONS.items()}
    monkeypatch.setattr(ladder, "TRANSITIONS", fewer)
    with pytest.raises(ValueError, match="nothing leads to 'labelled'"):
        ladder._check()
    fewer = {key: to for key, to in TRANSITIONS.items() if key[1] != "hide"}
    monkeypatch.setattr(ladder, "TRANSITIONS", fewer)
    with pytest.raises(ValueError, match="'hide' changes nothing"):
        ladder._check()
    assert {event for _, event in TRANSITIONS} == set(EVENTS)
