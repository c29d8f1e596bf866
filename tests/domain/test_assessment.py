"""What a draft needs yet, what it becomes, and how it meets what was published meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain import assessment
from pecfed.domain.assessment import Draft
from pecfed.domain.statement import Declared, Statement
from pecfed.language.charter import charter
from pecfed.language.schema import is_valid

ME = "https://velo.example/actors/velo"
WHY = {"fr": "Une personne, une voix."}
TODAY = date(2026, 11, 24)


def said(commitment: str, level: str = "practised", text: str = "Une voix.") -> Declared:
    """A whole answer."""
    return Declared(commitment, level, {"fr": text})


def stating(*answers: Declared, until: str = "2027-11-24") -> Statement:
    """A statement of those answers."""
    return Statement(ME, "2018", "2026-01-01", until, answers)


@pytest.mark.parametrize(
    ("answer", "needs"),
    [
        (Declared("data-1", "", WHY), "level"),
        (Declared("data-1", "splendid", WHY), "level"),
        (Declared("data-1", "practised"), "evidence"),
        (Declared("data-1", "practised", evidence=("https://x.example",)), None),
        (Declared("data-1", "practised", WHY), None),
        (Declared("data-1", "in-progress", evidence=("https://x.example",)), "explanation"),
        (Declared("data-1", "not-applicable", WHY), None),
        (Declared("data-1", "planned"), None),
    ],
)
def test_what_an_answer_needs_yet(answer: Declared, needs: str | None) -> None:
    """As the charter says for each level."""
    assert assessment.gap(answer, charter()) == needs


def test_progress_goes_on_with_what_is_begun() -> None:
    """Each commitment is complete, begun or silent; an emptied answer counts as silent."""
    draft = Draft(
        answers={
            "governance-1": said("governance-1"),
            "governance-2": Declared("governance-2", ""),
            "data-2": Declared("data-2", "in-progress"),
        }
    )
    found = assessment.progress(draft, charter())
    assert found.complete == ("governance-1",)
    assert found.unfinished == {"data-2": "explanation"}
    assert len(found.silent) == 15
    assert found.next == "data-2"
    assert assessment.progress(Draft(), charter()).next == "governance-1"


def test_what_a_form_gives_is_made_tidy() -> None:
    """Blank lines and spaces go, line ends and accents have one form, each link stands once."""
    found = assessment.written(
        "data-1",
        " practised",
        {"fr": " de\u0301mocratie\r\nlocale\u202e ", "en": " \n"},
        [" https://x.example ", "", "https://x.example"],
    )
    assert found == Declared(
        "data-1", "practised", {"fr": "démocratie\nlocale"}, ("https://x.example",)
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said("data-1", "splendid"), ("level", "splendid")),
        (said("data-1", text="x" * 10_001), ("too_long", "fr")),
        (
            Declared("data-1", "practised", {}, tuple(f"https://x.example/{n}" for n in range(21))),
            ("too_many", "20"),
        ),
        (Declared("data-1", "practised", {}, ("javascript:alert(1)",)),
         ("no_address", "javascript:alert(1)")),
        (Declared("data-1", "practised", {}, ("https://me:pw@x.example",)),
         ("no_address", "https://me:pw@x.example")),
        (Declared("data-1", "practised", {}, ("https://x.example/a\n",)),
         ("no_address", "https://x.example/a\n")),
    ],
)  # fmt: skip
def test_what_cannot_be_kept(answer: Declared, words: tuple[str, str]) -> None:
    """It is named, never cut in silence."""
    assert assessment.wrong(answer, charter()) == (words,)
    assert assessment.wrong(Declared("data-1", ""), charter()) == ()


def test_a_statement_has_what_is_complete_in_the_order_of_the_charter() -> None:
    """And is valid for a year unless another end was chosen."""
    answers = [said("data-1"), said("governance-1"), Declared("commons-1", "in-progress")]
    draft = Draft(answers={each.commitment: each for each in answers})
    made = assessment.statement(draft, charter(), ME, date(2028, 2, 29))
    assert [each.commitment for each in made.commitments] == ["governance-1", "data-1"]
    assert (made.declared, made.valid_until, made.charter) == ("2028-02-29", "2029-02-28", "2018")
    assert assessment.ends(TODAY) == ("2027-11-24", "2028-11-24", "2029-11-24")
    later = assessment.statement(replace(draft, valid_until="2028-11-24"), charter(), ME, TODAY)
    assert later.valid_until == "2028-11-24"


IDS = tuple(each.id for each in charter().commitments)[:4]
LEVELS = st.sampled_from(["", "practised", "in-progress", "planned", "not-applicable"])
FORMS = st.builds(
    assessment.written,
    st.sampled_from(IDS),
    LEVELS,
    st.dictionaries(st.sampled_from(["fr", "en"]), st.text(max_size=20)),
    st.lists(st.text(max_size=30) | st.just("https://x.example/a"), max_size=3),
)


@given(st.lists(FORMS, max_size=6))
def test_what_is_complete_and_not_wrong_breaks_no_schema(answers: list[Declared]) -> None:
    """Whatever is typed: what a draft takes and calls complete can be published."""
    good = [each for each in answers if not assessment.wrong(each, charter())]
    draft = Draft(answers={each.commitment: each for each in good})
    made = assessment.statement(draft, charter(), ME, TODAY)
    note = {"type": "Note", "id": f"{ME}/1", "attributedTo": ME}
    if made.commitments:
        assert is_valid("statement", note | {"charterStatement": made.to_value()})


def test_a_draft_takes_what_was_published_since() -> None:
    """What it left alone follows, what it changed stays; what both changed is named."""
    base = stating(said("governance-1"), said("data-1"), said("data-2"), said("data-3"))
    draft = Draft.of(base)
    mine = dict(draft.answers)
    mine |= {"data-1": said("data-1", text="moi"), "data-2": said("data-2", text="moi")}
    del mine["data-3"]
    file = stating(
        said("governance-1", "planned"), said("data-1", text="fichier"), said("data-2"),
        said("data-3"), said("commons-1"), until="2028-01-01",
    )  # fmt: skip
    found, both = assessment.catch_up(replace(draft, answers=mine), base, file)
    assert both == ("data-1",)
    assert {id_: item.explanation["fr"] for id_, item in found.answers.items()} == {
        "governance-1": "Une voix.", "data-1": "moi", "data-2": "moi", "commons-1": "Une voix.",
    }  # fmt: skip
    assert found.answers["governance-1"].level == "planned"
    assert found.valid_until == "2028-01-01"
    assert found.based_on == Draft.of(file).based_on
    again, none = assessment.catch_up(found, file, file)
    assert (again, none) == (found, ())


def test_a_draft_outlives_a_statement_that_was_withdrawn() -> None:
    """All of it stays, and begins anew."""
    draft = Draft.of(stating(said("data-1")))
    assert assessment.catch_up(draft, stating(said("data-1")), None) == (
        replace(draft, based_on=""),
        (),
    )


OLD, NEW = stating(said("data-1")), stating(said("data-1", "planned"))
REDATED = replace(OLD, declared="2026-11-24")


@pytest.mark.parametrize(
    ("asked", "published", "in_admin", "verdict"),
    [
        (NEW, OLD, False, "publish"),  # the file was the last
        (OLD, NEW, True, "keep"),  # the admin was, and the file says what it said before
        (REDATED, NEW, True, "keep"),  # a day alone is nothing new
        (None, NEW, True, "keep"),  # it leaves the charter out: that withdraws nothing
        (NEW, NEW, True, "publish"),  # both say the same now
        (stating(said("data-2")), NEW, True, "conflict"),  # both were changed
        (OLD, None, True, "publish"),  # withdrawn
    ],
)
def test_which_of_file_and_admin_is_newer(
    asked: Statement | None, published: Statement | None, in_admin: bool, verdict: str
) -> None:
    """What a file asked for last tells whether it was changed since."""
    mark = assessment.mark(OLD)
    found = assessment.verdict(asked, published, in_admin=in_admin, file_mark=mark)
    assert found == verdict
