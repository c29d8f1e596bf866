"""The log: lines that are bound to each other, and a copy that can't be changed unseen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain import log
from pecfed.domain.log import BEGINNING, ROLES, Act, BadLineError, person, verify_lines
from pecfed.language.canonical import canonical

NOW = 1_795_424_400_000
LILAS = "https://lilas.example/actors/lilas"
SALT = "ab" * log.SALT


def act(name: str = "accept", **more: Any) -> Act:
    """An operator's act about Lilas."""
    values: dict[str, Any] = {"at": NOW, "act": name, "subject": LILAS, "by": "operator"}
    return Act(**values | more)


def copy_of(*acts: Act) -> list[str]:
    """A copy of the log that these acts make, without a head."""
    lines, previous = [], BEGINNING
    for number, each in enumerate(acts, 1):
        line = log.write(each, number, previous, "2026-11-23T09:00:00.000Z", SALT)
        lines.append(log.row(line.entry, line.hash))
        previous = line.hash
    return lines


def some(count: int = 5) -> list[str]:
    return copy_of(*(act(facts={"number": number}) for number in range(count)))


def refused(lines: Sequence[str | bytes], **more: Any) -> int:
    """The number of the line that a copy is refused for."""
    with pytest.raises(BadLineError) as caught:
        verify_lines(lines, **more)
    assert str(caught.value).startswith(f"line {caught.value.number}: ")
    return caught.value.number


def headed(lines: list[str], **more: Any) -> list[str]:
    """The copy with a head at its end."""
    last = json.loads(lines[-1])["hash"] if lines else BEGINNING
    return [*lines, json.dumps({"logHead": {"lines": len(lines), "hash": last} | more})]


def test_an_untouched_copy_is_what_it_says() -> None:
    """Its lines are counted, its head is handed over; line ends don't matter."""
    lines = some()
    found = verify_lines(lines)
    assert (found.lines, found.hash, found.head) == (5, json.loads(lines[-1])["hash"], None)
    assert verify_lines([f"{line}\r\n".encode() for line in lines]) == found
    whole = verify_lines(headed(lines))
    assert whole.head == {"logHead": {"lines": 5, "hash": found.hash}}
    assert verify_lines([]).lines == verify_lines(headed([])).lines == 0
    heads = {0: BEGINNING, 3: json.loads(lines[2])["hash"]}
    assert verify_lines(lines, heads=heads) == found


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_line_that_is_missing_moved_or_altered_is_named(number: int) -> None:
    """Whichever it is, the last one included."""
    lines = some()
    assert refused(headed(lines)[: number - 1] + headed(lines)[number:]) == number
    altered = lines[number - 1].replace("operator", "0perator")
    assert refused([*lines[: number - 1], altered, *lines[number:]]) == number
    if number < 5:
        swapped = [*lines]
        swapped[number - 1 : number + 1] = reversed(swapped[number - 1 : number + 1])
        assert refused(swapped) == number
    assert refused([*lines[:number], *lines[number - 1 :]]) == number + 1


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_line_made_anew_is_named_where_the_chain_breaks(number: int) -> None:
    """Who forges one with a right hash breaks the next, or no longer meets the signed head."""
    lines = some()
    entry = json.loads(lines[number - 1])["entry"] | {"reason": "abuse"}
    text = canonical(entry)
    forged = [*lines]
    forged[number - 1] = log.row(text.decode(), log.digest(text))
    last = json.loads(lines[-1])["hash"]
    assert refused(forged, heads={5: last}) == min(number + 1, 5)
    assert refused([*forged, headed(lines)[-1]]) == min(number + 1, 5)


def test_a_copy_that_ends_too_soon_or_too_late() -> None:
    """Against its own head, and against one that was kept from before."""
    lines, last = some(), json.loads(some()[-1])["hash"]
    assert refused([*lines[:3], headed(lines)[-1]]) == 4
    assert refused([*lines, headed(lines[:3])[-1]]) == 4
    assert refused(lines[:3], heads={5: last}) == 4
    assert refused(headed(lines, hash=BEGINNING)) == 5
    assert refused([*headed(lines), lines[0]]) == 7
    assert refused([*lines, '{"logHead": {}}']) == 6
    assert refused([*lines, '{"logHead": {"lines": true}}']) == 6


@pytest.mark.parametrize(
    "line",
    [
        "", "{}", "[]", "nonsense", "\x00", b"\xff\xfe", "{" * 5000, '{"entry":' + "[" * 9000,
        '{"entry":{},"hash":"x"}', '{"entry":{"line":1},"hash":"' + "0" * 64 + '"}',
        '{"entry":{' + " " * 200_000 + '},"hash":"' + "0" * 64 + '"}',
    ],
)  # fmt: skip
def test_whatever_stands_in_a_copy_is_refused_with_its_number(line: str | bytes) -> None:
    """Nothing but a line of a log is taken for one."""
    assert refused([*some(2), line, *some(5)[3:]]) == 3


@given(st.integers(0, 4), st.data())
def test_no_byte_can_be_changed_unseen(number: int, data: st.DataObject) -> None:
    """Any one byte of any line."""
    lines: list[bytes] = [line.encode() for line in some()]
    line = bytearray(lines[number])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    lines[number] = bytes(line)
    if lines[number].rstrip(b"\r\n") != some()[number].encode():
        assert refused(lines) == number + 1


def test_what_is_private_is_only_sealed() -> None:
    """An account's name, a message, a whole act: in the line there is a salted digest."""
    public = act(by="operator:ANNE", private={"message": "Entre nous."})
    secret = act(
        "refuse", by="reviewer:ANNE", reason="abuse", is_public=False, facts={"a": 1},
        before={"b": 2}, after={"c": 3}, private={"message": "Non."},
    )  # fmt: skip
    for each in (public, secret):
        line = log.write(each, 1, BEGINNING, "2026-11-23T09:00:00.000Z", SALT)
        assert "ANNE" not in line.entry and "message" not in line.entry
        assert json.loads(line.entry)["sealed"] == log.seal(line.content, SALT)
        assert log.seal(line.content, "cd" * log.SALT) != log.seal(line.content, SALT)
        assert log.read(NOW, line.entry, line.content) == each
    entry = json.loads(log.write(secret, 1, BEGINNING, "t", SALT).entry)
    assert set(entry) == {"line", "at", "previous", "sealed"}
    assert log.read(NOW, json.dumps(entry), "") is None
    line = log.write(public, 1, BEGINNING, "t", SALT)
    left = log.read(NOW, line.entry, "")
    assert left is not None and (left.by, left.private) == ("operator", {})


def test_nothing_private_needs_no_seal() -> None:
    """And an act of an actor names it."""
    line = log.write(act("leave", by=LILAS), 1, BEGINNING, "t", SALT)
    assert (line.content, line.salt) == ("", "")
    assert json.loads(line.entry)["by"] == LILAS


@pytest.mark.parametrize(
    "wrong",
    [act(by=""), act(""), act(facts={"a": "x" * 70_000}), act(facts={"a": float("nan")})],
)
def test_what_cannot_be_a_line(wrong: Act) -> None:
    """Nobody did it, nothing was done, there is too much of it, or JSON can't say it."""
    with pytest.raises(ValueError, match=r"."):
        log.write(wrong, 1, BEGINNING, "t", SALT)


def test_a_person_is_one_in_each_role() -> None:
    """Nothing but a role is taken for one, or two actors could pass for one and one for two."""
    assert {person(f"{role}:ANNE") for role in ROLES} == {"ANNE"}
    for whole in (*ROLES, "ANNE", "reviewer:", "curator:ANNE", LILAS, "Reviewer:ANNE"):
        assert person(whole) == whole
