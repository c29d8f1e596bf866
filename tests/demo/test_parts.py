"""What the demo is made of: its cast, its way of waiting, what it draws on a terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from pecfed.demo.community import Community, Part, in_its_dates, read_community, size
from pecfed.demo.outside import NotArrivedError, Seen, until
from pecfed.demo.progress import Progress
from pecfed.domain.content import Content, kind_of
from pecfed.domain.statement import Statement
from pecfed.domain.wanted import difference
from pecfed.store.paging import DEFAULT_LIMIT
from tests.demo.runs import COMMUNITY


@dataclass
class Published:
    """Something that is published already."""

    content: Content


@pytest.fixture(scope="module")
def community() -> Community:
    """The cast, from port 7000 on."""
    return read_community(COMMUNITY, 7000)


def test_each_has_an_address_of_its_own(community: Community) -> None:
    """The hub comes first, the members in the order of their names after it."""
    assert size(COMMUNITY) == len(community.parts) == 6
    assert community.hub.handle == "communs@127.0.0.1:7000"
    assert [part.name for part in community.members] == sorted(p.name for p in community.members)
    assert [part.url for part in community.parts] == [
        f"http://127.0.0.1:{7000 + place}" for place in range(6)
    ]


def test_the_second_act_is_one_of_each(community: Community) -> None:
    """One event more, one resource corrected, one withdrawn, and nothing else."""
    before: Part = community.changed
    found = difference(
        community.after,
        before.wanted.profile,
        [Published(content) for content in before.wanted.contents],
    )
    assert found.profile is None
    assert [(c.verb, c.kind, c.uid) for c in (*found.changes, *found.gone)] == [
        ("create", "event", "tour-2027"),
        ("update", "resource", "tournees"),
        ("delete", "resource", "guide-accueil"),
    ]


def test_the_third_act_shows_five_standings(community: Community) -> None:
    """Two vouch for one, three are attested, one of them changes its statement and no more."""
    said = community.vouching
    assert sorted(said.standing.values()) == [
        "attested", "declared", "endorsed", "labelled", "outdated",
    ]  # fmt: skip
    assert {each.of.name for each in said.endorsing} == {"toits"}
    assert len({each.by.name for each in said.endorsing}) == 2
    assert [each.of.name for each in said.attesting if each.label] == ["velo"]
    found = difference(
        said.after,
        said.changed.wanted.profile,
        [Published(content) for content in said.changed.wanted.contents],
    )
    assert found.profile is None and not found.gone
    assert [(c.verb, c.kind) for c in found.changes] == [("update", "statement")]


def test_a_statement_that_is_over_is_played_in_another_year() -> None:
    """The demo doesn't end on the day on which its statements do."""
    statement = Statement("x", "2018", "2026-11-21", "2027-05-31", ())
    assert in_its_dates(statement, date(2027, 5, 31)) == statement
    later = in_its_dates(statement, date(2029, 6, 1))
    assert (later.declared, later.valid_until) == ("2029-11-21", "2030-05-31")


def test_the_cast_fits_on_one_page_of_each_list(community: Community) -> None:
    """The demo looks for everything on the first page of a list."""
    contents = [content for part in community.parts for content in part.wanted.contents]
    for kind in ("event", "resource"):
        assert sum(kind_of(content) == kind for content in contents) < DEFAULT_LIMIT
    assert len(community.members) + len(community.invited) < DEFAULT_LIMIT


async def test_waiting_ends_when_nothing_is_missing() -> None:
    """It asks as often as it takes."""
    answers = [["a", "b"], ["b"], []]

    async def missing() -> Sequence[str]:
        return answers.pop(0)

    await until(missing, seconds=10, pause=0, what="never told")
    assert answers == []


async def test_what_did_not_arrive_is_named() -> None:
    """The first eight of it, and how many more."""

    async def missing() -> Sequence[str]:
        return [f"event {number}" for number in range(10)]

    with pytest.raises(NotArrivedError) as caught:
        await until(missing, seconds=0, pause=0, what="this didn't arrive at the hub")
    assert caught.value.message == (
        "this didn't arrive at the hub within 0 s: event 0, event 1, event 2, event 3, "
        "event 4, event 5, event 6, event 7 and 2 more"
    )


def test_figures_are_counted_from_what_the_api_lists() -> None:
    """A statement is one that somebody listed has made."""
    seen = Seen(
        members=[
            {"membership": "member", "statement": {"charter": "2018"}},
            {"membership": "member", "statement": None},
            {"membership": "invited", "statement": None},
        ],
        events=[{"member": "a@b", "uid": "x"}],
        resources=[{"member": "a@b", "uid": "x"}, {"member": "a@b", "uid": "y"}],
    )
    assert seen.figures() == {
        "members": 2, "invited": 1, "statements": 1, "events": 1, "resources": 2,
    }  # fmt: skip
    assert seen.items() == {
        ("event", "a@b", "x"), ("resource", "a@b", "x"), ("resource", "a@b", "y"),
    }  # fmt: skip


class Terminal(io.StringIO):
    """A terminal that keeps what is drawn on it."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("no width to be known")


def test_a_terminal_gets_a_line_that_fills_up() -> None:
    """Each line wipes the one that was drawn before; none is wider than the terminal."""
    terminal = Terminal()
    progress = Progress(terminal)
    progress.fill({"members": (1, 4)})
    progress.fill({"members": (4, 4), "x" * 100: (0, 0)})
    progress.tell("everything is there")
    progress.say("the end")
    first, second, third = terminal.getvalue().split("\r\x1b[2K")
    assert first == "███░░░░░░░░░ members 1/4"
    assert second.startswith("████████████ members 4/4 · xxx")
    assert len(second) == 79
    assert third == "  0.0 s  everything is there\nthe end\n"


def test_a_file_gets_whole_lines_in_its_own_letters() -> None:
    """No drawing, and a letter that the stream hasn't doesn't end the demo."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    progress = Progress(stream)
    progress.fill({"members": (1, 4)})
    progress.say("Vélo")
    assert raw.getvalue() == b"V?lo\n"
