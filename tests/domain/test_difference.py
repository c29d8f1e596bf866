"""The difference between two versions: nothing is lost, nothing is invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.difference import MAX_WORDS, Piece, difference, pieces
from pecfed.domain.statement import Declared, Statement
from tests.things import statement

TEXT = st.text(alphabet="ab \n", max_size=30)


@given(TEXT, TEXT)
def test_both_versions_can_be_read_from_the_pieces(before: str, now: str) -> None:
    """What stayed and went is the old text, what stayed and came the new one."""
    found = pieces(before, now)
    old = "".join(each.text for each in found if each.mark != "added")
    new = "".join(each.text for each in found if each.mark != "removed")
    assert (old.split(), new.split()) == (before.split(), now.split())


def test_a_word_that_changed() -> None:
    """Is shown between those that stayed."""
    assert pieces("une personne, une voix", "une personne, deux voix") == [
        Piece("kept", "une personne,"),
        Piece("removed", " une"),
        Piece("added", " deux"),
        Piece("kept", " voix"),
    ]
    long = "mot " * (MAX_WORDS + 1)
    assert [each.mark for each in pieces("mot", long)] == ["removed", "added"]


def test_commitment_by_commitment() -> None:
    """In the order of the charter: what is new, gone, changed, the same."""
    before = statement(
        commitments=(
            Declared("data-1", "planned"),
            Declared("governance-1", "in-progress", {"fr": "Bientôt."}, ("https://x.example/a",)),
            Declared("value-1", "planned"),
        )
    )
    now = statement(
        commitments=(
            Declared("governance-1", "practised", {"fr": "Bientôt.", "en": "Soon."},
                     ("https://x.example/b",)),
            Declared("value-1", "planned"),
            Declared("commons-1", "planned"),
        )
    )  # fmt: skip
    found = difference(before, now, ("governance-1", "value-1", "data-1", "commons-1"))
    assert [(each.commitment, each.what) for each in found] == [
        ("governance-1", "changed"),
        ("value-1", "same"),
        ("data-1", "gone"),
        ("commons-1", "new"),
    ]
    first = found[0]
    assert first.level_changed
    assert (first.added, first.removed) == (("https://x.example/b",), ("https://x.example/a",))
    assert first.texts == {"fr": [Piece("kept", "Bientôt.")], "en": [Piece("added", "Soon.")]}


def test_the_first_version_is_all_new() -> None:
    """There is nothing to compare it with."""
    assert {each.what for each in difference(None, statement())} == {"new"}
    assert {each.what for each in difference(statement(), statement())} == {"same"}


DECLARED = st.builds(
    Declared,
    st.sampled_from(["governance-1", "data-1", "value-1", "commons-1"]),
    st.sampled_from(["practised", "planned"]),
    st.dictionaries(st.sampled_from(["fr", "en"]), TEXT.filter(bool), max_size=2),
    st.tuples(st.sampled_from(["https://x.example/a", "https://x.example/b"])),
)
STATEMENT = st.lists(DECLARED, max_size=4, unique_by=lambda each: each.commitment).map(
    lambda items: statement(commitments=tuple(items))
)


@given(STATEMENT, STATEMENT)
def test_each_commitment_stands_there_once(before: Statement, now: Statement) -> None:
    """And `same` means the same."""
    found = difference(before, now)
    ids = [each.commitment for each in found]
    assert sorted(ids) == sorted({e.commitment for s in (before, now) for e in s.commitments})
    for each in found:
        assert (each.what == "same") == (each.before == each.now)
